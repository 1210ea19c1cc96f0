import type { Command } from './command.ts'
import { handleOf } from '../bridge/actors.ts'
import { rotateJob } from '../bridge/rotate-keys.ts'
import { findOwn } from './find-own.ts'
import { quote } from './words.ts'

export const rotateKeys: Command = {
  name: 'rotate-keys',
  args: '[handle]',
  help: 'Gives an account of this server new keys, or all of them and the server itself.',
  more: 'Everybody who may check a signature is told. What is under way is signed with the new key. Use it when somebody may have read the old keys.',
  examples: ['rotate-keys', 'rotate-keys @alice@example.org'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 1],
  doing: () => 'Making new keys.',
  run: async ({ args: [name] }, { deps }) => {
    const before = deps.clock.now()
    const start = (change: Parameters<typeof rotateJob>[0]) =>
      [{ do: 'commit', changes: [rotateJob(change)] }] as const
    if (name === undefined) {
      const text =
        'All accounts of this server and the server itself get new keys now. It takes a second for each.'
      return { text, actions: start({ type: 'rotate-all-keys', before }) }
    }
    const actor = await findOwn(name, deps)
    if (actor === undefined || actor.deletedAt !== undefined)
      return { text: `There is no account ${quote(name)} on this server.` }
    return {
      text: `${handleOf(actor, deps)} gets new keys now, and other servers are told.`,
      actions: start({ type: 'rotate-keys', actorId: actor.id, before }),
    }
  },
}
