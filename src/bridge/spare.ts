import type { Activity } from '../model/activity.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'
import type { KnownForMatrix, Reached } from '../translate/known.ts'
import type { NewJob } from '../model/job.ts'
import type { Note } from '../model/note.ts'
import type { UserId } from '../model/ids.ts'
import { reachedBy } from '../translate/placement.ts'
import { toMatrix } from '../translate/to-matrix.ts'
import { isOurs } from './portals.ts'
import { someFollow } from './resolve-ancestors.ts'
import {
  heldBackMarks,
  isRoom,
  limitsOf,
  mostHeldBack,
  reachedDay,
  type ReachedDay,
  shownMarks,
} from './stranger-limits.ts'

/** The notice is edited at most this often, milliseconds. */
const noticeInterval = 600_000

/** The first is told at once, all others with the next edit of that notice. */
function noticeJobs(day: ReachedDay, isFirst: boolean, now: number): Change[] {
  const name = `strangers ${day.who} ${day.day}`
  const slot = Math.floor(now / noticeInterval)
  const job = {
    kind: 'upkeep',
    lane: `upkeep:${name}`,
    payload: JSON.stringify({ type: 'held-back', ...day }),
  } as const
  const jobs: NewJob[] = [{ ...job, key: `${name} ${slot}`, runAt: (slot + 1) * noticeInterval }]
  if (isFirst) jobs.unshift({ ...job, key: `${name} first` })
  return jobs.map((one) => ({ change: 'enqueue', job: one }))
}

/**
 * Whether they have enough from strangers, or from this one, for today. Decided once for each post,
 * one after another: strangers who write at the same moment, or a job that runs again, count right.
 */
async function hasEnough(who: Reached, { id, author }: Note, deps: Deps): Promise<boolean> {
  const { store, clock } = deps
  const at = clock.now()
  const day = reachedDay(who, at)
  const shown = `${shownMarks(day, author)}${id}`
  const held = `${heldBackMarks(day)}${id}`
  const marked = (key: string): Change => ({ change: 'mark', key, value: '', at })
  return deps.locks(`strangers ${who}`, async () => {
    if ((await store.findMark(shown)) !== undefined) return false
    if ((await store.findMark(held)) !== undefined) return true
    const { ofAuthor, inAll } = limitsOf(who)
    const isEnough =
      (await store.countMarks(shownMarks(day, author))) >= ofAuthor ||
      (await store.countMarks(shownMarks(day))) >= inAll
    const heldBack = isEnough ? await store.countMarks(heldBackMarks(day)) : 0
    const mark = isEnough ? held : shown
    await store.commit([
      ...(heldBack < mostHeldBack ? [marked(mark)] : []),
      ...(isEnough ? noticeJobs(day, heldBack === 0, at) : []),
    ])
    return isEnough
  })
}

const isFollowed = ({ state }: Follow): boolean => state === 'accepted'

/** Whoever they follow is no stranger to them, and to a room none whom one of its readers follows. */
function isStrangerTo(
  who: Reached,
  { author }: Note,
  { known, deps }: { readonly known: KnownForMatrix; readonly deps: Deps },
): Promise<boolean> {
  const members = isRoom(who) ? [...(known.rooms.get(who)?.members ?? [])] : [who]
  const readers = members.filter((userId: UserId) => !isOurs(userId, deps))
  return someFollow(author, isFollowed, { readers, deps }).then((isKnown) => !isKnown)
}

/**
 * Who is not to see this post although it is meant for them. Anybody on the fediverse may mention our
 * users and answer what stands in their rooms, from as many accounts as they like: so much of it is
 * shown in a day, the rest is counted in one notice.
 */
export async function spareReaders(
  activity: Activity,
  known: KnownForMatrix,
  deps: Deps,
): Promise<ReadonlySet<Reached>> {
  const { note } = known
  const isOfNote = activity.type === 'create' || activity.type === 'update-note'
  const spared = new Set<Reached>()
  const record = note === undefined ? undefined : known.objects.get(note.id)
  const isHeard = record !== undefined && record.cameAlong === undefined
  if (note === undefined || !isOfNote || isHeard) return spared
  const strangers: Reached[] = []
  for (const who of reachedBy(note, known))
    if (await isStrangerTo(who, note, { known, deps })) strangers.push(who)
  // What is shown to nobody anyway does not count.
  if (strangers.length === 0 || 'skip' in toMatrix(activity, known)) return spared
  for (const who of strangers) if (await hasEnough(who, note, deps)) spared.add(who)
  return spared
}
