import type { Answer, Command, CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { UserId } from '../model/ids.ts'
import { perform } from '../bridge/perform.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { syntaxOf, usage } from './command.ts'
import { allCommands } from './help.ts'
import { nearest } from './nearest.ts'
import { fits, readTyped } from './read-input.ts'
import { withoutRoom } from './without-room.ts'
import { quote } from './words.ts'

/** What a line came to that was typed at the machine itself. */
export type Typed = { readonly end: 'done' | 'usage' | 'failed'; readonly text: string }

/** Those that are about the bridge, not about whoever types them. */
const adminCommands: readonly Command[] = allCommands.filter(({ group }) => group === 'Admin')

const line = (command: Command): string => `${syntaxOf(command)}\n  ${command.help}`

const overview = (): string =>
  adminCommands
    .filter(({ takesFile }) => takesFile !== true)
    .map(line)
    .join('\n')

/** The command of that name; or why there is none here. */
function find(name: string): { readonly command: Command } | { readonly none: Typed } {
  const command = adminCommands.find((one) => one.name === name.toLowerCase())
  if (command === undefined) return { none: unknown(name) }
  if (command.takesFile !== true) return { command }
  const text = `${quote(command.name)} takes a file: ask the bot in your chat with it.`
  return { none: { end: 'usage', text } }
}

function help([name]: readonly string[]): Typed {
  if (name === undefined) return { end: 'done', text: overview() }
  const found = find(name)
  if ('none' in found) return found.none
  const { command } = found
  const more = command.more === undefined ? [] : [command.more]
  return { end: 'done', text: [line(command), ...more].join('\n') }
}

const unknown = (name: string): Typed => {
  const guess = nearest(
    name,
    adminCommands.map((one) => one.name),
  )
  const next =
    guess === undefined
      ? '`footbridge admin` lists what there is.'
      : `Did you mean ${quote(guess)}?`
  return { end: 'usage', text: `There is no ${quote(name)} here. ${next}` }
}

/** In no room: answers go to where they were typed. */
const contextOf = (sender: UserId, deps: Deps): CommandContext =>
  withoutRoom(sender, { eventId: '$console', roomId: '!console' }, deps)

async function done({ text, actions = [] }: Answer, deps: Deps): Promise<Typed> {
  await deps.store.commit(await perform(actions, { isRepeated: false }, deps))
  return { end: 'done', text }
}

/** Does one of the commands for admins that somebody typed at the machine, and answers there. */
export const answerTyped = (words: readonly string[], deps: Deps): Promise<Typed> =>
  answerAs(deps.identity.bot, words, deps)

/**
 * Does one of the commands for admins for that user, with no message in any room. Never throws for what
 * a person can mend. Who calls it has looked whether they may.
 */
export async function answerAs(
  sender: UserId,
  words: readonly string[],
  deps: Deps,
): Promise<Typed> {
  const [name = 'help', ...rest] = words
  if (name === 'help') return help(rest)
  const found = find(name)
  if ('none' in found) return found.none
  const { command } = found
  const input = readTyped(command, rest)
  if (!fits(command, input)) return { end: 'usage', text: usage(command).text }
  try {
    const result = await command.run(input, contextOf(sender, deps))
    if ('away' in result)
      return { end: 'failed', text: `${result.away.host} does not answer right now. Try it later.` }
    if (result.text === usage(command).text) return { end: 'usage', text: result.text }
    return await done(result, deps)
  } catch (error) {
    if (error instanceof RejectedError && error.tell !== undefined)
      return { end: 'failed', text: error.tell }
    const isKnown = error instanceof TransientError || error instanceof RejectedError
    if (!isKnown) deps.log.error({ err: error, command: command.name }, 'a command failed')
    const why = error instanceof Error ? error.message : String(error)
    return { end: 'failed', text: `This did not work: ${why}.` }
  }
}
