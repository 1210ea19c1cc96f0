import type { Action } from '../model/action.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { ensureLocalActor, handleOf } from '../bridge/actors.ts'
import { endFollow, followersOfUser, followsOfUser, requestFollow } from '../bridge/follows.ts'
import { findTarget, isLocalTarget, unknownTarget } from './target.ts'
import { formatHandle } from '../model/handle.ts'
import { page } from './page.ts'
import { usage } from './command.ts'

/** A person of this very bridge is read in their own room; nothing leaves the server. */
async function followLocal(
  target: LocalActor,
  { sender, deps }: CommandContext,
): Promise<CommandResult> {
  const handle = handleOf(target, deps)
  const portal = await deps.store.findPortal({
    kind: 'profile',
    userId: target.userId,
    actorId: target.id,
  })
  if (portal === undefined)
    return { text: `${handle} is on this server and has no public room yet.` }
  const invite: Action = {
    do: 'invite',
    place: { kind: 'room', roomId: portal.roomId },
    userId: sender,
  }
  return {
    text: `${handle} is on this server. I have invited you to their room.`,
    actions: [invite],
  }
}

const becameLine = (actor: LocalActor, { deps }: CommandContext): string =>
  `On the fediverse you are now ${handleOf(actor, deps)}.\n`

async function followRemote(
  target: RemoteActor,
  withReplies: boolean,
  context: CommandContext,
): Promise<CommandResult> {
  const { actor, isNew } = await ensureLocalActor(context.sender, context.deps)
  const handle = formatHandle(target)
  const { result, actions } = await requestFollow(actor, target, {
    withReplies,
    deps: context.deps,
  })
  const became = isNew ? becameLine(actor, context) : ''
  if (result === 'following') {
    return { text: `You follow ${handle} already. I have invited you to its room again.`, actions }
  }
  const again = result === 'waiting' ? 'again ' : ''
  return {
    text: `${became}Asked ${again}to follow ${handle}: requested. I will tell you when they answer.`,
    actions,
  }
}

async function runFollow(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const withReplies = args.includes('--replies')
  const [text] = args.filter((arg) => !arg.startsWith('--'))
  if (text === undefined) return usage(follow)
  const target = await findTarget(text, context.deps)
  if (target === undefined) return unknownTarget(text)
  return isLocalTarget(target)
    ? followLocal(target.local, context)
    : followRemote(target.remote, withReplies, context)
}

export const follow: Command = {
  name: 'follow',
  args: '<@user@host> [--replies]',
  help: 'Brings the posts of an account into a room of its own. With `--replies`, its answers to others too.',
  group: 'Follow',
  permission: 'user',
  run: runFollow,
}

export const unfollow: Command = {
  name: 'unfollow',
  args: '<@user@host>',
  help: 'Stops following an account and takes you out of its room.',
  group: 'Follow',
  permission: 'user',
  run: async (args, { sender, deps }) => {
    const [text] = args
    if (text === undefined) return usage(unfollow)
    const follower = await deps.store.findLocalActorByUser(sender)
    const target = await findTarget(text, deps)
    if (target === undefined) return unknownTarget(text)
    if (isLocalTarget(target))
      return { text: 'That person is on this server: leave their room to stop reading.' }
    const handle = formatHandle(target.remote)
    const actions = follower === undefined ? [] : await endFollow(follower, target.remote.id, deps)
    if (actions.length === 0)
      return { text: `You do not follow ${handle}. \`following\` shows whom you follow.` }
    return { text: `You no longer follow ${handle}.`, actions }
  },
}

export const following: Command = {
  name: 'following',
  args: '[page]',
  help: 'Lists the accounts you follow.',
  group: 'Follow',
  permission: 'user',
  run: async (args, { sender, deps }) => {
    const follows = await followsOfUser(sender, deps)
    if (follows.length === 0) return { text: 'You follow nobody yet. `follow @user@host` starts.' }
    const lines = follows.map(({ handle, state }) =>
      state === 'requested' ? `${handle} (not answered yet)` : handle,
    )
    return page(lines, { title: 'You follow', command: 'following', number: args[0] })
  },
}

export const followers: Command = {
  name: 'followers',
  args: '[page]',
  help: 'Lists the accounts that follow you.',
  group: 'Follow',
  permission: 'user',
  run: async (args, { sender, deps }) => {
    const handles = await followersOfUser(sender, deps)
    if (handles.length === 0)
      return {
        text: 'Nobody follows you yet. `publish` gives you a profile that people can follow.',
      }
    return page(handles, { title: 'Your followers', command: 'followers', number: args[0] })
  },
}
