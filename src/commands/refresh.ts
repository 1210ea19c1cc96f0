import type { Command } from './command.ts'
import { displayHandle } from '../model/names.ts'
import { findKnown } from './find-known.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

export const refresh: Command = {
  name: 'refresh',
  args: '<@user@host>',
  help: 'Asks the server of an account for its name, pictures, keys and addresses anew.',
  more: 'One that is not known here is looked up.',
  examples: ['refresh @user@social.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Asking.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const known = await findKnown(text, deps)
    if (known === undefined) {
      const target = await findTarget(text, deps)
      if (target.kind === 'nobody') return target.result
      if (target.kind === 'local') return { text: `${quote(text)} is on this server.` }
      return { text: `${displayHandle(target.actor)} was not known here, and is now.` }
    }
    const { id } = known
    const job = {
      kind: 'upkeep',
      key: `refetch ${id} asked ${deps.clock.now()}`,
      lane: `upkeep:refetch ${id}`,
      host: new URL(id).host,
      payload: JSON.stringify({ type: 'refetch', actorId: id }),
    } as const
    return {
      text: `Its server is asked. \`actor ${displayHandle(known)}\` shows what is known then.`,
      actions: [{ do: 'commit', changes: [{ change: 'enqueue', job }] }],
    }
  },
}
