import type { Action } from '../model/action.ts'
import type { Answer, Command, CommandContext, CommandInput, CommandResult } from './command.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { RoomId } from '../model/ids.ts'
import { becomeActor, handleOf } from '../bridge/actors.ts'
import { asked, isEndedSince, nameIn, namesOf } from '../bridge/ended-follows.ts'
import { requestFollow, type FollowWishes } from '../bridge/follows.ts'
import { ensureOpenPortal, findOpenPortal, matrixLink } from '../bridge/portals.ts'
import { displayHandle } from '../model/names.ts'
import { findTarget, refusalOf } from './target.ts'
import { quote } from './words.ts'

/** Who decides who follows them decides about people of this server, too. */
function askOwner(owner: LocalActor, roomId: RoomId, { sender }: CommandContext): Answer {
  const ask: Action = {
    do: 'tell',
    place: { kind: 'management', userId: owner.userId },
    text: `${sender} asks to read what you publish. Invite them into your public room if you like: ${matrixLink(roomId)}`,
    key: `asked ${owner.id} ${sender}`,
    mentions: [owner.userId],
  }
  const text = `${owner.userId} is on this server and chooses who reads them. I have asked; they can invite you into their room.`
  return { text, actions: [ask] }
}

/** A person of this very bridge is read in their own room; nothing leaves the server. */
async function followLocal(owner: LocalActor, context: CommandContext): Promise<Answer> {
  const { id, userId, username } = owner
  const { sender, deps } = context
  if (userId === sender)
    return { text: 'That is you. `publish` opens the room where your own posts are.' }
  const handle = handleOf({ username }, deps)
  const portal = await findOpenPortal({ kind: 'profile', userId, actorId: id }, deps)
  if (portal === undefined)
    return { text: `${handle} is on this server, as ${userId}, and has no public room yet.` }
  const { roomId } = portal
  const membership = await deps.store.findMembership(roomId, sender)
  if (owner.profile?.isLocked === true && membership !== 'join' && membership !== 'invite')
    return askOwner(owner, roomId, context)
  const invite: Action = { do: 'invite', place: { kind: 'room', roomId }, userId: sender }
  const text = `${handle} is on this server. I have invited you to their public room: ${matrixLink(roomId)}`
  return { text, actions: [invite] }
}

/** Where they read it, and what becomes of that. */
async function whereRead(
  target: RemoteActor,
  wishes: FollowWishes,
  { sender, deps }: CommandContext,
): Promise<string> {
  const reader = await deps.store.findLocalActorByUser(sender)
  const follow = reader && (await deps.store.findFollow(reader.id, target.id))
  const before = follow?.shownIn ?? 'room'
  if ((wishes.shownIn ?? before) === 'home') {
    const { roomId } = await ensureOpenPortal({ kind: 'home', userId: sender }, deps)
    const moved = before === 'room' ? 'come into' : 'are in'
    return `Its posts ${moved} your Home room: ${matrixLink(roomId)}`
  }
  const portal = await findOpenPortal({ kind: 'actor', actorId: target.id }, deps)
  const membership = portal && (await deps.store.findMembership(portal.roomId, sender))
  return portal !== undefined && membership === 'join'
    ? `Its room: ${matrixLink(portal.roomId)}`
    : 'I have invited you to its room again.'
}

async function alreadyFollowing(
  target: RemoteActor,
  wishes: FollowWishes,
  context: CommandContext,
): Promise<string> {
  const replies = wishes.withReplies ? ' Its answers to others come from now on, too.' : ''
  const where = await whereRead(target, wishes, context)
  return `You follow ${displayHandle(target)} already.${replies} ${where}`
}

async function followRemote(
  target: RemoteActor,
  wishes: FollowWishes,
  context: CommandContext,
): Promise<Answer> {
  const { sender, message: wish, deps } = context
  const refusal = await refusalOf(target, sender, deps)
  if (refusal !== undefined) return refusal
  const { actor, line, actions: introduction } = await becomeActor(sender, deps)
  const request = await requestFollow(actor, target, { ...wishes, deps })
  if (request.result === 'too-often')
    return { text: [...line, request.text].join('\n'), actions: introduction }
  const { result, actions } = request
  const handle = displayHandle(target)
  const texts = {
    following: () => alreadyFollowing(target, wishes, context),
    waiting: async () => `Asked ${handle} again. I will tell you when they answer.`,
    requested: async () => `Requested to follow ${handle}. I will tell you when they answer.`,
  }
  const wished: Action = { do: 'commit', changes: [asked(sender, target.id, { wish, deps })] }
  return {
    text: [...line, await texts[result]()].join('\n'),
    actions: [...introduction, wished, ...actions],
  }
}

const endedSince = (name: string): Answer => ({
  text: `You have unfollowed ${name} or left its room since you asked for this, so I do not follow it. Ask again to follow it after all.`,
})

async function runFollow(
  { args: [text = ''], options }: CommandInput,
  context: CommandContext,
): Promise<CommandResult> {
  const { sender, message: wish, deps } = context
  const typed = nameIn(text, deps)
  const isEnded = (names: readonly string[]): Promise<boolean> =>
    isEndedSince(sender, names, { wish, deps })
  if (typed !== undefined && (await isEnded([typed]))) return endedSince(quote(text))
  const target = await findTarget(text, deps)
  if (target.kind === 'nobody') return target.result
  if (target.kind === 'remote' && (await isEnded(namesOf(target.actor))))
    return endedSince(displayHandle(target.actor))
  return target.kind === 'local'
    ? followLocal(target.actor, context)
    : followRemote(
        target.actor,
        {
          withReplies: options.has('--replies'),
          withBoosts: !options.has('--no-boosts'),
          ...(options.has('--home') ? { shownIn: 'home' } : {}),
        },
        context,
      )
}

export const follow: Command = {
  name: 'follow',
  args: '<@user@host> [--home] [--replies] [--no-boosts]',
  help: 'Brings the posts of an account into a room of its own.',
  more: 'The address may also be the link of a profile. With `--home` its posts come into your Home room, together with those of others (see `home`). Its answers to people of this server and to accounts you follow come along; with `--replies`, one line for each of the others too. What it boosts comes as well, unless everybody in the room follows with `--no-boosts`. Following again brings a new invite.',
  examples: ['follow @user@social.example', 'follow https://social.example/@user --replies'],
  group: 'Follow',
  permission: 'follow',
  opensRoom: true,
  takes: [1, 1],
  options: ['--home', '--replies', '--no-boosts'],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: runFollow,
}
