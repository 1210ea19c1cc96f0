import type { Answer, Command, CommandContext } from './command.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Portal } from '../model/portal.ts'
import type { RoomState } from '../bridge/room-power.ts'
import { becomeActor, handleOf, movedAway } from '../bridge/actors.ts'
import { endGroup } from '../bridge/group-end.ts'
import { isOpenToJoin } from '../bridge/group-facts.ts'
import { isOurs } from '../bridge/matrix-ids.ts'
import { isEndedByAdmin } from '../bridge/lost-marks.ts'
import { numbered } from '../model/limits.ts'
import { groupUsername } from '../model/names.ts'
import { openGroup } from '../bridge/own-groups.ts'
import { isIn } from '../bridge/own-rooms.ts'
import { isEncryptedIn, neededForState, powerIn } from '../bridge/room-power.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const noGroup = (prefix: string): Answer => ({
  text: `This room is not on the fediverse. Whoever may change its name can open it: \`${prefix} group open\``,
})

/** The portal of the room where the command was typed, and its actor. */
async function groupHere({
  message,
  deps,
}: CommandContext): Promise<{ portal: Portal & { kind: 'group' }; actor: LocalActor } | undefined> {
  const portal = await deps.store.findPortalByRoom(message.roomId)
  const actor = await deps.store.findGroupByRoom(message.roomId)
  return portal?.kind !== 'group' || actor === undefined ? undefined : { portal, actor }
}

const mayName = (state: RoomState, { sender }: CommandContext): boolean =>
  powerIn(state, sender) >= neededForState(state, 'm.room.name')

const notAllowed: Answer = {
  text: 'Only those who may change the name of this room can open it to the fediverse, or close it.',
}

const stateHere = ({ message, deps }: CommandContext): Promise<RoomState> =>
  deps.homeserver.roomState(deps.identity.bot, message.roomId)

function refusalOf(portal: Portal | undefined, prefix: string): Answer | undefined {
  if (portal === undefined || portal.kind === 'group') return undefined
  const why =
    portal.kind === 'management'
      ? 'This is the chat with me.'
      : 'This room is one of mine, and stands for something else on the fediverse.'
  return {
    text: `${why} Invite me into a room of yours, and write \`${prefix} group open\` there.`,
  }
}

async function open(name: string | undefined, context: CommandContext): Promise<Answer> {
  const { sender, message, deps } = context
  const { bot, commandPrefix: prefix } = deps.identity
  const { roomId } = message
  if ((await isEndedByAdmin(roomId, deps)) && deps.permissionOf(sender) !== 'admin')
    return {
      text: 'The admin of this server has ended this room. Only an admin can open it again.',
    }
  if (!(await isIn(roomId, bot, deps))) return { text: `Invite ${bot} into this room first.` }
  const given = name?.replace(/^@/, '').toLowerCase()
  if (given !== undefined && groupUsername(given) !== given)
    return {
      text: `${quote(given)} cannot be a name on the fediverse. It is made of letters from a to z, digits and \`_\`.`,
    }
  const state = await stateHere(context)
  if (!mayName(state, context)) return notAllowed
  if (isEncryptedIn(state))
    return { text: 'I cannot read encrypted rooms, so this one stays on Matrix.' }
  const asked = given === undefined ? {} : { name: given }
  const actor = await openGroup({ roomId, by: sender, state, ...asked }, deps)
  if (actor === 'taken')
    return { text: `That name is taken. Try another one: \`${prefix} group open <name>\`` }
  if (actor === 'too-often')
    return { text: 'You have opened as many rooms today as you may. Try it again tomorrow.' }
  return { text: openText(handleOf(actor, deps), { prefix, isOpen: isOpenToJoin(state) }) }
}

type Shown = { readonly prefix: string; readonly isOpen: boolean }

const openText = (handle: string, { prefix, isOpen }: Shown): string =>
  [
    `This room is ${handle} on the fediverse. People there can follow it, and what they write to it appears here.`,
    isOpen
      ? 'Its name, picture, topic and address are public now.'
      : 'Its name and picture are public now. Its topic and address are not, as not everybody may join it.',
    `Nothing that you write leaves this room unless you agree, each for yourself: \`${prefix} group in\` does that, and \`${prefix} group out\` ends it. \`${prefix} group\` shows how it stands.`,
  ].join('\n')

async function close(isConfirmed: boolean, context: CommandContext): Promise<Answer> {
  const { deps } = context
  const { commandPrefix: prefix } = deps.identity
  const here = await groupHere(context)
  if (here === undefined) return noGroup(prefix)
  if (!mayName(await stateHere(context), context)) return notAllowed
  const handle = handleOf(here.actor, deps)
  if (!isConfirmed)
    return {
      text: `This deletes ${handle} on the fediverse for ever: its followers are gone, and nobody can have that name again. To go on, write \`${prefix} group close confirm\`.`,
    }
  return {
    text: `This room is not on the fediverse any more: ${handle} is deleted there, and nobody can have that name again. What people posted stays theirs.`,
    actions: [{ do: 'commit', changes: await endGroup(here.portal, deps) }],
  }
}

async function agree(context: CommandContext): Promise<Answer> {
  const { sender, message, deps } = context
  const { commandPrefix: prefix } = deps.identity
  if ((await groupHere(context)) === undefined) return noGroup(prefix)
  const { actor, line, actions } = await becomeActor(sender, deps)
  if (actor.profile?.movedTo !== undefined)
    return { text: [...line, movedAway].join('\n'), actions }
  const consent = { roomId: message.roomId, userId: sender, at: deps.clock.now() }
  const text = `What you write in this room from now on goes to everybody on the fediverse, as ${handleOf(actor, deps)}. \`${prefix} group out\` ends that.`
  return {
    text: [...line, text].join('\n'),
    actions: [...actions, { do: 'commit', changes: [{ change: 'put-consent', ...consent }] }],
  }
}

async function refuse(context: CommandContext): Promise<Answer> {
  const { sender: userId, message, deps } = context
  const { roomId } = message
  if ((await groupHere(context)) === undefined) return noGroup(deps.identity.commandPrefix)
  if (!(await deps.store.hasConsent(roomId, userId)))
    return { text: 'Nothing that you write in this room leaves it.' }
  return {
    text: 'What you write in this room stays here from now on. What went out before stays there until you delete it.',
    actions: [{ do: 'commit', changes: [{ change: 'remove-consent', roomId, userId }] }],
  }
}

async function membersHere({ message, deps }: CommandContext): Promise<number> {
  const joined = await deps.store.membersOf(message.roomId, ['join'])
  return joined.filter((userId) => !isOurs(userId, deps)).length
}

function agreedText(agreed: number, members: number): string {
  const some = `${agreed} of ${numbered(members, 'member', 'members')}`
  if (agreed === 0) return `${some} have agreed: nothing goes out.`
  return `${some} ${agreed === 1 ? 'has' : 'have'} agreed: what they write goes out.`
}

/** Nobody is told who else agreed. */
async function show(context: CommandContext): Promise<Answer> {
  const { sender, message, deps } = context
  const { commandPrefix: prefix } = deps.identity
  const here = await groupHere(context)
  if (here === undefined) return noGroup(prefix)
  const followers = await deps.store.followersCount(here.actor.id)
  const agreed = await deps.store.consentsIn(message.roomId)
  const own = agreed.includes(sender)
    ? `What you write goes out. \`${prefix} group out\` ends that.`
    : `What you write stays here. \`${prefix} group in\` lets it out.`
  return {
    text: [
      `This room is ${handleOf(here.actor, deps)} on the fediverse, with ${numbered(followers, 'follower', 'followers')} there.`,
      `${agreedText(agreed.length, await membersHere(context))} ${own}`,
    ].join('\n'),
  }
}

async function run(
  word: string | undefined,
  name: string | undefined,
  context: CommandContext,
): Promise<Answer> {
  const { message, deps } = context
  const portal = await deps.store.findPortalByRoom(message.roomId)
  const refusal = refusalOf(portal, deps.identity.commandPrefix)
  if (refusal !== undefined) return refusal
  if (word === 'open') return open(name, context)
  const isConfirmed = word === 'close' && name?.toLowerCase() === 'confirm'
  if (name !== undefined && !isConfirmed) return usage(group)
  switch (word) {
    case undefined:
      return show(context)
    case 'close':
      return close(isConfirmed, context)
    case 'in':
      return agree(context)
    case 'out':
      return refuse(context)
    default:
      return usage(group)
  }
}

export const group: Command = {
  name: 'group',
  args: '[open|close|in|out] [name|confirm]',
  help: 'Lets people of the fediverse follow the room where you write it, and post to it.',
  more: 'It belongs in that room, and I have to be there: invite me. `open` and `close` are for those who may change the name of the room; without a name I take one from its address, or from its name where not everybody may join it. The name and picture of the room become public, and its topic and address where everybody may join it. What a member writes goes out only after they wrote `in` there, and until they write `out`. Alone, it shows how it stands. A name that was closed is taken for ever.',
  examples: ['group open garden', 'group in'],
  group: 'Publish',
  permission: 'user',
  takes: [0, 2],
  doing: ([word]) => (word === 'open' ? 'Opening this room.' : 'Looking at this room.'),
  run: ({ args: [word, name] }, context) => run(word?.toLowerCase(), name, context),
}
