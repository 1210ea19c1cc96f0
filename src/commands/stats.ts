import type { Command } from './command.ts'
import { sizeOf } from '../model/sizes.ts'
import { lengthOf } from '../model/lengths.ts'
import { counted } from './words.ts'

export const stats: Command = {
  name: 'stats',
  args: '',
  help: 'Shows how many people, rooms and posts there are, and how much room it all takes.',
  examples: ['stats'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  doing: () => 'Counting.',
  run: async (_, { deps }) => {
    const now = deps.clock.now()
    const { localActors, localPosts, localComments, ...active } = await deps.store.stats(now)
    const rows = await deps.store.countRows()
    const { version, startedAt, memory, databaseSize } = deps.operations.facts()
    const count = (table: string): number => rows[table] ?? 0
    return {
      text: [
        `Footbridge ${version}, running for ${lengthOf(now - startedAt)}, in ${sizeOf(memory)} of memory.`,
        `People here: ${localActors}; active within a month: ${active.activeMonth}, within half a year: ${active.activeHalfyear}`,
        `What they wrote: ${counted(localPosts, 'post')}, ${counted(localComments, 'answer')}`,
        `Accounts of other servers: ${count('remote_actor')}; seen on Matrix: ${count('ghost')}`,
        `Follows: ${count('follow')}; blocks: ${count('block')}; reactions: ${count('reaction')}`,
        `Rooms: ${count('portal')}; messages in them: ${count('mapping')}`,
        `To be done: ${count('job')}; given up: ${count('failed_job')}`,
        `The database fills ${sizeOf(databaseSize)}.`,
      ].join('\n'),
    }
  },
}
