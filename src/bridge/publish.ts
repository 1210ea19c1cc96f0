import type { ActorId } from '../model/ids.ts'
import type { GroupForm } from '../model/server.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { OutgoingActivity, OutgoingNote } from '../model/outgoing.ts'
import type { PublishAction } from '../model/action.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { Visibility } from '../model/audience.ts'
import { groupOf, objectOf } from '../model/outgoing.ts'
import { isForAll, visibilityOf } from '../translate/audience.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { actorOf } from './ghosts.ts'
import { deliveriesTo, type Inboxes } from './deliveries.ts'
import { commonInboxOf, isSharedGone } from './gone-inbox.ts'
import { fits, toldByGroup, type Telling } from './groups-told.ts'
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
const ignoresBlocks = ({ activity, telling }: PublishAction): boolean =>
  telling?.isEnd === true ||
  activity.type === 'undo' ||
  activity.type === 'reject' ||
  activity.type === 'block' ||
  activity.type === 'delete'

/** Who got a private note may have left its chat since: its new words are for whom it names now. */
const isPrivateUpdate = (activity: OutgoingActivity): boolean =>
  activity.type === 'update' && ownVisibility(activity.note) === 'direct'

/** What is published in a group goes to the group's followers, not to the author's. */
const isToFollowers = ({ toFollowers, activity }: PublishAction): boolean =>
  toFollowers && groupOf(activity) === undefined

/**
 * Undefined: any. Whoever is told of a group's posts by whole activities gets none of them from elsewhere,
 * but for the end of one that the group tells of no more.
 */
function formOf({ telling, activity }: PublishAction, told: Telling): GroupForm | undefined {
  if (telling !== undefined) return telling.form
  const isLeft = activity.type === 'delete' && told.publish.length === 0
  return groupOf(activity) === undefined || isLeft ? undefined : 'note'
}

/** Few read whole activities: of each that is told so, only they are looked at. */
async function followersFor(action: PublishAction, deps: Deps): Promise<readonly ActorId[]> {
  const { activity, telling } = action
  if (!isToFollowers(action)) return []
  if (telling?.form === 'whole') return deps.store.wholeReadersOf(activity.actor)
  return (await acceptedOf(activity.actor, deps)).map(({ follower }) => follower)
}

/** Somebody of ours, whose words a group tells: their blocks are theirs there as well. */
const toldAuthor = async (
  { telling }: PublishAction,
  { store }: Deps,
): Promise<LocalActor | undefined> => telling && (await store.findLocalActor(telling.author))

async function inboxesFor(action: PublishAction, told: Telling, deps: Deps): Promise<Inboxes> {
  const { activity } = action
  const inboxes = new Map<string, ActorId | undefined>()
  const barred = new Set<string>()
  const named = new Set<ActorId>(action.recipients)
  const form = formOf(action, told)
  const author = await toldAuthor(action, deps)
  const people = new Set([...named, ...(await followersFor(action, deps))])
  const isForMany = isForAll(activity) || action.toFollowers
  for (const actorId of people) {
    if ((await deps.store.findLocalActor(actorId)) !== undefined) continue
    const actor = await reachable(actorId, activity, deps)
    if (actor === undefined) continue
    if (!ignoresBlocks(action)) {
      if ((await blockBetween(activity.actor, actorId, deps)) !== undefined) {
        barred.add(actor.inbox)
        continue
      }
      if (author !== undefined && (await blockBetween(author.id, actorId, deps)) !== undefined) {
        // Those of the same server who are not barred have it, each for themselves.
        barred.add(actor.inbox).add(actor.sharedInbox ?? actor.inbox)
        continue
      }
    }
    // Public posts may go to a server's shared inbox; what is for one person goes to that person's.
    const { inbox, isShared } = isForMany
      ? await commonInboxOf(actor, deps)
      : { inbox: actor.inbox, isShared: false }
    if (!named.has(actorId) && !(await fits(inbox, form, deps))) continue
    const isOthersToo = inboxes.has(inbox) && inboxes.get(inbox) !== actorId
    inboxes.set(inbox, isShared || isOthersToo ? undefined : actorId)
  }
  // Whoever blocked the author since the first version gets no other one.
  for (const inbox of isPrivateUpdate(activity) ? [] : action.inboxes)
    if (
      !barred.has(inbox) &&
      !inboxes.has(inbox) &&
      (await fits(inbox, form, deps)) &&
      !(await isSharedGone(inbox, deps))
    )
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

/** Its newest text, and what was made of it. */
async function keepNote(
  activity: OutgoingActivity & { type: 'create' | 'update' },
  inboxes: Inboxes,
  deps: Deps,
): Promise<Change[]> {
  const document = deps.fediverse.serializeNote(activity)
  if (document === undefined) throw new Error(`no document for ${activity.id}`)
  const kept: Change = { change: 'put-object', object: recordOf(activity.note, document) }
  if (activity.type === 'create') return [kept]
  // The outbox and a late delivery of the Create say what the note says now.
  const id = createIdOf(activity.note.id)
  const isThere = (await deps.store.findActivity(id)) !== undefined
  if (!isThere || !(await reachesAll(activity, inboxes, deps))) return [kept]
  return [kept, keepActivity({ ...activity, type: 'create', id }, isForAll(activity), deps)]
}

/** Who got an object, and whose end they must hear of: who says so, and of what is told, who wrote it. */
async function noteInboxes(
  action: PublishAction,
  inboxes: readonly string[],
  deps: Deps,
): Promise<Change[]> {
  const { activity, telling } = action
  const object = telling?.object ?? objectOf(activity)
  const author = await toldAuthor(action, deps)
  return [
    { change: 'add-told', actor: activity.actor, inboxes },
    ...(author === undefined ? [] : [{ change: 'add-told', actor: author.id, inboxes } as const]),
    ...(object === undefined ? [] : [{ change: 'add-recipients', id: object, inboxes } as const]),
  ]
}

/**
 * Everything that publishing one activity changes: its text, its object, who got it, and a delivery
 * to each distinct inbox; in a group, what that one tells of it as well. Nothing is sent here; the
 * changes are committed with the end of the job.
 */
export async function expandPublish(action: PublishAction, deps: Deps): Promise<Change[]> {
  const { activity } = action
  // Of somebody who is forgotten nothing goes out any more, not even what was decided before.
  if ((await deps.store.findLocalActor(activity.actor))?.deletedAt !== undefined) return []
  const told = await toldByGroup(activity, deps)
  const inboxes = await inboxesFor(action, told, deps)
  // Nobody reads it, now or later: nothing lists it.
  if (activity.type === 'pass-on' && inboxes.size === 0) return []
  // The document of an actor names its keys, and whatever is public is proven with one of them.
  await deps.keys.ensureKeys(activity.actor)
  const changes: Change[] = [
    { change: 'expect-actor', id: activity.actor },
    // A boost stands for what a group passes on wherever that is listed.
    keepActivity(activity, isForAll(activity) && activity.type !== 'pass-on', deps),
    ...(await noteInboxes(action, [...inboxes.keys()], deps)),
  ]
  if (activity.type === 'create' || activity.type === 'update')
    changes.push(...(await keepNote(activity, inboxes, deps)))
  changes.push(...sendStatusJob(activity, deps))
  changes.push(...(await deliveriesTo(inboxes, action, deps)))
  for (const one of told.publish) changes.push(...(await expandPublish(one, deps)))
  return [...changes, ...told.changes]
}
