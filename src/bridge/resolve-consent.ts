import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix, LinkedPost, OwnQuote } from '../translate/known.ts'
import type { ActorId, EventId, RoomId, UserId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Note, ObjectRecord, Quotation } from '../model/note.ts'
import type { QuotePolicy } from '../model/quote.ts'
import type { Text } from '../model/event.ts'
import { asEventId, asObjectId, asRoomAlias, asRoomId } from '../model/ids.ts'
import { quotePolicies } from '../model/quote.ts'
import { RejectedError } from '../model/errors.ts'
import { matrixEventOf } from '../model/target.ts'
import { loneAddresses } from '../translate/quote-links.ts'
import { blockBetween } from './blocks.ts'
import { handleOfActor } from './follows.ts'
import { isOwnId, newActivityId, newStampId } from './new-ids.ts'

/** More addresses than this in one message are links. */
const maxAddresses = 5

type Consent = Pick<KnownForMatrix, 'asked' | 'own' | 'stamp' | 'quotation'>

/** Whoever chose nothing may be quoted. */
export async function quotePolicyOf(userId: UserId, deps: Deps): Promise<QuotePolicy> {
  const chosen = await deps.store.findSetting(userId, 'quotes')
  return quotePolicies.find((policy) => policy === chosen) ?? 'everyone'
}

const follows = async (follower: ActorId, followed: ActorId, deps: Deps): Promise<boolean> =>
  (await deps.store.findFollow(follower, followed))?.state === 'accepted'

async function askedBy(
  { actor, object, instrument }: Activity & { type: 'quote-request' },
  deps: Deps,
): Promise<Consent> {
  const record = await deps.store.findObject(object)
  const owner = record && (await deps.store.findLocalActor(record.author))
  if (owner === undefined) return {}
  const given = await deps.store.findStampFor(object, instrument.ref)
  return {
    asked: {
      policy: await quotePolicyOf(owner.userId, deps),
      isFollower: await follows(actor, owner.id, deps),
      stampId: newStampId(deps),
      before: await deps.store.countStampsBy(object, actor),
      ...(given === undefined ? {} : { given }),
    },
  }
}

/** A post of ours with what telling its readers anew needs; undefined when it is gone. */
export async function ownQuoteOf(quotation: Quotation, deps: Deps): Promise<OwnQuote | undefined> {
  const { store } = deps
  const record = await store.findObject(quotation.quoting)
  const quoted = await store.findObject(quotation.quoted)
  if (record?.isLocal !== true || quoted === undefined) return undefined
  const writer = await store.findLocalActor(record.author)
  const mappings = await store.mappingsOf(record.id)
  const mapping = mappings.find(({ sender }) => sender === writer?.userId)
  return {
    quotation,
    record,
    quotedAuthor: quoted.author,
    handle: await handleOfActor(quoted.author, deps),
    ...(mapping === undefined ? {} : { mapping }),
    inboxes: await store.recipientsOf(record.id),
    updateId: newActivityId(deps),
  }
}

/** What answers a bare id is about a Follow, unless we asked for a quote by it. */
export async function asMeant(activity: Activity, { store }: Deps): Promise<Activity> {
  if (activity.type !== 'accept' && activity.type !== 'reject') return activity
  const { id: request, type } = activity.follow
  if (request === undefined || type !== undefined) return activity
  if ((await store.findQuotationByRequest(request)) === undefined) return activity
  const { id, actor } = activity
  if (activity.type === 'reject')
    return { id, actor, type: 'reject-quote', request: { id: request } }
  const stamp = activity.result === undefined ? {} : { stamp: activity.result }
  return { id, actor, type: 'accept-quote', request: { id: request }, ...stamp }
}

async function answered(
  activity: Activity & { type: 'accept-quote' | 'reject-quote' },
  deps: Deps,
): Promise<Consent> {
  const { id } = activity.request
  const quotation = id === undefined ? undefined : await deps.store.findQuotationByRequest(id)
  const own = quotation && (await ownQuoteOf(quotation, deps))
  if (own === undefined) return {}
  const isAnswer = activity.type === 'accept-quote' && own.quotedAuthor === activity.actor
  const stamp = isAnswer ? activity.stamp : undefined
  const isTheirs = stamp !== undefined && URL.parse(stamp)?.host === new URL(activity.actor).host
  if (!isTheirs) return { own }
  try {
    return { own, stamp: await deps.fediverse.fetchStamp(stamp) }
  } catch (error) {
    if (error instanceof RejectedError) return { own }
    throw error
  }
}

async function keptOf(note: Note | undefined, { store }: Deps): Promise<Consent> {
  const quotation = note === undefined ? undefined : await store.findQuotation(note.id)
  return quotation === undefined ? {} : { quotation }
}

/** What the question for a quote, the answer to one of ours, or an edit of a post that quotes needs. */
export async function resolveConsent(
  activity: Activity,
  note: Note | undefined,
  deps: Deps,
): Promise<Consent> {
  switch (activity.type) {
    case 'update-note':
      return keptOf(note, deps)
    case 'quote-request':
      return askedBy(activity, deps)
    case 'accept-quote':
    case 'reject-quote':
      return answered(activity, deps)
    default:
      return {}
  }
}

/** Only who is in a room knows what stands there. */
async function postAtEvent(
  { room, eventId }: { readonly room: string; readonly eventId: string },
  sender: UserId,
  deps: Deps,
): Promise<ObjectRecord | undefined> {
  const roomId = room.startsWith('#')
    ? await deps.homeserver.resolveAlias(asRoomAlias(room))
    : asRoomId(room)
  if (roomId === undefined) return undefined
  return postInRoom({ roomId, eventId: asEventId(eventId) }, sender, deps)
}

async function postInRoom(
  { roomId, eventId }: { readonly roomId: RoomId; readonly eventId: EventId },
  sender: UserId,
  { store }: Deps,
): Promise<ObjectRecord | undefined> {
  const mapping = await store.findMappingByEvent(roomId, eventId)
  if (mapping === undefined) return undefined
  if ((await store.findMembership(roomId, sender)) !== 'join') return undefined
  return store.findObject(asObjectId(mapping.remoteId))
}

/** By its id, or by its page where that is on the post's own host: others state what they like. */
export async function postAtPage(url: string, { store }: Deps): Promise<ObjectRecord | undefined> {
  const post = await store.findObject(asObjectId(url))
  if (post !== undefined) return post
  const host = URL.parse(url)?.host
  return (await store.objectsAt(url)).find(({ id }) => new URL(id).host === host)
}

async function ownerOf(
  owner: LocalActor,
  sender: ActorId,
  deps: Deps,
): Promise<NonNullable<LinkedPost['owner']>> {
  const policy = await quotePolicyOf(owner.userId, deps)
  const isAllowed =
    policy === 'everyone' || (policy === 'followers' && (await follows(sender, owner.id, deps)))
  const isBlocked = (await blockBetween(sender, owner.id, deps)) !== undefined
  return { userId: owner.userId, isWilling: isAllowed && !isBlocked }
}

async function findPost(
  text: Text,
  sender: UserId,
  deps: Deps,
): Promise<{ readonly address: string; readonly object: ObjectRecord } | undefined> {
  for (const address of loneAddresses(text).slice(0, maxAddresses)) {
    const event = matrixEventOf(address)
    const object =
      event === undefined ? await postAtPage(address, deps) : await postAtEvent(event, sender, deps)
    if (object !== undefined && object.deletedAt === undefined) return { address, object }
  }
  return undefined
}

/** The first post that a message links on a line of its own, if we know it. */
export async function resolveLinked(
  text: Text,
  author: LocalActor,
  deps: Deps,
): Promise<Omit<LinkedPost, 'author'> | undefined> {
  const found = await findPost(text, author.userId, deps)
  if (found === undefined) return undefined
  const owner = isOwnId(found.object.author, deps)
    ? await deps.store.findLocalActor(found.object.author)
    : undefined
  return {
    ...found,
    ...(owner === undefined ? {} : { owner: await ownerOf(owner, author.id, deps) }),
    ids: { request: newActivityId(deps), stamp: newStampId(deps) },
  }
}
