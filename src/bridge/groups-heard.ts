import type { Activity } from '../model/activity.ts'
import type { ActorId, ObjectId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { Reaction } from '../model/relation.ts'
import type { SkipReason } from '../model/action.ts'
import { marksOfDay } from '../model/mark.ts'
import { isOpen } from '../model/audience.ts'
import { hiddenMark } from '../translate/own-notes.ts'
import { isSilencedIn } from './banned-ghosts.ts'
import { blockBetween } from './blocks.ts'
import { isSilenced } from './domain-blocks.ts'
import { isPassable } from './forwarding.ts'
import {
  nothing,
  putOut,
  takeBack,
  takenOutMark,
  tellNew,
  tellWhole,
  type Telling,
} from './groups-told.ts'
import { expandPublish } from './publish.ts'
import { isRoomOpen } from './resolve-group.ts'

/** What somebody of another server did, and its text where its server sent it. */
type Heard = { readonly activity: Activity; readonly original?: string }

/** Of one account, changes of posts and reactions that groups tell of in a day: each goes to many servers. */
const mostOfActor = 200
/** Of all accounts of one server together: anybody can make any number of them. */
const mostOfHost = 2_000

const reactionTypes: ReadonlySet<string> = new Set(['Like', 'Dislike', 'EmojiReact'])

/** The post that it is about. */
function subjectOf(activity: Activity): ObjectId | undefined {
  switch (activity.type) {
    case 'create':
    case 'update-note':
      return activity.object.ref
    case 'delete-object':
    case 'react':
      return activity.object
    case 'undo':
      return reactionTypes.has(activity.target.type ?? '') ? activity.target.object : undefined
    default:
      return undefined
  }
}

/** What is told although nothing new comes of it here: read back or done before, or a reaction to a post of others. */
const heardAllTheSame: Partial<Record<Activity['type'], SkipReason>> = {
  create: 'already-known',
  'delete-object': 'deleted',
  react: 'unknown-target',
  undo: 'unknown-target',
}

function isUnheard({ type }: Activity, outcome: string): boolean {
  const reason = heardAllTheSame[type]
  return outcome.startsWith('skipped') && outcome !== `skipped: ${String(reason)}`
}

/** A group, its room, and how it has told of the post. */
type Place = {
  readonly group: ActorId
  readonly roomId: RoomId
  readonly announced?: Reaction
}

/** Groups that have told of it, and those in whose rooms it stands. */
async function placesOf(object: ObjectId, { store }: Deps): Promise<readonly Place[]> {
  const places = new Map<ActorId, Place>()
  for (const { roomId, part, eventId } of await store.mappingsOf(object)) {
    const portal = await store.findPortalByRoom(roomId)
    if (part !== 0 || portal?.kind !== 'group') continue
    const group = portal.actorId
    // A moderator has taken it out, or one of its further messages.
    if ((await store.findMark(hiddenMark(roomId, eventId))) !== undefined) continue
    if ((await store.findMark(takenOutMark(group, object))) !== undefined) continue
    places.set(group, { group, roomId })
  }
  for (const announced of await store.ownBoostsOf(object)) {
    const actor = await store.findLocalActor(announced.actor)
    if (actor?.group === undefined || actor.deletedAt !== undefined) continue
    const portal = await store.findPortal({ kind: 'group', actorId: actor.id })
    if (portal === undefined) continue
    places.set(actor.id, { group: actor.id, roomId: portal.roomId, announced })
  }
  return [...places.values()]
}

/** As this very job leaves it. */
async function recordOf(
  object: ObjectId,
  changes: readonly Change[],
  { store }: Deps,
): Promise<ObjectRecord | undefined> {
  const put = changes.findLast((one) => one.change === 'put-object' && one.object.id === object)
  return put?.change === 'put-object' ? put.object : store.findObject(object)
}

/** Whether the group lets that account speak. */
async function isHeardIn({ group, roomId }: Place, account: ActorId, deps: Deps): Promise<boolean> {
  if (!(await isRoomOpen({ roomId }, deps))) return false
  if ((await blockBetween(group, account, deps)) !== undefined) return false
  // Of a domain that is kept quiet, whoever followed before goes on to be heard.
  const isStranger = async () => (await deps.store.findFollow(account, group))?.state !== 'accepted'
  if ((await isSilenced(account, deps)) && (await isStranger())) return false
  return !(await isSilencedIn(roomId, account, deps))
}

const together = (...tellings: readonly Telling[]): Telling => ({
  publish: tellings.flatMap(({ publish }) => publish),
  changes: tellings.flatMap(({ changes }) => changes),
})

type Means = {
  readonly record: ObjectRecord
  /** The activity itself can go to whoever reads activities. */
  readonly isWhole: boolean
  readonly deps: Deps
}

const leavesPost: Partial<Record<Activity['type'], 'changed' | 'gone'>> = {
  'update-note': 'changed',
  'delete-object': 'gone',
}

/** Set once the Create of that post was passed on: anybody can send it again under new ids. */
const firstMark = (group: ActorId, object: ObjectId): string => `passed on first ${group} ${object}`

/** The marks that count it. Undefined: it is too much for that day. */
async function counted(activity: Activity, deps: Deps): Promise<readonly string[] | undefined> {
  const at = deps.clock.now()
  const ofActor = marksOfDay('passed on', activity.actor, at)
  const ofHost = marksOfDay('passed on', new URL(activity.actor).host, at)
  const isEnough =
    (await deps.store.countMarks(ofActor)) >= mostOfActor ||
    (await deps.store.countMarks(ofHost)) >= mostOfHost
  return isEnough ? undefined : [`${ofActor}${activity.id}`, `${ofHost}${activity.id}`]
}

/** What is passed on counts; a post that is new, or gone, is told of in any case. */
async function whole(
  { activity }: Heard,
  { group, announced }: Place,
  { record, isWhole, deps }: Means,
): Promise<Telling> {
  if (!isWhole) return nothing
  const { id, type } = activity
  const first = type === 'create' ? [firstMark(group, record.id)] : []
  for (const key of first) if ((await deps.store.findMark(key)) !== undefined) return nothing
  const leaves = leavesPost[type]
  const of = { group, object: record.id, author: record.author }
  const passed = await tellWhole(of, leaves === undefined ? { id } : { id, leaves }, deps)
  if (passed === undefined) return nothing
  const isFree = type === 'delete-object' || (type === 'create' && announced === undefined)
  const counts = isFree ? [] : await counted(activity, deps)
  if (counts === undefined) return nothing
  const at = deps.clock.now()
  const changes = [...first, ...counts].map(
    (key) => ({ change: 'mark', key, value: '', at }) as const,
  )
  return { publish: [passed], changes }
}

/** What one group tells of it. */
async function tellingIn(heard: Heard, place: Place, means: Means): Promise<Telling> {
  const { type, actor } = heard.activity
  const { record, deps } = means
  const { announced } = place
  const of = { group: place.group, object: record.id, author: record.author }
  if (type === 'delete-object') {
    if (record.deletedAt === undefined || announced === undefined) return nothing
    return together(await takeBack(of, announced, deps), await whole(heard, place, means))
  }
  // It is for fewer people now.
  if (announced !== undefined && !isOpen(record.visibility)) return putOut(of, announced, deps)
  if (!isOpen(record.visibility) || !(await isHeardIn(place, actor, deps))) return nothing
  if ((await blockBetween(place.group, record.author, deps)) !== undefined) return nothing
  if (announced === undefined)
    return type === 'create' || type === 'update-note'
      ? together(tellNew(of, deps), await whole(heard, place, means))
      : nothing
  // A post that was read back was boosted then, and comes whole now.
  return whole(heard, place, means)
}

/**
 * The result of an activity of another server, with what groups of ours tell of it: of a new post that
 * stands in their rooms, of its later versions and its end, and of reactions to it.
 */
export async function withGroups(result: JobResult, heard: Heard, deps: Deps): Promise<JobResult> {
  const { activity, original } = heard
  const object = subjectOf(activity)
  if (!('changes' in result) || object === undefined || isUnheard(activity, result.outcome))
    return result
  const places = await placesOf(object, deps)
  const record = places.length === 0 ? undefined : await recordOf(object, result.changes, deps)
  if (record === undefined) return result
  const isWhole = original !== undefined && isPassable(activity, original)
  const tellings: Telling[] = []
  for (const place of places)
    tellings.push(await tellingIn(heard, place, { record, isWhole, deps }))
  const { publish, changes } = together(...tellings)
  const told: Change[] = []
  let isPassed = false
  for (const one of publish) {
    const expanded = await expandPublish(one, deps)
    isPassed ||= one.activity.type === 'pass-on' && expanded.length > 0
    told.push(...expanded)
  }
  const at = deps.clock.now()
  const kept: readonly Change[] =
    isPassed && original !== undefined
      ? [{ change: 'put-forwarded', id: activity.id, document: original, at }]
      : []
  return { ...result, changes: [...result.changes, ...kept, ...told, ...changes] }
}
