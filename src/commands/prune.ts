import type { Command } from './command.ts'
import type { PruneKind } from '../model/prune.ts'
import { numbered } from '../model/limits.ts'
import { walkPrunable } from '../bridge/prune.ts'
import { usage } from './command.ts'
import { counted } from './words.ts'

const dayInMs = 86_400_000
/** Where the configuration prunes nothing by itself. */
const usualDays = 90

/** One of each kind, and several. */
const names: Readonly<Record<PruneKind, readonly [one: string, more: string]>> = {
  accounts: ['account of another server', 'accounts of other servers'],
  servers: ['note about a server', 'notes about servers'],
  hosts: ['note about who is away', 'notes about who is away'],
  files: ['note about a file of another server', 'notes about files of other servers'],
}

const linesOf = (counts: Readonly<Record<PruneKind, number>>): readonly string[] =>
  (['accounts', 'servers', 'hosts', 'files'] as const).map((kind) =>
    numbered(counts[kind], ...names[kind]),
  )

/** As typed; undefined: no number of days. */
const daysIn = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined

export const prune: Command = {
  name: 'prune',
  args: '[now] [--days <number>]',
  help: 'Counts what nobody here has used for long and can be had again; with `now`, forgets it.',
  more: 'Accounts that nobody follows, reads or wrote with, and what is known of servers and their files. Posts in rooms stay. Without `--days` it is as long as the configuration says, or 90 days.',
  examples: ['prune', 'prune now', 'prune --days 30'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 1],
  valueOptions: ['--days'],
  doing: () => 'Looking through everything.',
  run: async ({ args: [word], values }, { deps }) => {
    const given = values.get('--days')
    const usual = Math.round((deps.pruneAfter ?? usualDays * dayInMs) / dayInMs)
    const days = given === undefined ? usual : daysIn(given)
    const isDry = word === undefined
    if (days === undefined || (!isDry && word.toLowerCase() !== 'now')) return usage(prune)
    const before = deps.clock.now() - days * dayInMs
    const { counts } = await walkPrunable({ before, isDry }, deps)
    const same = given === undefined ? '' : ` --days ${days}`
    return {
      text: [
        isDry
          ? `Unused for ${counted(days, 'day')}, and forgotten by \`prune now${same}\`:`
          : 'Forgotten:',
        ...linesOf(counts),
      ].join('\n'),
    }
  },
}
