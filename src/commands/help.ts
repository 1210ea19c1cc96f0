import { distance } from 'fastest-levenshtein'
import type { Command } from './command.ts'
import type { Permission } from '../bridge/ports.ts'
import { commandGroups, usage } from './command.ts'
import { commandTable } from './table.ts'

const rank: Readonly<Record<Permission, number>> = { none: 0, user: 1, admin: 2 }

export const mayUse = (command: Command, permission: Permission): boolean =>
  rank[permission] >= rank[command.permission]

const line = (command: Command): string =>
  `\`${`${command.name} ${command.args}`.trim()}\` · ${command.help}`

function overview(permission: Permission): string {
  const groups = commandGroups.flatMap((group) => {
    const usable = allCommands.filter(
      (command) => command.group === group && mayUse(command, permission),
    )
    return usable.length === 0 ? [] : [`${group}\n${usable.map(line).join('\n')}`]
  })
  return groups.join('\n\n')
}

export const help: Command = {
  name: 'help',
  args: '[command]',
  help: 'Shows all commands, or one of them.',
  group: 'Help',
  permission: 'none',
  run: async ([name], { sender, deps }) => {
    const permission = deps.permissionOf(sender)
    if (name === undefined) return { text: overview(permission) }
    const command = findCommand(name)
    if (command === undefined) return { text: unknownCommand(name) }
    return { text: `${command.help}\n${usage(command).text}` }
  },
}

export const allCommands: readonly Command[] = [...commandTable, help]

export const findCommand = (name: string): Command | undefined =>
  allCommands.find((command) => command.name === name.toLowerCase())

export function unknownCommand(name: string): string {
  const short = name.slice(0, 40)
  const nearest = allCommands
    .map((command) => ({ command, far: distance(short.toLowerCase(), command.name) }))
    .sort((a, b) => a.far - b.far)[0]
  const guess =
    nearest !== undefined && nearest.far <= 3 ? ` Did you mean \`${nearest.command.name}\`?` : ''
  return `I do not know \`${short}\`.${guess} \`help\` lists all commands.`
}
