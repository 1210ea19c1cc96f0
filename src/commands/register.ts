import type { Command } from './command.ts'
import { ensureLocalActor, handleFor, handleOf } from '../bridge/actors.ts'

export const register: Command = {
  name: 'register',
  args: '',
  help: 'Gives you an address on the fediverse.',
  group: 'You',
  permission: 'user',
  run: async (_args, { sender, deps }) => {
    const { actor, isNew } = await ensureLocalActor(sender, deps)
    const handle = handleOf(actor, deps)
    return {
      text: isNew
        ? `On the fediverse you are now ${handle}. \`publish\` opens a room whose messages your followers read.`
        : `On the fediverse you are ${handle} already.`,
    }
  },
}

export const whoami: Command = {
  name: 'whoami',
  args: '',
  help: 'Shows your address on the fediverse.',
  group: 'You',
  permission: 'none',
  run: async (_args, { sender, deps }) => {
    const handle = await handleFor(sender, deps)
    const isSomebody = (await deps.store.findLocalActorByUser(sender)) !== undefined
    return {
      text: isSomebody
        ? `You are ${handle}.`
        : `Nobody there knows you yet. \`register\` makes you ${handle}.`,
    }
  },
}
