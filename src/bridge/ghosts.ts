import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Ghost, RemoteActor } from '../model/actor.ts'
import type { Handle } from '../model/handle.ts'
import { RejectedError } from '../model/errors.ts'
import { accountJob } from './account-work.ts'
import { mindPutOut } from './banned-ghosts.ts'
import { mindEnd } from './lost-marks.ts'
import { isOwnId } from './new-ids.ts'
import { isTold, toldOf } from './told.ts'
import { accountName } from '../model/display-name.ts'
import { refusalIn } from '../model/wishes.ts'
import { ghostUserId, parseGhostLocalpart, splitMatrixId } from '../model/names.ts'

const maxAttempts = 50

/** A free user id for that account: two actors with one handle get two ghosts. */
async function freeUserId(actor: RemoteActor, deps: Deps): Promise<UserId> {
  const { prefix, serverName } = deps.identity
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const userId = ghostUserId(actor, { prefix, serverName, attempt })
    const taken = await deps.store.findGhostByUser(userId)
    if (taken === undefined || taken.actorId === actor.id) return userId
  }
  throw new RejectedError(`no free Matrix user id for ${actor.id}`)
}

/** The user id of that account's ghost, or the one that it would get now. Makes nothing. */
export async function ghostIdOf(actor: RemoteActor, deps: Deps): Promise<UserId> {
  return (await deps.store.findGhost(actor.id))?.userId ?? freeUserId(actor, deps)
}

/** The stored pair, made when there is none. Does not touch the homeserver. Idempotent. */
export async function ensureGhostRow(actor: RemoteActor, deps: Deps): Promise<Ghost> {
  const known = await deps.store.findGhost(actor.id)
  if (known !== undefined) return known
  return deps.locks(`ghost ${actor.host}`, async () => {
    const again = await deps.store.findGhost(actor.id)
    if (again !== undefined) return again
    const ghost: Ghost = {
      userId: await freeUserId(actor, deps),
      actorId: actor.id,
      registered: false,
    }
    await deps.store.commit([{ change: 'put-ghost', ghost }])
    return ghost
  })
}

/**
 * The ghost with that user id; one that nobody has seen yet is looked up by the account its name
 * says. Undefined where there is no such account; TransientError while its server does not answer.
 */
export async function findOrLookUpGhost(userId: UserId, deps: Deps): Promise<Ghost | undefined> {
  const known = await deps.store.findGhostByUser(userId)
  const name = splitMatrixId(userId, '@')
  if (known !== undefined || name?.serverName !== deps.identity.serverName) return known
  const handle = parseGhostLocalpart(deps.identity.prefix, name.localpart)
  const actor = handle === undefined ? undefined : await lookUp(handle, deps)
  const ghost = actor === undefined ? undefined : await ensureGhostRow(actor, deps)
  return ghost?.userId === userId ? ghost : undefined
}

async function lookUp(handle: Handle, deps: Deps): Promise<RemoteActor | undefined> {
  try {
    const since = deps.clock.now()
    const actor = await deps.fediverse.lookup(handle)
    // People of this bridge are themselves on Matrix.
    return isOwnId(actor.id, deps) ? undefined : await keepNewest(actor, since, deps)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

export const ghostName = (actor: RemoteActor, { identity }: Pick<Deps, 'identity'>): string =>
  accountName(actor, identity)

/** Registered and named on the homeserver; the rest of its profile follows by an upkeep job. Idempotent. */
export async function ensureGhost(actor: RemoteActor, deps: Deps): Promise<Ghost> {
  const row = await ensureGhostRow(actor, deps)
  const name = ghostName(actor, deps)
  const hasName = row.displayName === name
  if (row.registered && hasName && isWhole(row, actor)) return row
  return deps.locks(`ghost ${row.userId}`, async () => {
    let ghost = (await deps.store.findGhost(actor.id)) ?? row
    if (!ghost.registered) await deps.homeserver.register(ghost.userId)
    // Renamed while the homeserver worked, it has the newest name in the end.
    for (let now = actor; ;) {
      ghost = await showName(ghost, now, deps)
      now = (await deps.store.findRemoteActor(actor.id)) ?? now
      if (ghostName(now, deps) === ghost.displayName) return ghost
    }
  })
}

/** Whether its profile says everything that the account says. */
const isWhole = (ghost: Ghost, actor: RemoteActor): boolean =>
  ghost.avatarUrl === actor.icon && isTold(ghost, actor)

/** What was fetched at another time may say again what was said before. */
const occasionOf = (actor: RemoteActor): string =>
  [actor.icon ?? '', toldOf(actor), String(actor.fetchedAt)].join(' ').trim()

async function showName(shown: Ghost, actor: RemoteActor, deps: Deps): Promise<Ghost> {
  const name = ghostName(actor, deps)
  if (shown.displayName !== name) await deps.homeserver.setDisplayName(shown.userId, name)
  const ghost: Ghost = { ...shown, registered: true, displayName: name }
  await deps.store.commit([
    { change: 'put-ghost', ghost },
    ...(isWhole(ghost, actor)
      ? []
      : [{ change: 'enqueue', job: avatarJob(actor, occasionOf(actor)) } as const]),
  ])
  return ghost
}

/** Brings the account's picture to its ghost and its portal, and what else it says to its ghost; `occasion` is what gave rise to it. */
export const avatarJob = ({ id }: RemoteActor, occasion: string) =>
  ({
    kind: 'upkeep',
    key: `avatar ${id} ${occasion}`,
    lane: `upkeep:avatar ${id}`,
    payload: JSON.stringify({ type: 'avatar', actorId: id }),
  }) as const

/** The ghost is in the room: invited by our bot where the room wants that. Idempotent. */
export async function ensureJoined(ghost: Ghost, roomId: RoomId, deps: Deps): Promise<void> {
  if ((await deps.store.findMembership(roomId, ghost.userId)) === 'join') return
  const { bot } = deps.identity
  await mindPutOut(roomId, ghost.userId, deps)
  await mindEnd(roomId, deps)
  await deps.locks(`join ${roomId} ${ghost.userId}`, async () => {
    if ((await deps.store.findMembership(roomId, ghost.userId)) === 'join') return
    try {
      await deps.homeserver.join(ghost.userId, roomId)
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error
      await deps.homeserver.invite(bot, roomId, ghost.userId)
      await deps.homeserver.join(ghost.userId, roomId)
    }
    await deps.store.commit([
      { change: 'put-membership', roomId, userId: ghost.userId, membership: 'join' },
    ])
  })
}

/** The stored actor, fetched when we never saw it. */
export async function actorOf(actorId: ActorId, deps: Deps): Promise<RemoteActor> {
  return (await deps.store.findRemoteActor(actorId)) ?? fetchAndKeep(actorId, deps)
}

export async function fetchAndKeep(actorId: ActorId, deps: Deps): Promise<RemoteActor> {
  const since = deps.clock.now()
  return keepNewest(await deps.fediverse.fetchActor(actorId), since, deps)
}

/** What an account told us of itself while we asked is newer than what its server answered. */
export async function keepNewest(
  actor: RemoteActor,
  since: number,
  deps: Deps,
): Promise<RemoteActor> {
  const told = await deps.store.findRemoteActor(actor.id)
  if (told !== undefined && told.fetchedAt >= since) return told
  const isUnwanted = refusalIn(actor.details?.wishes) !== undefined
  // Of whom nobody knew yet, somebody may have been told all the same: in the words of others.
  const isOther = told === undefined ? isUnwanted : !looksLike(told, actor)
  await deps.store.commit([
    { change: 'put-remote-actor', actor },
    ...(isOther
      ? [{ change: 'enqueue', job: refreshJob(actor.id, String(actor.fetchedAt)) } as const]
      : []),
    ...(told === undefined ? [] : lookAtPicture(actor, deps)),
    ...(await lookAtPins(actor, deps)),
  ])
  return actor
}

const lookAtPicture = (actor: RemoteActor, { clock }: Deps): readonly Change[] => [
  { change: 'enqueue', job: avatarJob(actor, monthOf(clock.now())) },
]

async function lookAtPins(actor: RemoteActor, { store, clock }: Deps): Promise<readonly Change[]> {
  const portal = await store.findPortal({ kind: 'actor', actorId: actor.id })
  return portal === undefined ? [] : [{ change: 'enqueue', job: pinsJob(actor, clock.now()) }]
}

const dayInMs = 86_400_000

/**
 * What is looked at again when the profile of a known account was fetched for no other reason. A
 * picture that was there within the last day is taken to be there still, so it is looked at later.
 */
export async function furtherLooks(actor: RemoteActor, deps: Deps): Promise<readonly Change[]> {
  const now = deps.clock.now()
  const job = { ...avatarJob(actor, monthOf(now)), runAt: now + dayInMs }
  return [{ change: 'enqueue', job }, ...(await lookAtPins(actor, deps))]
}

/** Once in a while it is looked whether the homeserver still has the picture of an account. */
const monthOf = (now: number): string => `month ${Math.floor(now / 2_592_000_000)}`

/** Looks at its pins once a day at most, and only while anything else is fetched of it. */
const pinsJob = ({ id: actorId }: RemoteActor, now: number) =>
  accountJob({ type: 'pins', actorId }, String(Math.floor(now / 86_400_000)))

/**
 * Ghost and room show what the account says by now, also where no Update told of it; `occasion` is what
 * gave rise to it.
 */
export const refreshJob = (actorId: ActorId, occasion: string) =>
  ({
    kind: 'upkeep',
    key: `refresh ${actorId} ${occasion}`,
    lane: `upkeep:refresh ${actorId}`,
    payload: JSON.stringify({ type: 'refresh', actorId }),
  }) as const

/** Whether rooms and ghost show the same for both. */
function looksLike(a: RemoteActor, b: RemoteActor): boolean {
  const shown = ({ kind, name, summary, icon, details }: RemoteActor): string =>
    JSON.stringify([kind, name, summary, icon, details])
  return shown(a) === shown(b)
}
