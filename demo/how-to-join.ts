import type { Stage } from './stage.ts'

/** What to type to take part on either side; `actor` is alice's id on the fediverse. */
export function howToJoin(stage: Stage, actor: string): readonly string[] {
  const { alice, password, fediverse, handle, botId } = stage
  return [
    'Now you: all of it stays up, and what happens is shown below. Ctrl-C ends it.',
    '',
    'On Matrix, log in with any client that runs on this machine:',
    `  homeserver  ${alice.url}`,
    `  user        ${alice.userId}`,
    `  password    ${password}`,
    `Write in the rooms that are there, or "help" to ${botId}.`,
    '',
    `As bob (${fediverse.account('bob').handle}), to his followers:`,
    ...curl(fediverse.controlUrl, '{"as":"bob","content":"Hello from bob"}'),
    `and to ${handle} alone:`,
    ...curl(
      fediverse.controlUrl,
      '{"as":"bob","content":"Only for you","visibility":"direct",',
      `"mentions":["${actor}"]}`,
    ),
  ]
}

/** One command of two or more lines, ready to be pasted; JSON may be broken between its members. */
function curl(controlUrl: string, ...json: readonly [string, ...string[]]): readonly string[] {
  const lines = json.map((part) => `    ${part}`)
  return [`  curl ${controlUrl}/post -d '`, ...lines.slice(0, -1), `${lines.at(-1) ?? ''}'`]
}
