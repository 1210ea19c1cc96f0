import type { ActorId, ObjectId, RoomId } from '../model/ids.ts'
import type { Action, MatrixAction } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Note } from '../model/note.ts'
import type { Portal } from '../model/portal.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { translateBacklog } from '../translate/notes.ts'
import { acceptedOf } from './accepted.ts'
import { accountJob } from './account-work.ts'
import { backlogged, hasBacklog } from './backlog-mark.ts'
import { actorOf } from './ghosts.ts'
import { knownPost } from './known-post.ts'
import { ensurePortal } from './portals.ts'
import { readAs } from './read-as.ts'
import { knownRoom } from './resolve-readings.ts'
import { knownActor } from './resolve-people.ts'
import { standsIn } from './standing.ts'

const backlogLength = 20
type Fetched = { readonly notes: readonly Note[]; readonly isWhole: boolean }

/** Nothing when it is hidden or away: the portal opens all the same. */
async function orNothing(
  actor: RemoteActor,
  fetching: Promise<Fetched>,
  deps: Deps,
): Promise<Fetched> {
  try {
    return await fetching
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError) {
      deps.log.info({ actor: actor.id, reason: error.message }, 'no backlog')
      return { notes: [], isWhole: error instanceof RejectedError }
    }
    throw error
  }
}

async function newestOf(
  actor: RemoteActor,
  follower: ActorId | undefined,
  deps: Deps,
): Promise<Fetched> {
  const as = await readAs(actor.id, actor.outbox ?? actor.id, { ...deps, follower })
  return { notes: await deps.fediverse.fetchOutbox(actor, backlogLength, as), isWhole: true }
}

const planMark = (actorId: ActorId): string => `backlog plan ${actorId}`

/** Pinned posts that a room begins with: more than anybody shows. */
export const mostPinned = 10

type Plan = {
  /** Newest first. */
  readonly notes: readonly Note[]
  /** In the order of pinning. */
  readonly pinned: readonly ObjectId[]
  /** The server gave not all of what is pinned, and may give it in a moment. */
  readonly isPinnedMore?: boolean
}

/** The newest posts, and those that the account has pinned however old they are. */
async function plan(actor: RemoteActor, follower: ActorId | undefined, deps: Deps): Promise<Plan> {
  const newest = await orNothing(actor, newestOf(actor, follower, deps), deps)
  const pinned = await orNothing(actor, deps.fediverse.fetchFeatured(actor, mostPinned), deps)
  const notes = new Map([...newest.notes, ...pinned.notes].map((note) => [note.id, note]))
  return {
    notes: [...notes.values()].sort((a, b) => (b.published ?? 0) - (a.published ?? 0)),
    pinned: pinned.notes.map(({ id }) => id).reverse(),
    ...(pinned.isWhole ? {} : { isPinnedMore: true }),
  }
}

/**
 * What the backlog will be, decided once: a second run must come to each post that the first one
 * may have sent, also when the outbox cannot be had any more. `isBegun`: this is a second run.
 */
async function planned(
  actor: RemoteActor,
  follower: ActorId | undefined,
  deps: Deps,
): Promise<Plan & { readonly isBegun: boolean }> {
  const known = await deps.store.findMark(planMark(actor.id))
  if (known !== undefined) return { ...(JSON.parse(known) as Plan), isBegun: true }
  const fresh = await plan(actor, follower, deps)
  const value = JSON.stringify(fresh)
  await deps.store.commit([
    { change: 'mark', key: planMark(actor.id), value, at: deps.clock.now() },
  ])
  return { ...fresh, isBegun: false }
}

/** `isRepeated`: some of it may have been sent by a job other than this one. */
export type Run = (actions: readonly Action[], isRepeated?: boolean) => Promise<readonly Change[]>

type Bringing = {
  readonly portal: Portal & { kind: 'actor' }
  readonly run: Run
  readonly follower?: ActorId | undefined
}

/** Posts of an account into its room, oldest first with their own dates. */
export async function bring(
  notes: readonly Note[],
  { portal, run, follower }: Bringing,
  deps: Deps,
): Promise<readonly Change[]> {
  const author = await knownActor(await actorOf(portal.actorId, deps), deps)
  const room = await knownRoom(portal, deps)
  const changes: Change[] = []
  // Whoever is left in a room that nobody follows any more reads what is for all.
  const isFollowed = follower !== undefined || (await acceptedOf(portal.actorId, deps)).length > 0
  for (const note of notes) {
    const known = await knownPost(note, { author, room }, deps)
    const translation = translateBacklog(note, known, isFollowed ? 'followers' : 'unlisted')
    changes.push(...(await run(translation.actions ?? [])))
  }
  return changes
}

const pinsLater = (actorId: ActorId, roomId: RoomId): Change => ({
  change: 'enqueue',
  job: accountJob({ type: 'pins', actorId }, `${roomId} begun`),
})

type Filling = MatrixAction & { do: 'fill-portal' }

async function fill(
  portal: Portal & { kind: 'actor' },
  { run, follower }: Omit<Bringing, 'portal'>,
  deps: Deps,
): Promise<readonly Change[]> {
  const { actorId, roomId } = portal
  if (await hasBacklog(actorId, deps)) return []
  const actor = await actorOf(actorId, deps)
  const { notes, pinned, isPinnedMore, isBegun } = await planned(actor, follower, deps)
  const pins = pinned.map((object) => ({ do: 'pin', roomId, object, isPinned: true }) as const)
  const runOn: Run = (actions) => run(actions, isBegun)
  return [
    ...(await bring([...notes].reverse(), { portal, run: runOn, follower }, deps)),
    ...(await run(pins)),
    ...(isPinnedMore === true ? [pinsLater(actorId, roomId)] : []),
    { change: 'unmark', key: planMark(actorId) },
    backlogged(actorId, deps.clock.now()),
  ]
}

/**
 * The portal of an account, and once in its life the newest posts of its outbox. Runs in the
 * account's lane, so that nothing new overtakes the backlog; what is off the lane waits for it.
 */
export async function fillPortal(
  { actorId, follower }: Filling,
  run: Run,
  deps: Deps,
): Promise<readonly Change[]> {
  const portal = await ensurePortal({ kind: 'actor', actorId }, deps)
  const filling = { run, ...(follower === undefined ? {} : { follower }) }
  return deps.locks(`backlog ${actorId}`, () =>
    fill({ ...portal, kind: 'actor', actorId }, filling, deps),
  )
}

/**
 * Whether somebody reads the account in its room, which has not begun yet: they moved it there, and
 * what was under way by then comes before the job that is to open the room.
 */
export async function isToBegin(actorId: ActorId, deps: Deps): Promise<boolean> {
  if (await hasBacklog(actorId, deps)) return false
  return (await acceptedOf(actorId, deps)).some(({ shownIn }) => shownIn === 'room')
}

/** What was asked for by `backfill`; the room may have been lost meanwhile. */
export async function bringOlder(
  { actorId, notes }: MatrixAction & { do: 'backfill' },
  run: Run,
  deps: Deps,
): Promise<readonly Change[]> {
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  return portal?.kind === 'actor' ? bring(notes, { portal, run }, deps) : []
}

/**
 * The newest `limit` posts of the account, for everybody or its followers, that are missing in its room, oldest first: those
 * that answer something only if that stands there, or is among them.
 */
export async function olderPosts(
  { actorId, roomId }: Portal & { kind: 'actor' },
  limit: number,
  deps: Deps,
): Promise<readonly Note[]> {
  const isMissing = async ({ id }: Note): Promise<boolean> => !(await standsIn(id, roomId, deps))
  const actor = await actorOf(actorId, deps)
  const as = await readAs(actor.id, actor.outbox ?? actor.id, deps)
  const found = await deps.fediverse.fetchOutbox(actor, limit, { isWanted: isMissing, ...as })
  const shown: Note[] = []
  for (const note of [...found].reverse()) {
    const { inReplyTo } = note
    const isRoot = inReplyTo === undefined || shown.some(({ id }) => id === inReplyTo)
    if (isRoot || (await standsIn(inReplyTo, roomId, deps))) shown.push(note)
  }
  return shown
}
