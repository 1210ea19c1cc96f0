import type { ActorId, ObjectId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { OutgoingActivity, OutgoingNote } from '../model/outgoing.ts'
import type { PublishAction } from '../model/action.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Visibility } from '../model/audience.ts'
import { isForAll, visibilityOf } from '../translate/audience.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { actorOf } from './ghosts.ts'
import { deliveriesTo, type Inboxes } from './deliveries.ts'
import { commonInboxOf, isSharedGone } from './gone-inbox.ts'
import { createIdOf } from './new-ids.ts'
import { sendStatusJob } from './send-status-job.ts'

/**
 * Who got an object is written down with it: its later versions and its delete never wait for, or
 * fail with, somebody whom it mentions and whose account is deleted since.
 */
const reachable = (
  actorId: ActorId,
  { type }: OutgoingActivity,
  deps: Deps,
): Promise<RemoteActor | undefined> =>
  type === 'update' || type === 'delete'
    ? deps.store.findRemoteActor(actorId)
    : actorOf(actorId, deps)

/** Whom a Block or an answer to one concerns must hear it although the block stands. */
const ignoresBlocks = (activity: OutgoingActivity): boolean =>
  activity.type === 'undo' ||
  activity.type === 'reject' ||
  activity.type === 'block' ||
  activity.type === 'delete'

/** Who got a private note may have left its chat since: its new words are for whom it names now. */
const isPrivateUpdate = (activity: OutgoingActivity): boolean =>
  activity.type === 'update' && ownVisibility(activity.note) === 'direct'

async function inboxesFor(action: PublishAction, deps: Deps): Promise<Inboxes> {
  const { activity } = action
  const inboxes = new Map<string, ActorId | undefined>()
  const barred = new Set<string>()
  const people = new Set<ActorId>(action.recipients)
  const followers = action.toFollowers ? await acceptedOf(activity.actor, deps) : []
  for (const { follower } of followers) people.add(follower)
  const isForMany = isForAll(activity) || action.toFollowers
  for (const actorId of people) {
    if ((await deps.store.findLocalActor(actorId)) !== undefined) continue
    const actor = await reachable(actorId, activity, deps)
    if (actor === undefined) continue
    if (
      !ignoresBlocks(activity) &&
      (await blockBetween(activity.actor, actorId, deps)) !== undefined
    ) {
      barred.add(actor.inbox)
      continue
    }
    // Public posts may go to a server's shared inbox; what is for one person goes to that person's.
    const { inbox, isShared } = isForMany
      ? await commonInboxOf(actor, deps)
      : { inbox: actor.inbox, isShared: false }
    const isOthersToo = inboxes.has(inbox) && inboxes.get(inbox) !== actorId
    inboxes.set(inbox, isShared || isOthersToo ? undefined : actorId)
  }
  // Whoever blocked the author since the first version gets no other one.
  for (const inbox of isPrivateUpdate(activity) ? [] : action.inboxes)
    if (!barred.has(inbox) && !inboxes.has(inbox) && !(await isSharedGone(inbox, deps)))
      inboxes.set(inbox, undefined)
  return inboxes
}

const ownVisibility = (note: OutgoingNote): Visibility =>
  visibilityOf(note, `${note.author}/followers`)

function recordOf(note: OutgoingNote, document: string): ObjectRecord {
  return {
    id: note.id,
    author: note.author,
    isLocal: true,
    visibility: ownVisibility(note),
    to: note.to,
    cc: note.cc,
    context: note.context,
    url: note.url,
    published: note.published,
    mentions: note.mentions,
    document,
    note,
    ...(note.updated === undefined ? {} : { updated: note.updated }),
    ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
  }
}

const objectOf = (activity: OutgoingActivity): ObjectId | undefined => {
  if (activity.type === 'create' || activity.type === 'update') return activity.note.id
  return activity.type === 'delete' ? activity.object : undefined
}

const keepActivity = (activity: OutgoingActivity, isPublic: boolean, deps: Deps): Change => ({
  change: 'put-activity',
  id: activity.id,
  actor: activity.actor,
  document: deps.fediverse.serialize(activity),
  isPublic,
  at: deps.clock.now(),
})

/** Where the Create may still be under way to somebody who is not to hear of it, it stays as it was. */
async function reachesAll(
  activity: OutgoingActivity & { type: 'update' },
  inboxes: Inboxes,
  { store }: Deps,
): Promise<boolean> {
  if (!isPrivateUpdate(activity)) return true
  return (await store.recipientsOf(activity.note.id)).every((inbox) => inboxes.has(inbox))
}

/**
 * Everything that publishing one activity changes: its text, its object, who got it, and a delivery
 * to each distinct inbox. Nothing is sent here; the changes are committed with the end of the job.
 */
export async function expandPublish(action: PublishAction, deps: Deps): Promise<Change[]> {
  const { activity } = action
  // Of somebody who is forgotten nothing goes out any more, not even what was decided before.
  if ((await deps.store.findLocalActor(activity.actor))?.deletedAt !== undefined) return []
  const inboxes = await inboxesFor(action, deps)
  // The document of an actor names its keys, and whatever is public is proven with one of them.
  await deps.keys.ensureKeys(activity.actor)
  const isPublic = isForAll(activity)
  const changes: Change[] = [
    { change: 'expect-actor', id: activity.actor },
    { change: 'add-told', actor: activity.actor, inboxes: [...inboxes.keys()] },
    keepActivity(activity, isPublic, deps),
  ]
  if (activity.type === 'create' || activity.type === 'update') {
    const document = deps.fediverse.serializeNote(activity)
    if (document === undefined) throw new Error(`no document for ${activity.id}`)
    changes.push({ change: 'put-object', object: recordOf(activity.note, document) })
  }
  if (activity.type === 'update') {
    // The outbox and a late delivery of the Create say what the note says now.
    const id = createIdOf(activity.note.id)
    const isThere = (await deps.store.findActivity(id)) !== undefined
    if (isThere && (await reachesAll(activity, inboxes, deps)))
      changes.push(keepActivity({ ...activity, type: 'create', id }, isPublic, deps))
  }
  const object = objectOf(activity)
  if (object !== undefined)
    changes.push({ change: 'add-recipients', id: object, inboxes: [...inboxes.keys()] })
  changes.push(...sendStatusJob(activity, deps))
  return [...changes, ...(await deliveriesTo(inboxes, action, deps))]
}
