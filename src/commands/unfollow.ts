import type { Command, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { endFollow } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { findFollowed } from './find-followed.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

async function end(
  follower: LocalActor,
  target: RemoteActor,
  deps: Deps,
): Promise<CommandResult | undefined> {
  const before = await deps.store.findFollow(follower.id, target.id)
  if (before === undefined) return undefined
  const handle = displayHandle(target)
  const text =
    before.state === 'requested'
      ? `I have taken back your request to follow ${handle}.`
      : `You no longer follow ${handle}.`
  return { text, actions: await endFollow(follower, target.id, deps) }
}

const notFollowed = (name: string): CommandResult => ({
  text: `You do not follow ${name}. \`following\` shows whom you follow.`,
})

export const unfollow: Command = {
  name: 'unfollow',
  args: '<@user@host>',
  help: 'Stops following an account and takes you out of its room.',
  more: 'Leaving the room of an account does the same.',
  examples: ['unfollow @user@social.example'],
  group: 'Follow',
  permission: 'user',
  takes: [1, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text = ''] }, { sender, deps }) => {
    const follower = await deps.store.findLocalActorByUser(sender)
    if (follower === undefined) return notFollowed('anybody')
    const followed = await findFollowed(text, follower, deps)
    const ended = followed && (await end(follower, followed, deps))
    if (ended !== undefined) return ended
    const target = await findTarget(text, deps)
    if (target.kind === 'nobody')
      return 'away' in target.result ? notFollowed(quote(text)) : target.result
    if (target.kind === 'local')
      return { text: 'That person is on this server: leave their room to stop reading.' }
    return (await end(follower, target.actor, deps)) ?? notFollowed(displayHandle(target.actor))
  },
}
