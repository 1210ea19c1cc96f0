import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import { blockBanned, notePutOut } from './banned-ghosts.ts'
import { becomeActor, isPermitted, notEnabled } from './actors.ts'
import { acceptGhostInvite, rekeyDirect } from './direct-chats.ts'
import { asked, ended, isEndedSince, namesOf } from './ended-follows.ts'
import { letIntoList } from './enter-list.ts'
import { isEncrypted, offerPlainRoom } from './encrypted.ts'
import { isClosedToUs, waitToDecline } from './far-invites.ts'
import { handleOfActor, isReadInRoom, requestFollow, whyOut } from './follows.ts'
import { actorOf } from './ghosts.ts'
import { perform } from './perform.ts'
import { leftOf } from './leaving.ts'
import { noteLeaving } from './leavings.ts'
import { readInLost } from './lost-marks.ts'
import { onceBack, withoutAbsent } from './group-end.ts'
import { loseIfOut } from './lost-rooms.ts'
import { recordMembers } from './members.ts'
import { goesOnIn } from './moved.ts'
import { isKeptOut } from './policy-effects.ts'
import { noteListLost } from './policy-lists.ts'
import { isOurs, matrixLink } from './portals.ts'
import { letIn } from './room-upgrades.ts'
import { profileUpdate } from './own-profile.ts'
import { isInSpace, spaceDue } from './spaces.ts'
import { welcomeText } from './welcome.ts'

type Member = MatrixEvent & { type: 'member' }

const memberChange = (event: Member): Change => ({
  change: 'put-membership',
  roomId: event.roomId,
  userId: event.user,
  membership: event.membership,
})

/** The bot joins whoever is permitted; a chat with one person becomes where they give commands. */
async function acceptBotInvite(event: Member, deps: Deps): Promise<readonly Action[]> {
  const { bot } = deps.identity
  const listed = await letIntoList(event, deps)
  if (listed !== undefined) return listed
  if (!isPermitted(event.sender, deps)) {
    await deps.homeserver.leave(bot, event.roomId, notEnabled)
    return []
  }
  await deps.homeserver.join(bot, event.roomId)
  await recordMembers(event.roomId, bot, deps)
  const awaited = await letIn(event, deps)
  if (awaited !== undefined) return [{ do: 'commit', changes: awaited }]
  const current = await deps.store.findPortalByRoom(event.roomId)
  if (current?.kind === 'group')
    return [{ do: 'commit', changes: await withoutAbsent(event.roomId, deps) }]
  const isPortal = current !== undefined && current.kind !== 'management'
  const members = await deps.store.membersOf(event.roomId, ['join', 'invite'])
  // With more people it is no chat with the bot, whatever a client calls it: what is told there is private.
  if (isPortal || members.length > 2) return []
  if (!event.isDirect && (await isNamed(event.roomId, deps))) return []
  if (await isEncrypted(bot, event.roomId, deps)) return offerPlainCommands(event, deps)
  const seed = { kind: 'management', userId: event.sender } as const
  const earlier = await deps.store.findPortal(seed)
  const portal: Portal = { ...seed, roomId: event.roomId }
  await deps.store.commit([
    { change: 'put-portal', portal },
    ...(earlier === undefined || earlier.roomId === event.roomId
      ? []
      : goesOnIn({ from: earlier.roomId, to: event.roomId, text: talkThere(event.roomId) }, deps)),
  ])
  return [await welcome(event.sender, event.roomId, deps)]
}

const talkThere = (roomId: RoomId): string =>
  `What I have to tell you comes into our newer chat from now on: ${matrixLink(roomId)}`

/** A room with a name was made for something, also while its maker is alone there. */
async function isNamed(roomId: RoomId, { homeserver, identity }: Deps): Promise<boolean> {
  const event = { type: 'm.room.name', stateKey: '' }
  const name = (await homeserver.findState(identity.bot, roomId, event))?.['name']
  return typeof name === 'string' && name.trim() !== ''
}

const welcome = async (user: UserId, roomId: RoomId, deps: Deps): Promise<Action> => ({
  do: 'tell',
  place: { kind: 'room', roomId },
  text: await welcomeText(user, deps),
  key: `welcome ${roomId}`,
})

/** Commands are given in a plain chat, which this one links. */
async function offerPlainCommands(event: Member, deps: Deps): Promise<readonly Action[]> {
  const user = event.sender
  const encrypted = { roomId: event.roomId, user }
  const plain = await offerPlainRoom(encrypted, { kind: 'management', userId: user }, deps)
  return [plain.notice, await welcome(user, plain.roomId, deps)]
}

/** Leaving an account's room, declining its invite or taking back a knock ends the follow. */
async function leftActorPortal(
  event: Member,
  actorId: ActorId,
  deps: Deps,
): Promise<readonly Action[]> {
  const follower = await deps.store.findLocalActorByUser(event.user)
  if (follower === undefined) return []
  if (event.sender === event.user) {
    const end = ended(event.user, actorId, { wish: event, deps })
    return [{ do: 'commit', changes: [end, ...leftOf(event, deps)] }]
  }
  if (event.sender === deps.identity.bot) return []
  const handle = await handleOfActor(actorId, deps)
  return [
    {
      do: 'tell',
      place: { kind: 'management', userId: event.user },
      text: `${event.sender} removed you from the room of ${handle}. You still follow that account: \`follow ${handle}\` brings you back, \`unfollow ${handle}\` ends it.`,
      key: `removed ${event.eventId}`,
    },
  ]
}

/** What is read there, or the Space itself, ends with its owner's leaving, and no follow does: they are told. */
function leftOwn(
  event: Member,
  portal: Portal & { kind: 'home' | 'space' },
  deps: Deps,
): readonly Action[] {
  const isTheirs = event.sender === event.user && event.user === portal.userId
  return isTheirs && isGone(event) ? [{ do: 'commit', changes: leftOf(event, deps) }] : []
}

/** A knock on an account's room asks to follow it. */
async function knockedActorPortal(
  event: Member,
  portal: Portal & { kind: 'actor' },
  deps: Deps,
): Promise<readonly Action[]> {
  if (!isPermitted(event.user, deps))
    return [{ do: 'kick', place: portal, userId: event.user, reason: notEnabled }]
  const target = await actorOf(portal.actorId, deps)
  if (await isEndedSince(event.user, namesOf(target), { wish: event, deps })) {
    const reason = await whyOut(event.user, portal.actorId, deps)
    return [{ do: 'kick', place: portal, userId: event.user, reason }]
  }
  const { actor: follower, line, actions: introduction } = await becomeActor(event.user, deps)
  const request = await requestFollow(follower, target, {
    withReplies: false,
    withBoosts: true,
    shownIn: 'room',
    deps,
  })
  const tell: Action[] = line.map((text) => ({
    do: 'tell',
    place: { kind: 'management', userId: event.user },
    text,
    key: `knocked ${event.eventId}`,
  }))
  const wished: Action = {
    do: 'commit',
    changes: [asked(event.user, target.id, { wish: event, deps })],
  }
  if (request.result !== 'too-often') return [...tell, ...introduction, wished, ...request.actions]
  const reason = request.text
  return [...tell, ...introduction, { do: 'kick', place: portal, userId: event.user, reason }]
}

/**
 * An invite of ours into an account's room that came true although the follow had ended by then:
 * the bridge may have died before it could take it back.
 */
async function takeBackInvite(event: Member, deps: Deps): Promise<readonly Action[]> {
  const portal = await deps.store.findPortalByRoom(event.roomId)
  const isOwn = event.membership === 'invite' && !isOurs(event.user, deps)
  if (!isOwn || portal?.kind !== 'actor') return []
  if (await isReadInRoom(event.user, portal.actorId, deps)) return []
  const reason = await whyOut(event.user, portal.actorId, deps)
  return [{ do: 'kick', place: portal, userId: event.user, reason }]
}

const isGone = (event: Member): boolean =>
  event.membership === 'leave' || event.membership === 'ban'

/** Somebody may have left before the room was lost, or put an account out, and we hear it after. */
async function inLost(event: Member, deps: Deps): Promise<readonly Action[]> {
  const blocks = await blockBanned(event, undefined, deps)
  if (blocks.length > 0) return blocks
  if (event.membership !== 'leave' || event.sender !== event.user) return []
  const actorId = await readInLost(event.roomId, deps)
  return actorId === undefined ? [] : leftActorPortal(event, actorId, deps)
}

/** Who comes back later agrees anew. */
const leftGroup = (event: Member): readonly Action[] =>
  isGone(event)
    ? [
        {
          do: 'commit',
          changes: [{ change: 'remove-consent', roomId: event.roomId, userId: event.user }],
        },
      ]
    : []

async function inPortal(event: Member, portal: Portal, deps: Deps): Promise<readonly Action[]> {
  const blocks = await blockBanned(event, portal, deps)
  if (portal.kind === 'direct') return [...blocks, ...(await rekeyDirect(portal, deps))]
  if (blocks.length > 0) return blocks
  if (portal.kind === 'home' || portal.kind === 'space') return leftOwn(event, portal, deps)
  if (portal.kind === 'group') return leftGroup(event)
  if (portal.kind !== 'actor' || isOurs(event.user, deps)) return []
  if (isGone(event)) return leftActorPortal(event, portal.actorId, deps)
  return event.membership === 'knock' ? knockedActorPortal(event, portal, deps) : []
}

async function botIsIn({ roomId }: Member, deps: Deps): Promise<readonly Action[]> {
  const changes = await onceBack(roomId, deps)
  return changes.length === 0 ? [] : [{ do: 'commit', changes }]
}

async function actionsFor(event: Member, deps: Deps): Promise<readonly Action[]> {
  if (event.user === deps.identity.bot && isGone(event)) {
    // Never of our own making in a room that is a portal, whoever sent it.
    await loseIfOut(event.roomId, deps)
    return noteListLost(event, deps)
  }
  if (event.user === deps.identity.bot && event.membership === 'join') return botIsIn(event, deps)
  // What our bot and ghosts did is noted: whoever made them do it does the rest.
  if (isOurs(event.sender, deps)) return takeBackInvite(event, deps)
  const isInvite = event.membership === 'invite'
  if (isInvite && isOurs(event.user, deps) && (await isKeptOut(event, deps))) return []
  if (isInvite && event.user === deps.identity.bot) return acceptBotInvite(event, deps)
  if (isInvite && isOurs(event.user, deps)) return acceptGhostInvite(event, deps)
  const portal = await deps.store.findPortalByRoom(event.roomId)
  const inRoom =
    portal === undefined ? await inLost(event, deps) : await inPortal(event, portal, deps)
  await profileUpdate(event, deps)
  return inRoom
}

/** An invite of ours by somebody who may not use us. */
const isUnwelcome = (event: Member, deps: Deps): boolean =>
  event.membership === 'invite' &&
  isOurs(event.user, deps) &&
  !isOurs(event.sender, deps) &&
  !isPermitted(event.sender, deps)

/** The echo of an invite of ours comes after we know that it was accepted. */
async function isOldNews(event: Member, deps: Deps): Promise<boolean> {
  if (event.membership !== 'invite' || !isOurs(event.sender, deps)) return false
  return (await deps.store.findMembership(event.roomId, event.user)) === 'join'
}

/** Whose rooms are others now: of who came or went, or who invited one of ours and so made it a chat. */
async function ofSpace(event: Member, isChanged: boolean, deps: Deps): Promise<readonly Change[]> {
  const isOfUs = isOurs(event.user, deps)
  const userId = isOfUs ? event.sender : event.user
  const isNews = isOfUs ? event.membership === 'invite' : isChanged
  if (!isNews || isOurs(userId, deps) || !(await isInSpace(event.roomId, userId, deps))) return []
  return spaceDue(userId, deps)
}

/** Obeys one membership event: records it, then does what it means. Safe to run again. */
export async function receiveMembership(event: Member, job: Job, deps: Deps): Promise<JobResult> {
  const invite = { event, addedAt: job.addedAt }
  const before = await deps.store.findMembership(event.roomId, event.user)
  // Done again, what was before is not known any more.
  const isChanged = job.claims > 0 || (before === 'join') !== (event.membership === 'join')
  if (!(await isOldNews(event, deps)))
    await deps.store.commit([
      memberChange(event),
      ...notePutOut(event, deps),
      ...(await noteLeaving(event, deps)),
    ])
  try {
    if (isUnwelcome(event, deps)) waitToDecline(invite, deps)
    const actions = await actionsFor(event, deps)
    return {
      outcome: actions.length === 0 ? 'noted' : 'done',
      changes: [
        ...(await perform(actions, { isRepeated: job.claims > 0 }, deps)),
        ...(await ofSpace(event, isChanged, deps)),
      ],
    }
  } catch (error) {
    if (isClosedToUs(error, invite, deps)) return { outcome: 'skipped: closed-room', changes: [] }
    throw error
  }
}
