import type { Command } from './command.ts'
import { ensureLocalActor, handleOf } from '../bridge/actors.ts'

export const publish: Command = {
  name: 'publish',
  args: '',
  help: 'Opens your public room: what you write there goes to your followers and the public.',
  group: 'Publish',
  permission: 'user',
  run: async (_args, { sender, deps }) => {
    const { actor } = await ensureLocalActor(sender, deps)
    const seed = { kind: 'profile', userId: sender, actorId: actor.id } as const
    const isThere = (await deps.store.findPortal(seed)) !== undefined
    const handle = handleOf(actor, deps)
    return {
      text: isThere
        ? `Your public room is open already; I have invited you again. People follow you as ${handle}.`
        : `Your public room is ready; I have invited you. What you write there is public, as ${handle}. People follow you by that address.`,
      actions: [{ do: 'invite', place: seed, userId: sender }],
    }
  },
}
