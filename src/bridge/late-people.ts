import type { ActorId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal } from '../model/portal.ts'
import { RejectedError } from '../model/errors.ts'
import { absentKey, absentText } from '../translate/not-sent.ts'
import { dayOf } from '../translate/strangers.ts'
import { actorOf, ensureGhost, ensureJoined } from './ghosts.ts'
import { actorsAmong } from './portal-shape.ts'
import { mostLookedUp } from './resolve-people.ts'
import { tellJob } from './tell-job.ts'

type Direct = Portal & { readonly kind: 'direct' }

/**
 * Somebody to whom a private message is addressed, too, and whose server did not answer: payload of
 * an `upkeep` job. Their ghost comes into the chat when it does.
 */
export type Late = { readonly type: 'late'; readonly roomId: RoomId; readonly actorId: ActorId }

/** One job a day: its tries go on for so long. */
function lateJob(roomId: RoomId, actorId: ActorId, deps: Deps): Change {
  const payload: Late = { type: 'late', roomId, actorId }
  const job = {
    kind: 'upkeep',
    key: `late ${roomId} ${actorId} ${dayOf(deps.clock.now())}`,
    lane: `upkeep:late ${roomId} ${actorId}`,
    payload: JSON.stringify(payload),
  } as const
  return { change: 'enqueue', job }
}

/** Whose ghosts were never in the chat: they are meant all the same, and still to come. */
export async function latePeople(
  { roomId, participants }: Direct,
  deps: Deps,
): Promise<readonly ActorId[]> {
  const late: ActorId[] = []
  for (const actorId of actorsAmong(participants)) {
    const ghost = await deps.store.findGhost(actorId)
    const wasThere =
      ghost !== undefined && (await deps.store.findMembership(roomId, ghost.userId)) !== undefined
    if (!wasThere) late.push(actorId)
  }
  return late
}

async function bring(roomId: RoomId, actorId: ActorId, deps: Deps): Promise<void> {
  const ghost = await ensureGhost(await actorOf(actorId, deps), deps)
  await ensureJoined(ghost, roomId, deps)
}

/** Who was fetched since then was looked up for the message that the room waits for, milliseconds. */
const justNow = 60_000

/** How many may still be looked up: what the message itself cost counts too. */
async function mostLate({ participants }: Direct, deps: Deps): Promise<number> {
  const most = Math.min(mostLookedUp, deps.userLimits.accountsPerRequest || mostLookedUp)
  const since = deps.clock.now() - justNow
  let fresh = 0
  for (const actorId of actorsAmong(participants)) {
    const actor = await deps.store.findRemoteActor(actorId)
    if (actor !== undefined && actor.fetchedAt > since) fresh += 1
  }
  return Math.max(0, most - fresh)
}

/** Ghosts of those whom we know by now come in; for each of the others a job tries. Idempotent. */
export async function bringLate(portal: Direct, deps: Deps): Promise<readonly Change[]> {
  const changes: Change[] = []
  const most = await mostLate(portal, deps)
  for (const actorId of (await latePeople(portal, deps)).slice(0, mostLookedUp)) {
    const isKnown = (await deps.store.findRemoteActor(actorId)) !== undefined
    if (isKnown) await bring(portal.roomId, actorId, deps)
    else if (changes.length < most) changes.push(lateJob(portal.roomId, actorId, deps))
  }
  return changes
}

const toldMark = (roomId: RoomId, actorId: ActorId): string => `told ${absentKey(roomId, actorId)}`

/** Whether the people in that chat know that this one is out of reach: then nothing waits for them. */
export const isToldAbsent = async (
  roomId: RoomId,
  actorId: ActorId,
  deps: Deps,
): Promise<boolean> => (await deps.store.findMark(toldMark(roomId, actorId))) !== undefined

/** Nobody tries any more before the next message there; its people know. */
export const giveUpLate = ({ roomId, actorId }: Late): readonly Change[] => [
  tellJob({ key: absentKey(roomId, actorId), roomId, text: absentText(actorId) }),
]

/** Safe to run again; throws as long as it is worth another try. */
export async function doLate(late: Late, deps: Deps): Promise<readonly Change[]> {
  const { roomId, actorId } = late
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal?.kind !== 'direct' || !(await latePeople(portal, deps)).includes(actorId)) return []
  try {
    await bring(roomId, actorId, deps)
    return [{ change: 'unmark', key: toldMark(roomId, actorId) }]
  } catch (error) {
    if (error instanceof RejectedError) return giveUpLate(late)
    throw error
  }
}
