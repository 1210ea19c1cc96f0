import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { forgetMe } from './forget-steps.ts'
import { groupEnded } from './lost-marks.ts'
import { unbridgeWork } from './unbridge-job.ts'

/**
 * The room of a group is no group any more from the commit of this on: every server that heard of it
 * hears of its end, and nobody's consent holds. A tombstone of its id and name stays.
 */
export async function endOfGroup(
  { roomId, actorId }: Portal & { kind: 'group' },
  deps: Deps,
): Promise<readonly Change[]> {
  const actor = await deps.store.findLocalActor(actorId)
  const isThere = actor !== undefined && actor.deletedAt === undefined
  return [
    ...(isThere ? forgetMe(actor, deps) : []),
    { change: 'remove-portal', roomId },
    { change: 'remove-consents', roomId },
    groupEnded(roomId, deps.clock.now()),
  ]
}

/** The same, and its ghosts leave; its people go on there with the bot. */
export async function endGroup(
  portal: Portal & { kind: 'group' },
  deps: Deps,
): Promise<readonly Change[]> {
  const work = { type: 'vacate', roomId: portal.roomId, isTheirs: true } as const
  return [...(await endOfGroup(portal, deps)), unbridgeWork(work, `closed group ${portal.actorId}`)]
}

/** The bot was put out of the room of a group, at that time; payload of an `upkeep` job. */
export type GroupOut = {
  readonly type: 'group-out'
  readonly roomId: RoomId
  readonly since: number
}

/** For so long the bot may be let in again: the end is for ever; milliseconds. */
const grace = 3_600_000

/** Since when the bot is out of that room. */
const outMark = (roomId: RoomId): string => `out of group ${roomId}`

/** Looks later whether the bot is in again. It may be asked for as often as somebody notices. */
export async function groupOut(roomId: RoomId, { store, clock }: Deps): Promise<readonly Change[]> {
  if ((await store.findMark(outMark(roomId))) !== undefined) return []
  const since = clock.now()
  const job = {
    kind: 'upkeep',
    key: `group-out ${roomId} ${String(since)}`,
    lane: `upkeep:group-out ${roomId}`,
    payload: JSON.stringify({ type: 'group-out', roomId, since } satisfies GroupOut),
    runAt: since + grace,
  } as const
  return [
    { change: 'mark', key: outMark(roomId), value: String(since), at: since },
    { change: 'enqueue', job },
  ]
}

/** Whether it is that time out that began then, and not one after the bot was in again. */
export const isStillOut = async ({ roomId, since }: GroupOut, { store }: Deps): Promise<boolean> =>
  (await store.findMark(outMark(roomId))) === String(since)

/** It is in again, or the room is no group any more. */
export const outNoMore = (roomId: RoomId): Change => ({ change: 'unmark', key: outMark(roomId) })

/**
 * The bot is in again: who left meanwhile was not seen to leave, nor who came back. Both agree anew if
 * they are there.
 */
export async function withoutAbsent(roomId: RoomId, deps: Deps): Promise<readonly Change[]> {
  const { homeserver, identity, store } = deps
  const members = await homeserver.members(identity.bot, roomId)
  const joined = new Map(
    members.flatMap(({ userId, membership, cameAt = 0 }) =>
      membership === 'join' ? [[userId, cameAt] as const] : [],
    ),
  )
  const changes: Change[] = [outNoMore(roomId)]
  for (const userId of await store.consentsIn(roomId)) {
    const cameAt = joined.get(userId)
    const isStillThere =
      cameAt !== undefined && cameAt <= ((await store.consentAt(roomId, userId)) ?? 0)
    if (!isStillThere) changes.push({ change: 'remove-consent', roomId, userId })
  }
  return changes
}

/** It may have come back unasked, brought in by an admin of the homeserver. */
export async function onceBack(roomId: RoomId, deps: Deps): Promise<readonly Change[]> {
  const wasOut = (await deps.store.findMark(outMark(roomId))) !== undefined
  return wasOut ? withoutAbsent(roomId, deps) : []
}
