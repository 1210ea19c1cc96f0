import type { Command, CommandContext } from './command.ts'
import type { LocalActor } from '../model/actor.ts'
import { asUserId } from '../model/ids.ts'
import { handleOf } from '../bridge/actors.ts'
import { rotateJob } from '../bridge/rotate-keys.ts'
import { quote } from './words.ts'

async function findOwn(name: string, { deps }: CommandContext): Promise<LocalActor | undefined> {
  const { store, identity } = deps
  if (/^@[^:@]+:/.test(name)) return store.findLocalActorByUser(asUserId(name))
  const [username = '', domain = identity.handleDomain] = name.replace(/^@/, '').split('@')
  if (domain.toLowerCase() !== identity.handleDomain) return undefined
  return store.findLocalActorByUsername(username)
}

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
  run: async ({ args: [name] }, context) => {
    const { deps } = context
    const before = deps.clock.now()
    const start = (change: Parameters<typeof rotateJob>[0]) =>
      [{ do: 'commit', changes: [rotateJob(change)] }] as const
    if (name === undefined) {
      const text =
        'All accounts of this server and the server itself get new keys now. It takes a second for each.'
      return { text, actions: start({ type: 'rotate-all-keys', before }) }
    }
    const actor = await findOwn(name, context)
    if (actor === undefined || actor.deletedAt !== undefined)
      return { text: `There is no account ${quote(name)} on this server.` }
    return {
      text: `${handleOf(actor, deps)} gets new keys now, and other servers are told.`,
      actions: start({ type: 'rotate-keys', actorId: actor.id, before }),
    }
  },
}
