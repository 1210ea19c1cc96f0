import type { Answer, Command, CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { ended, nameIn } from '../bridge/ended-follows.ts'
import { endFollow } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { findFollowed } from './find-followed.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

async function end(
  follower: LocalActor,
  target: RemoteActor,
  deps: Deps,
): Promise<Answer | undefined> {
  const before = await deps.store.findFollow(follower.id, target.id)
  if (before === undefined) return undefined
  const handle = displayHandle(target)
  const text =
    before.state === 'requested'
      ? `I have taken back your request to follow ${handle}.`
      : `You no longer follow ${handle}.`
  return { text, actions: await endFollow(follower, target.id, deps) }
}

const notFollowed = (name: string): Answer => ({
  text: `You do not follow ${name}. \`following\` shows whom you follow.`,
})

/** Ends the follow of whoever is meant; `account`: who that is, where it is known. */
async function endNamed(
  text: string,
  { sender, deps }: CommandContext,
): Promise<{ readonly answer: Answer; readonly account?: string }> {
  const follower = await deps.store.findLocalActorByUser(sender)
  if (follower === undefined) return { answer: notFollowed('anybody') }
  const followed = await findFollowed(text, follower, deps)
  const done = followed && (await end(follower, followed, deps))
  if (followed !== undefined && done !== undefined) return { answer: done, account: followed.id }
  const target = await findTarget(text, deps)
  if (target.kind === 'nobody')
    return { answer: 'away' in target.result ? notFollowed(quote(text)) : target.result }
  if (target.kind === 'local')
    return {
      answer: { text: 'That person is on this server: leave their room to stop reading.' },
    }
  const answer = await end(follower, target.actor, deps)
  return {
    answer: answer ?? notFollowed(displayHandle(target.actor)),
    account: target.actor.id,
  }
}

export const unfollow: Command = {
  name: 'unfollow',
  args: '<@user@host>',
  help: 'Stops following an account and takes you out of its room.',
  more: 'Leaving the room of an account does the same.',
  examples: ['unfollow @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text = ''] }, context) => {
    const { sender, message: wish, deps } = context
    const { answer, account } = await endNamed(text, context)
    const names = [account, nameIn(text, deps)].filter((name) => name !== undefined)
    const changes = names.map((name) => ended(sender, name, { wish, deps }))
    return { ...answer, actions: [...(answer.actions ?? []), { do: 'commit', changes }] }
  },
}
