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

/** Below a heading of that level. */
function entry(command: Command, level: string): string {
  const examples = command.examples.map((example) => `    ${example}`).join('\n')
  const more = command.more === undefined ? '' : ` ${command.more}`
  return `${level} \`${syntaxOf(command)}\`\n\n${command.help}${more}\n\n${examples}\n`
}

const isForAdmins = ({ permission }: Command): boolean => permission === 'admin'

const adminHead = `## For administrators

Only those whom the configuration names as \`admin\` see and may use these. The bridge that runs takes them from
the terminal, too ([operating.md](operating.md#from-the-terminal)).
`

/** The committed `docs/commands.md`, from the table: for everybody by group, then for administrators. */
export function printCommands(): string {
  const groups = commandGroups.flatMap((group) => {
    const entries = allCommands
      .filter((command) => command.group === group && !isForAdmins(command))
      .map((command) => entry(command, '####'))
    return entries.length === 0 ? [] : [`### ${group}\n\n${entries.join('\n')}`]
  })
  const forAdmins = allCommands.filter(isForAdmins).map((command) => entry(command, '###'))
  return [head, '## For people on Matrix\n', ...groups, adminHead, ...forAdmins].join('\n')
}
