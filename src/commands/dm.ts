import type { Command } from './command.ts'
import type { Participant } from '../model/portal.ts'
import { ensureLocalActor } from '../bridge/actors.ts'
import { ensurePortal, matrixLink } from '../bridge/portals.ts'
import { formatHandle } from '../model/handle.ts'
import { findTarget, isLocalTarget, unknownTarget } from './target.ts'
import { usage } from './command.ts'

const maxPeople = 10

export const dm: Command = {
  name: 'dm',
  args: '<@user@host> [more addresses]',
  help: 'Opens a private chat with one or several fediverse accounts.',
  group: 'Talk',
  permission: 'user',
  run: async (args, { sender, deps }) => {
    if (args.length === 0) return usage(dm)
    if (args.length > maxPeople)
      return { text: `A chat has at most ${maxPeople} people. Please name fewer.` }
    const participants: Participant[] = [{ kind: 'user', userId: sender }]
    const handles: string[] = []
    for (const text of args) {
      const target = await findTarget(text, deps)
      if (target === undefined) return unknownTarget(text)
      if (isLocalTarget(target))
        return { text: `${text} is on this server: start a chat with ${target.local.userId}.` }
      participants.push({ kind: 'actor', actorId: target.remote.id })
      handles.push(formatHandle(target.remote))
    }
    await ensureLocalActor(sender, deps)
    const seed = { kind: 'direct', participants } as const
    const { roomId } = await ensurePortal(seed, deps)
    return {
      text: `Your chat with ${handles.join(', ')} is here: ${matrixLink(roomId)}`,
      actions: [{ do: 'invite', place: { kind: 'room', roomId }, userId: sender }],
    }
  },
}
