import type { SkipReason } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { Audience } from '../model/audience.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { JobResult } from '../model/job-result.ts'
import { marksOfDay } from '../model/mark.ts'
import { isForAll } from '../translate/audience.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { deliver, type Inboxes } from './deliveries.ts'
import { commonInboxOf } from './gone-inbox.ts'

/** UTF-16 units; some servers take no more than 64 kB. */
const longestForwarded = 100_000
const mostInboxes = 2_000
/** A day's activities of one account that go on to our users' followers. */
const mostOfActor = 100

type Reply = Audience & { readonly id: ObjectId; readonly inReplyTo?: ObjectId }

/** What the activity is about, as far as it may be a reply: when it is deleted, as it was. */
async function replyIn(activity: Activity, deps: Deps): Promise<Reply | undefined> {
  if (activity.type === 'create' || activity.type === 'update-note') return activity.object.embedded
  if (activity.type !== 'delete-object') return undefined
  const object = await deps.store.findObject(activity.object)
  return object?.author === activity.actor ? object : undefined
}

/**
 * Our user whose followers a reply is meant for too: it answers a post of theirs that everybody may
 * see, and names their followers collection.
 */
async function ownerOf(reply: Reply, deps: Deps): Promise<ActorId | undefined> {
  if (reply.inReplyTo === undefined || !isForAll(reply)) return undefined
  const parent = await deps.store.findObject(reply.inReplyTo)
  if (parent?.isLocal !== true || parent.deletedAt !== undefined || !isForAll(parent))
    return undefined
  const followers = `${parent.author}/followers`
  if (![...reply.to, ...reply.cc].includes(followers)) return undefined
  const owner = await deps.store.findLocalActor(parent.author)
  return owner === undefined || owner.deletedAt !== undefined ? undefined : owner.id
}

const hostOf = (url: string): string | undefined => URL.parse(url)?.host

/** Followers' inboxes, each once; never on the server that it comes from, never across a block. */
async function inboxesOf(owner: ActorId, from: ActorId, deps: Deps): Promise<Inboxes> {
  const inboxes = new Map<string, undefined>()
  for (const { follower } of await acceptedOf(owner, deps)) {
    if (inboxes.size >= mostInboxes) break
    const actor = await deps.store.findRemoteActor(follower)
    if (actor === undefined) continue
    const { inbox } = await commonInboxOf(actor, deps)
    if (hostOf(inbox) === hostOf(from) || hostOf(follower) === hostOf(from)) continue
    if ((await blockBetween(owner, follower, deps)) === undefined) inboxes.set(inbox, undefined)
  }
  return inboxes
}

/** Ids that the inbox gave to what had none: those bytes are not the original ones. */
const isNamedHere = ({ id, actor }: Activity): boolean =>
  id.startsWith(`${actor}#`) && /#[a-z]+-[0-9a-f]{32}$/.test(id)

/** Whether it may go on as it came. What is no UTF-8 has lost its bytes already. */
export const isPassable = (activity: Activity, original: string): boolean =>
  original.length <= longestForwarded && !original.includes('\ufffd') && !isNamedHere(activity)

/**
 * Passes on, byte for byte, what answers our users' posts and is meant for their followers too
 * (ActivityPub 7.1.2): the server that it comes from does not know who those are. Once: a delivery's
 * key is known for longer than an activity is.
 */
async function forward(
  activity: Activity,
  original: string,
  deps: Deps,
): Promise<readonly Change[]> {
  const reply = await replyIn(activity, deps)
  const owner = reply && (await ownerOf(reply, deps))
  if (reply === undefined || owner === undefined) return []
  const at = deps.clock.now()
  const marks = marksOfDay('forwarded', activity.actor, at)
  if ((await deps.store.countMarks(marks)) >= mostOfActor) return []
  const inboxes = await inboxesOf(owner, activity.actor, deps)
  if (inboxes.size === 0) return []
  const payload = { activityId: activity.id, signer: owner }
  const sending = { payload, order: reply.id, isMissed: false, isForMany: true }
  return [
    { change: 'put-forwarded', id: activity.id, document: original, at },
    { change: 'mark', key: `${marks}${activity.id}`, value: '', at },
    ...(await deliver(inboxes, sending, deps)),
  ]
}

/** A Delete is done before it goes on: after a crash in between, it is one of something deleted. */
const isUnwanted = ({ type }: Activity, outcome: string): boolean =>
  outcome.startsWith('skipped') &&
  !(type === 'delete-object' && outcome === ('skipped: deleted' satisfies `skipped: ${SkipReason}`))

/** The result of an activity that its actor brought, with what has to go on from here. */
export async function withForwarding(
  result: JobResult,
  { activity, original }: { readonly activity: Activity; readonly original: string },
  deps: Deps,
): Promise<JobResult> {
  if (!('changes' in result) || isUnwanted(activity, result.outcome)) return result
  if (!isPassable(activity, original)) return result
  return { ...result, changes: [...result.changes, ...(await forward(activity, original, deps))] }
}
