import type { Action } from '../model/action.ts'
import type { ActorId, ObjectId, RoomId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Note } from '../model/note.ts'
import { asEventId, asObjectId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { attemptOf } from './attempt.ts'
import { bring, mostPinned, type Run } from './backlog.ts'
import { actorOf } from './ghosts.ts'
import { perform } from './perform.ts'
import { pinnedIn } from './pins.ts'
import { standsIn } from './standing.ts'

/** What is pinned beyond those that are shown may have been told of: it stays. */
const mostListed = 40

/** Tries while its server is away. Then the next day is soon enough. */
const mostTries = 4

/** Undefined: not to be had. */
async function unlessTheirs<T>(fetching: Promise<T>, { attempts }: Job): Promise<T | undefined> {
  try {
    return await fetching
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    const isAway = error instanceof TransientError && error.of === 'remote'
    if (isAway && attempts >= mostTries) return undefined
    throw error
  }
}

/** Posts of the account that are pinned in its room. */
async function shownPins(actorId: ActorId, roomId: RoomId, deps: Deps): Promise<ObjectId[]> {
  const shown: ObjectId[] = []
  for (const eventId of await pinnedIn(roomId, deps)) {
    const mapping = await deps.store.findMappingByEvent(roomId, asEventId(eventId))
    const object = mapping && (await deps.store.findObject(asObjectId(mapping.remoteId)))
    if (object?.author === actorId) shown.push(object.id)
  }
  return shown
}

async function missing(
  pinned: readonly ObjectId[],
  { roomId, job }: { readonly roomId: RoomId; readonly job: Job },
  deps: Deps,
): Promise<readonly Note[]> {
  const notes: Note[] = []
  for (const id of pinned) {
    if (await standsIn(id, roomId, deps)) continue
    const note = await unlessTheirs(deps.fediverse.fetchNote(id), job)
    if (note?.id === id) notes.push(note)
  }
  return notes
}

/**
 * The pins of an account's room, as its `featured` collection has them now: not every server tells of
 * changes by Add and Remove. Runs in the account's lane, so that what it tells itself is not undone.
 */
export async function rereadPins(actorId: ActorId, job: Job, deps: Deps): Promise<JobResult> {
  const run: Run = (actions) => perform(actions, attemptOf(job), deps)
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal?.kind !== 'actor') return { outcome: 'skipped: no-place', changes: [] }
  const actor = await actorOf(actorId, deps)
  const listed =
    actor.featured === undefined
      ? []
      : await unlessTheirs(deps.fediverse.listFeatured(actor, mostListed), job)
  if (listed === undefined) return { outcome: 'skipped: no-featured', changes: [] }
  const { roomId } = portal
  const pinned = listed.slice(0, mostPinned).reverse()
  const shown = await shownPins(actorId, roomId, deps)
  const pin = (object: ObjectId, isPinned: boolean): Action => ({
    do: 'pin',
    roomId,
    object,
    isPinned,
  })
  const brought = await bring(await missing(pinned, { roomId, job }, deps), { portal, run }, deps)
  const gone = shown.filter((id) => !listed.includes(id)).map((id) => pin(id, false))
  const fresh = pinned.filter((id) => !shown.includes(id)).map((id) => pin(id, true))
  return { outcome: 'done', changes: [...brought, ...(await run([...gone, ...fresh]))] }
}
