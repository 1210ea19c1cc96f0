import type { Action } from '../model/action.ts'
import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Follow, ShownIn } from '../model/relation.ts'
import type { LocalActor } from '../model/actor.ts'
import { handleOfActor, showIn } from '../bridge/follows.ts'
import { ensureOpenPortal, matrixLink } from '../bridge/portals.ts'
import { usage } from './command.ts'
import { findFollowed } from './find-followed.ts'
import { page } from './page.ts'
import { quote } from './words.ts'

/** All that is needed to move follows of one user. */
type Owner = { readonly reader: LocalActor; readonly context: CommandContext }

const isAtHome = ({ shownIn }: Follow): boolean => shownIn === 'home'

async function homeLink({ sender, deps }: CommandContext): Promise<string> {
  const { roomId } = await ensureOpenPortal({ kind: 'home', userId: sender }, deps)
  return matrixLink(roomId)
}

const moveAll = (
  follows: readonly Follow[],
  shownIn: ShownIn,
  { deps, sender }: CommandContext,
): Action[] => follows.flatMap((follow) => showIn(follow, shownIn, { userId: sender, deps }))

/** Each once: the invite is the same for all. */
const inviteHome = ({ sender }: CommandContext): Action => ({
  do: 'invite',
  place: { kind: 'home', userId: sender },
  userId: sender,
})

const notFollowed = (text: string): Answer => ({
  text: `You do not follow ${quote(text)}. \`follow ${quote(text).slice(1, -1)} --home\` brings its posts into your Home room.`,
})

async function bringAllHome({ reader, context }: Owner): Promise<Answer> {
  const follows = (await context.deps.store.followsOf(reader.id)).filter((one) => !isAtHome(one))
  if (follows.length === 0)
    return { text: 'Nothing moved: you follow nobody in a room of its own.' }
  const link = await homeLink(context)
  const moved = moveAll(follows, 'home', context).filter(({ do: what }) => what !== 'invite')
  const count = follows.length === 1 ? 'One account' : `${follows.length} accounts`
  return {
    text: `${count} moved: from now on their posts are in your Home room, and you leave their own. Your Home room: ${link}`,
    actions: [...moved, inviteHome(context)],
  }
}

async function add(text: string, owner: Owner): Promise<CommandResult> {
  const { reader, context } = owner
  if (text.toLowerCase() === 'all') return bringAllHome(owner)
  const actor = await findFollowed(text, reader, context.deps)
  const follow = actor && (await context.deps.store.findFollow(reader.id, actor.id))
  if (follow === undefined) return notFollowed(text)
  const handle = await handleOfActor(follow.followed, context.deps)
  const link = await homeLink(context)
  const actions = [...moveAll([follow], 'home', context)]
  if (isAtHome(follow))
    return { text: `The posts of ${handle} are in your Home room already: ${link}`, actions }
  const waiting = follow.state === 'accepted' ? '' : ' once it has accepted'
  return {
    text: `The posts of ${handle} come into your Home room from now on${waiting}; you leave its own room. Your Home room: ${link}`,
    actions,
  }
}

async function remove(text: string, { reader, context }: Owner): Promise<CommandResult> {
  const actor = await findFollowed(text, reader, context.deps)
  const follow = actor && (await context.deps.store.findFollow(reader.id, actor.id))
  if (follow === undefined) return notFollowed(text)
  const handle = await handleOfActor(follow.followed, context.deps)
  if (!isAtHome(follow)) return { text: `${handle} has a room of its own already.` }
  const isAccepted = follow.state === 'accepted'
  // What is on its way to the Home room just now needs a place as soon as that is none.
  if (isAccepted) await ensureOpenPortal({ kind: 'actor', actorId: follow.followed }, context.deps)
  const actions = moveAll([follow], 'room', context)
  const waiting = isAccepted ? '' : ' once it has accepted'
  return {
    text: `${handle} gets a room of its own${waiting}, to which I invite you. You still follow it; what stands in your Home room stays there.`,
    actions,
  }
}

async function show(number: string | undefined, { reader, context }: Owner): Promise<Answer> {
  const { deps } = context
  const follows = (await deps.store.followsOf(reader.id)).filter(isAtHome)
  const actions = [inviteHome(context)]
  const link = await homeLink(context)
  if (follows.length === 0) {
    const text = `Your Home room is empty: \`home add @user@host\` or \`home add all\` moves accounts there that you follow. It is here: ${link}`
    return { text, actions }
  }
  const handles = await Promise.all(follows.map(({ followed }) => handleOfActor(followed, deps)))
  const sorted = handles.sort((a, b) => a.localeCompare(b))
  const list = page(sorted, { title: 'Read in your Home room', command: 'home', number })
  if (list === undefined) return usage(home)
  return { text: `${list.text}\nThe room: ${link}`, actions }
}

async function run(words: readonly string[], context: CommandContext): Promise<CommandResult> {
  const [verb, text] = words
  const reader = await context.deps.store.findLocalActorByUser(context.sender)
  if (reader === undefined)
    return { text: 'You follow nobody yet. `follow @user@host --home` begins your Home room.' }
  const owner = { reader, context }
  if (verb === undefined || /^\d+$/.test(verb))
    return text === undefined ? show(verb, owner) : usage(home)
  if (text === undefined) return usage(home)
  if (verb.toLowerCase() === 'add') return add(text, owner)
  return verb.toLowerCase() === 'remove' ? remove(text, owner) : usage(home)
}

export const home: Command = {
  name: 'home',
  args: '[add|remove] [<@user@host>]',
  help: 'Shows or changes which accounts you read together in your Home room.',
  more: 'One room for any number of accounts: their posts in the order in which they come, answers as threads. `home add` moves an account there that you follow, `home add all` everybody you follow; `home remove` gives it a room of its own again. Your follow stays as it is. Alone, it lists them and invites you. When you leave the Home room, you follow its accounts still, but see nothing of them until `home` has brought you back.',
  examples: ['home', 'home add @user@social.example', 'home remove @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  opensRoom: true,
  takes: [0, 2],
  doing: () => 'Looking at your Home room.',
  run: ({ args }, context) => run(args, context),
}
