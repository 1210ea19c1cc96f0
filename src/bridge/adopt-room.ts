import type { Deps } from './ports.ts'
import type { PortalSeed } from '../model/portal.ts'
import type { RoomAlias, RoomId } from '../model/ids.ts'
import type { RoomRequest } from '../model/room.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { portalKey } from '../model/portal.ts'
import { isLost } from './lost-marks.ts'
import { ownAliasOf } from './own-rooms.ts'
import { aliasAgain } from './portal-shape.ts'

type Request = RoomRequest & { readonly alias: RoomAlias }

/** Which of its aliases a portal is at: those before lead to rooms that are lost. */
const againMark = (seed: PortalSeed): string => `alias ${seed.kind} ${portalKey(seed)}`

/** Aliases that lead to lost rooms, in one try: nobody closes more rooms than this meanwhile. */
const mostAgain = 20

export async function againOf(seed: PortalSeed, deps: Deps): Promise<number> {
  return Number((await deps.store.findMark(againMark(seed))) ?? '1')
}

/** How long a room that is not as we make them may be one that the homeserver is still making. */
const makingTime = 30_000

/** Synapse gives a room its alias first, then fills it: without us in it, it may be half made. */
async function needMade(alias: RoomAlias, deps: Deps): Promise<void> {
  const mark = `half made ${alias}`
  const now = deps.clock.now()
  const since = Number((await deps.store.findMark(mark)) ?? now)
  if (since === now)
    await deps.store.commit([{ change: 'mark', key: mark, value: String(now), at: now }])
  if (now < since + makingTime)
    throw new TransientError(`${alias} leads to a room that is not whole`, {
      retryAt: since + makingTime,
    })
}

/** Undefined: the alias leads to a room that is not ours any more, and may do so for ever. */
async function createOrFind(request: Request, deps: Deps): Promise<RoomId | undefined> {
  const { alias } = request
  try {
    return await deps.homeserver.createRoom(deps.identity.bot, request)
  } catch (error) {
    if (!(error instanceof RejectedError) || error.code !== 'M_ROOM_IN_USE') throw error
    const roomId = await deps.homeserver.resolveAlias(alias)
    if (roomId === undefined)
      throw new TransientError(`${alias} was in use a moment ago`, { cause: error })
    if (await isLost(roomId, deps)) return undefined
    if ((await ownAliasOf(roomId, deps)) === alias) return roomId
    await needMade(alias, deps)
    return undefined
  }
}

/**
 * Makes the room of a portal. One whose alias exists already was made by an earlier try that died
 * before it was recorded, and is taken; unless we are not in it any more, for then it is the last
 * room, and the next one has the next alias. Which one is recorded before it is tried, so that a
 * crash leaves one room.
 */
export async function createOrAdopt(
  seed: PortalSeed,
  request: Request,
  deps: Deps,
): Promise<RoomId> {
  const first = await againOf(seed, deps)
  for (let again = first; again < first + mostAgain; again++) {
    const alias = aliasAgain(request.alias, again)
    const roomId = await createOrFind({ ...request, alias }, deps)
    if (roomId !== undefined) return roomId
    const value = String(again + 1)
    await deps.store.commit([{ change: 'mark', key: againMark(seed), value, at: deps.clock.now() }])
  }
  throw new TransientError(`no free alias like ${request.alias}`)
}
