import type { Command } from './command.ts'
import { becomeActor, handleOf } from '../bridge/actors.ts'
import { ensureOpenPortal, matrixLink } from '../bridge/portals.ts'

export const publish: Command = {
  name: 'publish',
  args: '',
  help: 'Opens your public room: what you write there goes to your followers and the public.',
  more: 'Nothing is published by the command itself. Answers of your followers come back into that room as threads.',
  examples: ['publish'],
  group: 'Publish',
  permission: 'user',
  opensRoom: true,
  takes: [0, 0],
  doing: () => 'Opening your public room.',
  run: async (_input, { sender, deps }) => {
    const { actor, line, actions } = await becomeActor(sender, deps)
    const { roomId } = await ensureOpenPortal(
      { kind: 'profile', userId: sender, actorId: actor.id },
      deps,
    )
    const text = `What you write in your public room goes to your followers and the public. People follow you as ${handleOf(actor, deps)}. I invite you to the room: ${matrixLink(roomId)}`
    return {
      text: [...line, text].join('\n'),
      actions: [...actions, { do: 'invite', place: { kind: 'room', roomId }, userId: sender }],
    }
  },
}
