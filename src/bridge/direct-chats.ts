import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Ghost } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Participant, Portal } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { displayHandle, parseGhostLocalpart, splitMatrixId } from '../model/names.ts'
import { portalKey } from '../model/portal.ts'
import { onlyFollows } from '../translate/not-sent.ts'
import { isPermitted, mayPublish, notEnabled } from './actors.ts'
import { handleOfActor } from './follows.ts'
import { actorOf, ensureGhost, findOrLookUpGhost } from './ghosts.ts'
import { isEncrypted, offerPlainRoom } from './encrypted.ts'
import { isUnderWay } from './invites.ts'
import { latePeople } from './late-people.ts'
import { leftAloneLine } from './wishes.ts'
import { againOf } from './adopt-room.ts'
import { movedTo } from './moved.ts'
import { newContext } from './new-ids.ts'
import { participantsIn } from './participants.ts'
import { recordMembers } from './members.ts'
import { actorsAmong, aliasAgain, opaqueAlias, usersAmong } from './portal-shape.ts'

type Member = MatrixEvent & { type: 'member' }

/** Of a ghost that nobody has looked up yet, what its name says. */
function handleOfGhost(userId: UserId, { identity }: Deps): string {
  const name = splitMatrixId(userId, '@')
  const handle = name && parseGhostLocalpart(identity.prefix, name.localpart)
  return handle === undefined ? userId : displayHandle(handle)
}

async function handlesOf(participants: readonly Participant[], deps: Deps): Promise<string> {
  const handles = await Promise.all(actorsAmong(participants).map((id) => handleOfActor(id, deps)))
  const others = participants.flatMap((p) =>
    p.kind === 'ghost' ? [handleOfGhost(p.userId, deps)] : [],
  )
  return [...handles, ...others].join(', ')
}

function bind(participants: readonly Participant[], roomId: RoomId, deps: Deps): Portal {
  return { kind: 'direct', participants, roomId, context: newContext(deps) }
}

/** Strangers to this bridge cost no look-up: a ghost that is there declines, another one never comes. */
async function declineUnasked(event: Member, why: string, deps: Deps): Promise<readonly Action[]> {
  const ghost = await deps.store.findGhostByUser(event.user)
  if (ghost?.registered === true) await deps.homeserver.leave(ghost.userId, event.roomId, why)
  return []
}

/** Who does not want to be bridged comes into no room; whoever invited them reads why. */
async function declineFor(
  { userId, registered }: Ghost,
  text: string,
  { event, deps }: { readonly event: Member; readonly deps: Deps },
): Promise<readonly Action[]> {
  if (registered) await deps.homeserver.leave(userId, event.roomId, text)
  const place = { kind: 'management', userId: event.sender } as const
  return [{ do: 'tell', place, text, key: `left alone ${event.eventId}` }]
}

/** Only an invite into a room that is nothing else yet, or a direct one, makes a direct chat. */
async function isForChat(event: Member, deps: Deps): Promise<boolean> {
  const portal = await deps.store.findPortalByRoom(event.roomId)
  return portal === undefined || portal.kind === 'direct'
}

/**
 * A ghost is invited by somebody of ours: it joins, the room becomes the direct portal of the
 * people in it, and they are told once what is bridged.
 */
export async function acceptGhostInvite(event: Member, deps: Deps): Promise<readonly Action[]> {
  if (!isPermitted(event.sender, deps)) return declineUnasked(event, notEnabled, deps)
  if (!mayPublish(event.sender, deps)) return declineUnasked(event, onlyFollows, deps)
  const row = await findOrLookUpGhost(event.user, deps)
  if (row === undefined) return [nobodyThere(event)]
  const actor = await actorOf(row.actorId, deps)
  const alone = await leftAloneLine(actor, deps)
  if (alone !== undefined) return declineFor(row, alone, { event, deps })
  const ghost = await ensureGhost(actor, deps)
  if (!(await isForChat(event, deps))) {
    await deps.homeserver.leave(ghost.userId, event.roomId)
    return []
  }
  await deps.homeserver.join(ghost.userId, event.roomId)
  await recordMembers(event.roomId, ghost.userId, deps)
  const participants = await participantsIn(event.roomId, deps)
  if (participants.length > mostPeople) {
    await deps.homeserver.leave(ghost.userId, event.roomId)
    return [tooMany(event)]
  }
  if (await isEncrypted(ghost.userId, event.roomId, deps)) {
    const encrypted = { roomId: event.roomId, user: event.sender }
    return [(await offerPlainRoom(encrypted, { kind: 'direct', participants }, deps)).notice]
  }
  // The lock of `ensurePortal`: a first message from the other side makes a room at the same moment.
  await deps.locks(`portal direct ${portalKey({ kind: 'direct', participants })}`, () =>
    bindChat(participants, event.roomId, deps),
  )
  return [
    await bridgedNotice(event, participants, { deps }),
    ...(await packsIn(event.roomId, ghost, deps)),
  ]
}

/** What the room offers from before its ghost came. */
async function packsIn(roomId: RoomId, { userId }: Ghost, deps: Deps): Promise<Action[]> {
  const packs = await deps.homeserver.findImagePacks(userId, roomId)
  const changes = packs.map((pack): Change => ({
    change: 'put-image-pack',
    pack: { ...pack, roomId },
  }))
  return changes.length === 0 ? [] : [{ do: 'commit', changes }]
}

/** As `dm` allows. In a larger room people talk who never meant to be on the fediverse. */
const mostPeople = 11

const tooMany = (event: Member): Action => ({
  do: 'tell',
  place: { kind: 'management', userId: event.sender },
  text: `${event.user} cannot come into that room: everything everybody wrote there would go out as a private message. A chat has at most ${mostPeople} people; \`dm\` makes one.`,
  key: `too many ${event.eventId}`,
})

/** Said where the sender reads it: nobody of ours is in that room, perhaps. */
const nobodyThere = (event: Member): Action => ({
  do: 'tell',
  place: { kind: 'management', userId: event.sender },
  text: `You invited ${event.user}, but no such account can be found, or its server does not answer. Nothing reaches it; invite it again to try once more.`,
  key: `nobody ${event.eventId}`,
})

/** The room is the chat of these people from now on; if they had another one, it says where to go. */
async function bindChat(
  participants: readonly Participant[],
  roomId: RoomId,
  deps: Deps,
): Promise<void> {
  const current = await deps.store.findPortalByRoom(roomId)
  const earlier = await deps.store.findPortal({ kind: 'direct', participants })
  const portal =
    current?.kind === 'direct' ? { ...current, participants } : bind(participants, roomId, deps)
  const other = earlier?.roomId ?? (await orphanOf(participants, deps))
  await deps.store.commit([
    { change: 'put-portal', portal },
    ...(other === undefined || other === roomId ? [] : await movedTo(other, roomId, deps)),
  ])
}

/** A room that we made for these people, and died before it was recorded: its alias tells. */
async function orphanOf(
  participants: readonly Participant[],
  deps: Deps,
): Promise<RoomId | undefined> {
  const seed = { kind: 'direct', participants } as const
  const alias = aliasAgain(opaqueAlias(seed, deps), await againOf(seed, deps))
  return deps.homeserver.resolveAlias(alias)
}

/** Said once to all who are there, and once to everybody who comes later. */
async function bridgedNotice(
  { roomId }: Pick<Member, 'roomId'>,
  participants: readonly Participant[],
  { newcomer, deps }: { readonly newcomer?: UserId; readonly deps: Deps },
): Promise<Action> {
  return {
    do: 'tell',
    place: { kind: 'room', roomId },
    text: `What you write here goes to ${await handlesOf(participants, deps)} as a direct message. Their server and this one can read it.`,
    key: newcomer === undefined ? `bridged ${roomId}` : `bridged ${roomId} ${newcomer}`,
    ...(newcomer === undefined ? {} : { mentions: [newcomer] }),
  }
}

/**
 * These people have another room. What is for those of before alone must not be read by somebody
 * who came, so then this room stands for nobody any more.
 */
async function leaveTo(
  portal: Portal & { kind: 'direct' },
  to: { readonly participants: readonly Participant[]; readonly roomId: RoomId },
  deps: Deps,
): Promise<readonly Action[]> {
  const before = usersAmong(portal.participants)
  if (usersAmong(to.participants).every((userId) => before.includes(userId))) return []
  const changes: Change[] = [
    { change: 'remove-portal', roomId: portal.roomId },
    ...(await movedTo(portal.roomId, to.roomId, deps)),
  ]
  return [{ do: 'commit', changes }]
}

/** Those whose invite is under way, or still to come: their server does not answer, and they belong here all the same. */
async function awaitedIn(portal: Portal & { kind: 'direct' }, deps: Deps): Promise<Participant[]> {
  const late = await latePeople(portal, deps)
  const awaited = late.map((actorId): Participant => ({ kind: 'actor', actorId }))
  for (const userId of usersAmong(portal.participants))
    if (await isUnderWay(portal.roomId, userId, deps)) awaited.push({ kind: 'user', userId })
  return awaited
}

/** So many people are no chat any more: most of them never meant to be on the fediverse. */
const outgrown = ({ roomId }: Portal): readonly Action[] => [
  { do: 'commit', changes: [{ change: 'remove-portal', roomId }] },
  {
    do: 'tell',
    place: { kind: 'room', roomId },
    text: `Nothing that is written here goes out any more: a chat with the fediverse has at most ${mostPeople} people. \`dm\` makes another one.`,
    key: `outgrown ${roomId}`,
  },
]

/**
 * People came or went: the room now stands for those who are in it, unless a room of theirs exists.
 * The last Matrix user leaving keeps the key, so that the next message brings them back.
 */
export async function rekeyDirect(
  portal: Portal & { kind: 'direct' },
  deps: Deps,
): Promise<readonly Action[]> {
  const participants = [
    ...(await participantsIn(portal.roomId, deps)),
    ...(await awaitedIn(portal, deps)),
  ]
  const users = usersAmong(participants)
  if (users.length === 0 || actorsAmong(participants).length === 0) return []
  const seed = { kind: 'direct', participants } as const
  if (portalKey(seed) === portalKey(portal)) return []
  // What was addressed to so many from the beginning may be.
  const hasGrown = participants.length > portal.participants.length
  if (hasGrown && participants.length > mostPeople) return outgrown(portal)
  const other = await deps.store.findPortal(seed)
  if (other !== undefined) return leaveTo(portal, { participants, roomId: other.roomId }, deps)
  const before = usersAmong(portal.participants)
  const newcomers = users.filter((userId) => !before.includes(userId))
  return [
    { do: 'commit', changes: [{ change: 'put-portal', portal: { ...portal, participants } }] },
    ...(await Promise.all(
      newcomers.map((newcomer) => bridgedNotice(portal, participants, { newcomer, deps })),
    )),
  ]
}
