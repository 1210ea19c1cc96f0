import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Place } from '../model/action.ts'
import type { Portal, PortalSeed } from '../model/portal.ts'
import type { Ghost, RemoteActor } from '../model/actor.ts'
import type { RoomRequest } from '../model/room.ts'
import type { RejectedError } from '../model/errors.ts'
import { botName } from '../model/display-name.ts'
import { portalKey } from '../model/portal.ts'
import { accountJob } from './account-work.ts'
import { hasBacklog } from './backlog-mark.ts'
import { isShut } from './closed-rooms.ts'
import { actorOf, avatarJob, ensureGhost, ensureJoined, ghostName, refreshJob } from './ghosts.ts'
import { bringAllIn, inviteJob, tellUninvited } from './invites.ts'
import { bringLate } from './late-people.ts'
import { forgetReaders, formerReaders, loseIfOut } from './lost-rooms.ts'
import { recordMembers } from './members.ts'
import { createOrAdopt } from './adopt-room.ts'
import { isOurs } from './matrix-ids.ts'
import { ownAliasOf } from './own-rooms.ts'
import {
  actorRoom,
  actorsAmong,
  directRoom,
  homeRoom,
  moderationRoom,
  privateRoom,
  profileRoom,
  spaceRoom,
} from './portal-shape.ts'
import { usersOf } from './room-people.ts'

export { isOurs, matrixLink } from './matrix-ids.ts'

/** The host in brackets only when another portal has the same name. */
export async function portalName(actor: RemoteActor, deps: Deps): Promise<string> {
  const name = ghostName(actor, deps)
  return (await deps.store.hasNamesake(name, actor.id)) ? `${name} (${actor.host})` : name
}

/** Of those whom we know by now: whose server does not answer comes later. */
async function knownGhosts(seed: PortalSeed & { kind: 'direct' }, deps: Deps): Promise<Ghost[]> {
  const ghosts: Ghost[] = []
  for (const actorId of actorsAmong(seed.participants)) {
    const actor = await deps.store.findRemoteActor(actorId)
    if (actor !== undefined) ghosts.push(await ensureGhost(actor, deps))
  }
  return ghosts
}

/** What the room of a portal is made of. */
export async function requestFor(seed: PortalSeed, deps: Deps): Promise<RoomRequest> {
  switch (seed.kind) {
    case 'management':
      return privateRoom({ name: botName }, { seed, deps })
    case 'notifications':
      return privateRoom({ name: 'Fediverse notifications' }, { seed, deps })
    case 'home':
      return privateRoom(homeRoom, { seed, deps })
    case 'space':
      return spaceRoom(seed, deps)
    case 'moderation':
      return privateRoom(moderationRoom(deps), { seed, deps })
    case 'actor': {
      const actor = await actorOf(seed.actorId, deps)
      const ghost = await ensureGhost(actor, deps)
      return actorRoom(actor, { name: await portalName(actor, deps), ghost: ghost.userId }, deps)
    }
    case 'profile': {
      const owner = await deps.store.findLocalActor(seed.actorId)
      if (owner === undefined) throw new Error(`no local actor ${seed.actorId}`)
      return profileRoom(owner, seed, deps)
    }
    case 'group':
      throw new Error('the room of a group is there before the group')
    case 'direct': {
      const ghosts = await knownGhosts(seed, deps)
      return directRoom(
        ghosts.map(({ userId }) => userId),
        seed,
        deps,
      )
    }
  }
}

/**
 * What the room of an account still lacks when it is there. The ghost may have had its picture before,
 * and the account may have changed while the homeserver made the room, which nobody could show there
 * then. What it has pinned comes with the backlog, and that only into its first room.
 */
async function lookFor(portal: Portal, deps: Deps): Promise<readonly Change[]> {
  if (portal.kind !== 'actor') return []
  const { actorId, roomId } = portal
  const actor = await actorOf(actorId, deps)
  const jobs = [
    refreshJob(actorId, roomId),
    ...(actor.icon === undefined ? [] : [avatarJob(actor, roomId)]),
    ...((await hasBacklog(actorId, deps)) ? [accountJob({ type: 'pins', actorId }, roomId)] : []),
  ]
  return jobs.map((job) => ({ change: 'enqueue', job }))
}

/** Each by a job: a room has any number of readers, and they are in no hurry to get in. */
async function inviteFormerReaders(portal: Portal, deps: Deps): Promise<readonly Change[]> {
  if (portal.kind !== 'actor') return []
  const readers = await formerReaders(portal.actorId, deps)
  return [
    ...readers.flatMap((userId) => inviteJob(portal.roomId, userId, deps)),
    forgetReaders(portal.actorId),
  ]
}

async function createPortal(seed: PortalSeed, deps: Deps): Promise<Portal> {
  const request = await requestFor(seed, deps)
  const { alias } = request
  if (alias === undefined) throw new Error(`portal ${seed.kind} without an alias`)
  const roomId = await createOrAdopt(seed, { ...request, alias }, deps)
  await recordMembers(roomId, deps.identity.bot, deps)
  const context =
    seed.kind === 'direct' ? `${deps.identity.publicUrl}/contexts/${deps.random.id()}` : undefined
  const portal: Portal = { ...seed, roomId, ...(context === undefined ? {} : { context }) }
  await deps.store.commit([
    { change: 'put-portal', portal },
    ...(await lookFor(portal, deps)),
    ...(await inviteFormerReaders(portal, deps)),
  ])
  // Before the people: one of the ghosts invites them.
  const ghosts = seed.kind === 'direct' ? await knownGhosts(seed, deps) : []
  for (const ghost of ghosts) await ensureJoined(ghost, roomId, deps)
  await gather(portal, deps)
  return portal
}

/**
 * Invites whom the room is for, if they are not there. Who does not want to be invited reads why;
 * RejectedError where it is the room that lets us invite nobody.
 */
export async function gather(portal: Portal, deps: Deps): Promise<void> {
  const { roomId } = portal
  const refused = async (userId: UserId, error: RejectedError): Promise<readonly Change[]> => {
    if (isShut(error) && (await ownAliasOf(roomId, deps)) === undefined) throw error
    return [await tellUninvited(portal, { roomId, userId }, { deps })]
  }
  const late = portal.kind === 'direct' ? await bringLate(portal, deps) : []
  const invited = await bringAllIn(portal, await usersOf(portal, deps), { refused, deps })
  await deps.store.commit([...late, ...invited])
}

/** The portal with its room; made once, also when several jobs ask at the same time. Idempotent. */
export async function ensurePortal(seed: PortalSeed, deps: Deps): Promise<Portal> {
  const known = await deps.store.findPortal(seed)
  if (known !== undefined) return known
  return deps.locks(`portal ${seed.kind} ${portalKey(seed)}`, async () => {
    return (await deps.store.findPortal(seed)) ?? createPortal(seed, deps)
  })
}

/** For those who are about to tell somebody where it is: never a room that we were put out of. */
export async function findOpenPortal(seed: PortalSeed, deps: Deps): Promise<Portal | undefined> {
  const known = await deps.store.findPortal(seed)
  return known === undefined || (await loseIfOut(known.roomId, deps)) ? undefined : known
}

/** `ensurePortal` for those who are about to tell somebody where it is. */
export const ensureOpenPortal = async (seed: PortalSeed, deps: Deps): Promise<Portal> =>
  (await findOpenPortal(seed, deps)) ?? ensurePortal(seed, deps)

/** The room of an account whose last one was lost, if anybody read it there who still follows. */
export async function reopenActor(actorId: ActorId, deps: Deps): Promise<Portal | undefined> {
  const readers = await formerReaders(actorId, deps)
  return readers.length === 0 ? undefined : ensurePortal({ kind: 'actor', actorId }, deps)
}

/** Told where the user talks with the bot, if both are there still, and alone; otherwise in their notifications. */
async function privatePlace(userId: UserId, deps: Deps): Promise<PortalSeed> {
  const management = await deps.store.findPortal({ kind: 'management', userId })
  const members =
    management === undefined ? [] : await deps.store.membersOf(management.roomId, ['join'])
  const isThere = members.includes(userId) && members.includes(deps.identity.bot)
  const isAlone = members.every((member) => member === userId || isOurs(member, deps))
  return { kind: isThere && isAlone ? 'management' : 'notifications', userId }
}

/** The room of a place, made if need be, with the people back in it whom it is for. */
export async function roomOf(place: Place, deps: Deps): Promise<RoomId> {
  if (place.kind === 'room') return place.roomId
  const seed = place.kind === 'management' ? await privatePlace(place.userId, deps) : place
  const portal = await ensurePortal(seed, deps)
  // Somebody who left a private room would otherwise lose what is written there next.
  if (portal.kind === 'direct') return reopenDirect(portal, deps)
  if (portal.kind === 'notifications') await gather(portal, deps)
  return portal.roomId
}

/** Gives the room of a chat up for one of our own; undefined where there is no better one to be had. */
export async function replaceDirect(
  closed: Portal & { kind: 'direct' },
  deps: Deps,
): Promise<RoomId | undefined> {
  if ((await ownAliasOf(closed.roomId, deps)) !== undefined) return undefined
  const seed = { kind: 'direct', participants: closed.participants } as const
  const isGone = await loseIfOut(closed.roomId, deps)
  const current = isGone ? undefined : await deps.store.findPortal(seed)
  if (current?.roomId === closed.roomId)
    await deps.store.commit([{ change: 'remove-portal', roomId: closed.roomId }])
  const { roomId } = await ensurePortal(seed, deps)
  // The alias leads back into the same closed room.
  return roomId === closed.roomId ? undefined : roomId
}

/**
 * Brings everybody of a direct portal back into its room. A room that its people made may not let
 * us invite; then it is given up.
 */
async function reopenDirect(portal: Portal & { kind: 'direct' }, deps: Deps): Promise<RoomId> {
  try {
    await gather(portal, deps)
    return portal.roomId
  } catch (error) {
    const fresh = isShut(error) ? await replaceDirect(portal, deps) : undefined
    if (fresh === undefined) throw error
    return fresh
  }
}
