import { commandGroups, syntaxOf, type Command } from './command.ts'
import { allCommands } from './help.ts'

const head = `# Commands

Write these to the bridge's bot in a chat with it; \`!follow\` works there as well as \`follow\`. In
any other room where the bot is, begin with \`!ap\` (the administrator may have chosen another
word). A message that begins with \`!\` never leaves Matrix, and neither do the answers.

An account is named by its address (\`@user@host\`), by the link of its profile, or by the name that
your client completes when the account is in a room with you.

A server that does not answer is tried again for a day; you are told what came of it.
`

function entry(command: Command): string {
  const examples = command.examples.map((example) => `    ${example}`).join('\n')
  const more = command.more === undefined ? '' : ` ${command.more}`
  const access = command.permission === 'admin' ? ' For administrators.' : ''
  return `### \`${syntaxOf(command)}\`\n\n${command.help}${more}${access}\n\n${examples}\n`
}

/** The committed `docs/commands.md`, from the table. */
export function printCommands(): string {
  const groups = commandGroups.flatMap((group) => {
    const entries = allCommands.filter((command) => command.group === group).map(entry)
    return entries.length === 0 ? [] : [`## ${group}\n\n${entries.join('\n')}`]
  })
  return [head, ...groups].join('\n')
}
