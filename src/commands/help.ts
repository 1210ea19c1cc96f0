import type { Command } from './command.ts'
import type { Permission } from '../bridge/ports.ts'
import { parseTarget } from '../model/names.ts'
import { commandGroups, syntaxOf, usage } from './command.ts'
import { nearest } from './nearest.ts'
import { commandTable } from './table.ts'
import { quote } from './words.ts'

const rank: Readonly<Record<Permission, number>> = { none: 0, follow: 1, user: 2, admin: 3 }

const mayUse = (command: Command, permission: Permission): boolean =>
  rank[permission] >= rank[command.permission]

const line = (command: Command): string => `\`${syntaxOf(command)}\` · ${command.help}`

function overview(permission: Permission, prefix: string): string {
  const groups = commandGroups.flatMap((group) => {
    const usable = allCommands.filter(
      (command) => command.group === group && mayUse(command, permission),
    )
    return usable.length === 0 ? [] : [`${group}\n${usable.map(line).join('\n')}`]
  })
  const elsewhere = `In other rooms, begin with \`${prefix}\`, as in \`${prefix} whoami\`.`
  return [...groups, elsewhere].join('\n\n')
}

function details(command: Command): string {
  const more = command.more === undefined ? [] : [command.more]
  const examples = command.examples.map((example) => `\`${example}\``).join(' or ')
  return [usage(command).text, ...more, `For example: ${examples}`].join('\n')
}

const help: Command = {
  name: 'help',
  args: '[command]',
  help: 'Shows all commands, or one of them.',
  examples: ['help', 'help follow'],
  group: 'Help',
  permission: 'follow',
  takes: [0, 1],
  doing: () => 'Reading the list of commands.',
  run: async ({ args: [name] }, { sender, deps }) => {
    const permission = deps.permissionOf(sender)
    if (name === undefined) return { text: overview(permission, deps.identity.commandPrefix) }
    const command = findCommand(name, permission)
    return { text: command === undefined ? unknownCommand(name, permission) : details(command) }
  },
}

/** Every command there is. */
export const allCommands: readonly Command[] = [...commandTable, help]

/** The command of that name, where that permission may use it. */
export const findCommand = (name: string, permission: Permission): Command | undefined =>
  allCommands.find(
    (command) =>
      command.name === name.toLowerCase().replace(/^!/, '') && mayUse(command, permission),
  )

/** A text in which every command that stands in backticks begins with the prefix. */
export const withPrefix = (text: string, prefix: string): string =>
  text.replace(/`([a-z-]+)(?=[ `])/g, (all, name: string) =>
    allCommands.some((command) => command.name === name) ? `\`${prefix} ${name}` : all,
  )

/** What somebody may have meant who wrote something else. */
export function unknownCommand(name: string, permission: Permission): string {
  const names = allCommands.filter((one) => mayUse(one, permission)).map((one) => one.name)
  const guess = parseTarget(name) === undefined ? nearest(name, names) : `follow ${short(name)}`
  const question = guess === undefined ? '' : ` Did you mean \`${guess}\`?`
  return `I do not know ${quote(name)}.${question} \`help\` lists all commands.`
}

const short = (name: string): string => quote(name).slice(1, -1)
