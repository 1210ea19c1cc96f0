import type { ActorId, EventId, RoomId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Visibility } from '../model/audience.ts'
import type {
  KnownForFediverse,
  KnownBarred,
  KnownBlocker,
  KnownMention,
  KnownTarget,
} from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import type { HeldMessage } from '../model/change.ts'
import type { Media } from '../model/media.ts'
import type { MatrixEvent, Text } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import { asActivityId, asObjectId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { chatsOf, kindOf } from '../model/server.ts'
import { idsFor } from '../translate/attachments.ts'
import { isMeantForMatrix } from '../translate/not-sent.ts'
import { behindBoost, mappingAnswered } from './answered.ts'
import { actorOf, findOrLookUpGhost } from './ghosts.ts'
import { ensureLocalActor, handleFor, mayPublish } from './actors.ts'
import { apartFrom, blockBetween, type Barrier } from './blocks.ts'
import { chatGoneOnFrom } from './moved.ts'
import { isToldAbsent, latePeople } from './late-people.ts'
import { emojisOf, emojiOfReaction } from './own-emojis.ts'
import { heldFor } from './held.ts'
import { isOurs } from './matrix-ids.ts'
import { mentionOf, mentionOfUser, mentionsIn } from './mentions.ts'
import { looksOf } from './own-looks.ts'
import { isOwnId, newActivityId, newContext, newNoteIds } from './new-ids.ts'
import { actorsAmong } from './portal-shape.ts'
import { resolvePins } from './pins.ts'
import { groupFacts } from './resolve-group.ts'
import { quotePolicyOf, resolveLinked } from './resolve-consent.ts'
import { serverOf } from './servers.ts'
import { postLimits } from './user-limits.ts'

async function mappingOf(event: MatrixEvent, deps: Deps): Promise<Mapping | undefined> {
  switch (event.type) {
    case 'message':
      return behindBoost(await mappingAnswered(event, deps), deps)
    case 'reaction':
      return behindBoost(await deps.store.findMappingByEvent(event.roomId, event.target), deps)
    case 'edit':
    case 'redaction':
    case 'vote':
    case 'poll-end':
      return deps.store.findMappingByEvent(event.roomId, event.target)
    default:
      return undefined
  }
}

async function targetOf(mapping: Mapping, deps: Deps): Promise<KnownTarget> {
  const object = await deps.store.findObject(asObjectId(mapping.remoteId))
  const reaction =
    object === undefined ? await deps.store.findReaction(asActivityId(mapping.remoteId)) : undefined
  const reacted = reaction === undefined ? undefined : await deps.store.findObject(reaction.object)
  const authorId = object?.author ?? reacted?.author
  const author = authorId === undefined ? undefined : await mentionOf(authorId, deps)
  return {
    mapping,
    ...(object === undefined ? {} : { object }),
    ...(author === undefined ? {} : { author }),
    ...(reaction === undefined ? {} : { reaction }),
    inboxes: object?.isLocal === true ? await deps.store.recipientsOf(object.id) : [],
    media: object?.isLocal === true ? await deps.store.mediaOf(object.id) : [],
    ...(object?.isLocal === true ? { told: await toldOf(object, deps) } : {}),
  }
}

const toldOf = async ({ id }: ObjectRecord, deps: Deps): Promise<readonly Mapping[]> =>
  (await deps.store.mappingsOf(id)).filter(({ sender }) => isOurs(sender, deps))

const blockerOf = (mention: KnownMention, { activityId, isWish }: Barrier): KnownBlocker => ({
  mention,
  activityId,
  ...(isWish === undefined ? {} : { isWish }),
})

type Heard = Pick<KnownForFediverse, 'participants' | 'blockers' | 'blocked' | 'barred' | 'absent'>

/** Who hears a direct message: everybody who is in the room now, except across a block. */
async function participantsOf(
  portal: Portal & { kind: 'direct' },
  author: LocalActor,
  deps: Deps,
): Promise<Heard> {
  const members = await deps.store.membersOf(portal.roomId, ['join', 'invite'])
  const participants: KnownMention[] = []
  const blockers: Heard['blockers'][number][] = []
  const blocked = new Set<string>()
  const barred: KnownBarred[] = []
  for (const userId of members) {
    if (userId === author.userId) continue
    // Whoever was invited is meant, also when nobody has looked them up yet.
    const mention = await mentionOfUser(userId, deps, findOrLookUpGhost)
    if (mention === undefined) continue
    const block = await blockBetween(author.id, mention.actorId, deps)
    if (block === undefined) participants.push(mention)
    else if (block.domain !== undefined) barred.push({ mention, domain: block.domain })
    else if (block.blocker === author.id) blocked.add(block.ownDomain ?? mention.handle)
    else blockers.push(blockerOf(mention, block))
  }
  const absent: ActorId[] = []
  for (const actorId of await latePeople(portal, deps)) {
    const mention = await mentionOfLate(actorId, portal.roomId, deps)
    if (mention === undefined) absent.push(actorId)
    else if ((await blockBetween(author.id, actorId, deps)) === undefined)
      participants.push(mention)
  }
  const isBridged = participants.some(({ actorId }) =>
    actorsAmong(portal.participants).includes(actorId),
  )
  return {
    participants: isBridged ? participants : [],
    blockers,
    blocked: [...blocked],
    barred,
    absent,
  }
}

/** Once it was told that they are out of reach, nothing waits for their server any more. */
async function mentionOfLate(
  actorId: ActorId,
  roomId: RoomId,
  deps: Deps,
): Promise<KnownMention | undefined> {
  try {
    await actorOf(actorId, deps)
    return await mentionOf(actorId, deps)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    if (error instanceof TransientError && (await isToldAbsent(roomId, actorId, deps)))
      return undefined
    throw error
  }
}

/** The newest message that everybody who hears this one got too: Mastodon then keeps one conversation. */
async function newestDirectFor(
  portal: Portal,
  participants: readonly KnownMention[],
  deps: Deps,
): Promise<ObjectRecord | undefined> {
  const newest = await deps.store.findNewestDirect(portal.roomId)
  if (newest === undefined) return undefined
  const reached = new Set<string>([newest.author, ...newest.to, ...newest.cc])
  return participants.every(({ actorId }) => reached.has(actorId)) ? newest : undefined
}

async function directFacts(portal: Portal | undefined, author: LocalActor | undefined, deps: Deps) {
  if (portal?.kind !== 'direct' || author === undefined)
    return { participants: [], blockers: [], absent: [] }
  const heard = await participantsOf(portal, author, deps)
  const newestDirect = await newestDirectFor(portal, heard.participants, deps)
  const chats = await chatsIn(portal, heard.participants, deps)
  return { ...heard, ...optional('newestDirect', newestDirect), ...optional('chats', chats) }
}

/** Chat messages go to one person; the server of whoever else is in the room would not know whom it is with. */
async function chatsIn(
  { participants }: Portal & { kind: 'direct' },
  [other, ...more]: readonly KnownMention[],
  deps: Deps,
): Promise<KnownForFediverse['chats']> {
  const isOfTwo = participants.length === 2 && more.length === 0
  if (other === undefined || !isOfTwo || isOwnId(other.actorId, deps)) return undefined
  return chatsOf(await serverOf(new URL(other.actorId).host, deps))
}

/** Words to a ghost are a first act of one's own; everything else needs an actor already. */
async function authorOf(
  event: MatrixEvent,
  portal: Portal | undefined,
  deps: Deps,
): Promise<LocalActor | undefined> {
  const isFirstAct =
    portal?.kind === 'direct' &&
    event.type === 'message' &&
    !isMeantForMatrix(event.kind, event.text) &&
    mayPublish(event.sender, deps)
  if (isFirstAct) return (await ensureLocalActor(event.sender, deps)).actor
  return deps.store.findLocalActorByUser(event.sender)
}

async function portalPostsOf(userId: UserId, deps: Deps): Promise<'ask' | 'on' | 'off'> {
  const value = await deps.store.findSetting(userId, 'room_posts')
  return value === 'on' || value === 'off' ? value : 'ask'
}

/** Whoever chose nothing writes in public. */
async function visibilityFor(userId: UserId, deps: Deps): Promise<Visibility> {
  const value = await deps.store.findSetting(userId, 'visibility')
  return value === 'unlisted' || value === 'followers' ? value : 'public'
}

/** The words and files that may go out because of this event. */
function contentOf(
  event: MatrixEvent,
  held: HeldMessage | undefined,
): { readonly text: Text; readonly media: readonly Media[] } | undefined {
  return event.type === 'message' || event.type === 'edit' ? event : held?.message
}

/** What is there of the sender's reactions, and what the post's server makes of reactions. */
async function reactionFacts(
  event: MatrixEvent,
  target: KnownTarget | undefined,
  { author, deps }: { readonly author: LocalActor | undefined; readonly deps: Deps },
): Promise<Pick<KnownForFediverse, 'reactionsGiven' | 'software' | 'reactionEmoji'>> {
  const object = target?.object
  if (event.type !== 'reaction' || author === undefined || object === undefined)
    return { reactionsGiven: [] }
  const reactionsGiven = await deps.store.reactionsBy(author.id, object.id)
  if (object.isLocal) return { reactionsGiven }
  const server = await serverOf(new URL(object.author).host, deps)
  const reactionEmoji = await emojiOfReaction(event, deps)
  return {
    reactionsGiven,
    ...optional('software', kindOf(server)),
    ...optional('reactionEmoji', reactionEmoji),
  }
}

/** In a room where that poll does not stand, anybody may take back any event id. */
async function pollVotedIn(
  { roomId, target }: MatrixEvent & { type: 'redaction' },
  { store }: Deps,
): Promise<ObjectRecord | undefined> {
  const poll = await store.findPollOfVote(target)
  if (poll === undefined) return undefined
  const isHere = (await store.mappingsOf(poll)).some((mapping) => mapping.roomId === roomId)
  return isHere ? store.findObject(poll) : undefined
}

/** What the sender voted before, or the poll whose vote they take back. */
async function voteFacts(
  event: MatrixEvent,
  target: KnownTarget | undefined,
  { author, deps }: { readonly author: LocalActor | undefined; readonly deps: Deps },
): Promise<Pick<KnownForFediverse, 'votesGiven' | 'votedIn'>> {
  const { store } = deps
  if (event.type === 'vote' && author !== undefined && target?.object !== undefined)
    return { votesGiven: await store.votesBy(target.object.id, author.id) }
  const votedIn = event.type === 'redaction' ? await pollVotedIn(event, deps) : undefined
  return { votesGiven: [], ...optional('votedIn', votedIn) }
}

const optional = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): Partial<Record<Key, Value>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, Value>>

async function linkedBy(
  text: Text | undefined,
  author: LocalActor | undefined,
  deps: Deps,
): Promise<Pick<KnownForFediverse, 'linked'>> {
  if (text === undefined || author === undefined) return {}
  const linked = await resolveLinked(text, author, deps)
  if (linked === undefined) return {}
  return {
    linked: { ...linked, ...optional('author', await mentionOf(linked.object.author, deps)) },
  }
}

/**
 * An event that is done again by a bridge that does not know of it (a copy of its database was restored)
 * says the same under the same ids: others drop what they have seen.
 */
function idsOfEvent(
  event: MatrixEvent,
  content: { readonly media: readonly Media[] } | undefined,
  deps: Deps,
): KnownForFediverse['ids'] {
  const { roomId, eventId } = event
  let count = 0
  const id = (): string =>
    deps.idOf?.(`${roomId} ${eventId} ${String(count++)}`) ?? deps.random.id()
  const seeded = { ...deps, random: { ...deps.random, id } }
  return {
    ...newNoteIds(seeded),
    undo: newActivityId(seeded),
    votes: event.type === 'vote' ? event.answers.map(() => newActivityId(seeded)) : [],
    media: Array.from({ length: idsFor(content?.media ?? []) }, id),
  }
}

/** Whether nobody published that event, nor will. */
async function isUnpublished(roomId: RoomId, eventId: EventId, deps: Deps): Promise<boolean> {
  if ((await deps.store.findDraft(roomId, eventId)) !== undefined) return false
  const event = await deps.homeserver.findEvent(deps.identity.bot, roomId, eventId)
  return event === undefined || !isOurs(event.sender, deps)
}

/**
 * In a group people answer each other, and not all appear: what answers somebody who does not stands
 * alone. What a ghost said, or what waits to be published, is known in a moment.
 */
async function isTargetUnknown(
  event: MatrixEvent,
  {
    target,
    group,
  }: Pick<KnownForFediverse, 'group'> & { readonly target: KnownTarget | undefined },
  deps: Deps,
): Promise<boolean> {
  if (event.type !== 'message' || target?.object !== undefined) return false
  const { replyTo, threadRoot, isFallback } = event.relation
  const answered = [isFallback ? undefined : replyTo, threadRoot].filter((id) => id !== undefined)
  if (answered.length === 0 && replyTo === undefined) return false
  if (group?.isIn !== true) return true
  for (const id of answered) if (!(await isUnpublished(event.roomId, id, deps))) return true
  return false
}

/** Gathers everything that the translation of this event may use. */
export async function resolveEvent(event: MatrixEvent, deps: Deps): Promise<KnownForFediverse> {
  const { store } = deps
  const portal =
    (await store.findPortalByRoom(event.roomId)) ?? (await chatGoneOnFrom(event.roomId, deps))
  const author = await authorOf(event, portal, deps)
  const mapping = await mappingOf(event, deps)
  const target = mapping === undefined ? undefined : await targetOf(mapping, deps)
  const group = await groupFacts(portal, event, deps)
  const held = await heldFor(event, deps)
  const content = contentOf(event, held)
  const account = portal?.kind === 'actor' ? await mentionOf(portal.actorId, deps) : undefined
  return {
    now: deps.clock.now(),
    publicUrl: deps.identity.publicUrl,
    ...optional('portal', portal),
    ...optional('author', author),
    handle: await handleFor(event.sender, deps),
    isPermitted: mayPublish(event.sender, deps),
    ...(deps.permissionOf(event.sender) === 'follow' ? { isReader: true } : {}),
    ...optional('target', target),
    ...(await reactionFacts(event, target, { author, deps })),
    ...(await voteFacts(event, target, { author, deps })),
    ...(await apartFrom(author?.id, target?.object?.author, deps)),
    ...group,
    isTargetUnknown: await isTargetUnknown(event, { target, ...group }, deps),
    ...(content === undefined || portal === undefined
      ? { pills: new Map(), handles: new Map() }
      : await mentionsIn(content.text, deps)),
    emojis:
      content === undefined || author === undefined
        ? new Map()
        : await emojisOf(content, event, deps),
    looks: await looksOf(author && portal && content?.media, deps),
    ...(await directFacts(portal, author, deps)),
    ...optional('account', account),
    portalPosts: await portalPostsOf(event.sender, deps),
    visibility: await visibilityFor(event.sender, deps),
    ...(await linkedBy(content?.text, author, deps)),
    ...(await resolvePins(event, author, deps)),
    quotePolicy: await quotePolicyOf(event.sender, deps),
    ...optional('held', held),
    ids: idsOfEvent(event, content, deps),
    context: portal?.context ?? newContext(deps),
    ...(content === undefined ? {} : await postLimits(author, deps)),
  }
}
