import type { Activity, Carried } from '../model/activity.ts'
import type { ActivityId, ActorId, ObjectId, RoomId } from '../model/ids.ts'
import type { Reaction, ShownIn } from '../model/relation.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix, KnownRoom } from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Mapping, Note, ObjectRecord } from '../model/note.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { undoneMark } from '../translate/boosts.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { isSilenced } from './domain-blocks.ts'
import { fetchRecent, isOutdated } from './fetch-recent.ts'
import { isOwnId, newActivityId } from './new-ids.ts'
import { readAs } from './read-as.ts'
import { referredBy, type Referred } from './referred.ts'
import { isRoomOpen, shutTo, withoutTakenOut } from './resolve-group.ts'
import { resolveConsent } from './resolve-consent.ts'
import { askedBy, resolveRest } from './resolve-rest.ts'
import { resolveQuotes } from './resolve-quotes.ts'
import { resolveStrangers } from './resolve-strangers.ts'
import { begunIn } from './standing.ts'
import { knownActor, resolvePeople } from './resolve-people.ts'
import {
  ancestorsIn,
  authorRoomOf,
  boostFacts,
  groupRoomsOf,
  knownRoom,
  noReadings,
  ownersOf,
  readingsOf,
  withBoosts,
} from './resolve-readings.ts'
import { authorOf } from './known-author.ts'
import { isMuted } from './personal-rules.ts'

/** Many boost the same post on one evening, milliseconds. */
const boostAge = 600_000

/** Nobody reads who boosted it: then nothing is fetched. */
async function boostedNote(
  { actor, object }: Activity & { type: 'announce' },
  deps: Deps,
): Promise<Note | undefined> {
  if (isOwnId(object, deps)) return undefined
  if (!(await areBoostsWanted(actor, ['room', 'home'], deps))) return undefined
  try {
    // What is for its followers only its own author may boost to them.
    const as = await readAs(actor, object, deps)
    return await fetchRecent(object, { maxAge: boostAge, ...as }, deps)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** The post that an activity brings, or asks for. */
function carriedBy(activity: Activity, deps: Deps): Carried<Note> | undefined {
  switch (activity.type) {
    case 'create':
    case 'update-note':
      return activity.object
    case 'quote-request':
      return isOwnId(activity.object, deps) ? activity.instrument : undefined
    case 'feature':
      return isSameHost(activity.object, activity.actor) ? { ref: activity.object } : undefined
    default:
      return undefined
  }
}

const isSameHost = (a: string, b: string): boolean => URL.parse(a)?.host === URL.parse(b)?.host

/** Where nobody reads an account, what it pins is not fetched. */
const hasRoom = async (actorId: ActorId, { store }: Deps): Promise<boolean> =>
  (await store.findPortal({ kind: 'actor', actorId })) !== undefined

/** The post of a create or update: what was carried, or what its own server says. */
async function noteOf(activity: Activity, deps: Deps): Promise<Note | undefined> {
  if (activity.type === 'announce') return boostedNote(activity, deps)
  const carried = carriedBy(activity, deps)
  // A post of ours is nobody else's to tell of, and nothing to ask ourselves for.
  if (carried === undefined || isOwnId(carried.ref, deps)) return undefined
  if (activity.type === 'feature' && !(await hasRoom(activity.actor, deps))) return undefined
  const { embedded } = carried
  const isStale =
    activity.type === 'create' && embedded !== undefined && (await isOutdated(embedded, deps))
  if (embedded !== undefined && !isStale) return embedded
  try {
    const isTold = activity.type === 'create' || activity.type === 'update-note'
    const as = isTold ? await readAs(activity.actor, carried.ref, deps) : {}
    return await deps.fediverse.fetchNote(carried.ref, as)
  } catch (error) {
    // Gone again before we looked, or not for us to read: nothing to show, and no error of ours.
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

type AboutPost = Activity & { type: 'react' | 'announce' }

const isReaction = (activity: Activity): activity is AboutPost =>
  activity.type === 'react' || activity.type === 'announce'

const aboutPosts = ['delete-object', 'quote-request', 'feature', 'unfeature'] as const

const isAboutPost = (
  activity: Activity,
): activity is AboutPost | (Activity & { type: (typeof aboutPosts)[number] }) =>
  isReaction(activity) || aboutPosts.some((type) => type === activity.type)

/** Ids of objects and activities whose events the translation may need. */
function referencesOf(
  activity: Activity,
  note: Note | undefined,
  referred: Referred,
): (ObjectId | ActivityId)[] {
  const ids: (ObjectId | ActivityId)[] = []
  if (note !== undefined) ids.push(note.id)
  if (note?.inReplyTo !== undefined) ids.push(note.inReplyTo)
  if (note?.quote !== undefined) ids.push(note.quote)
  if (isAboutPost(activity) || activity.type === 'vote') ids.push(activity.object)
  if (referred.reaction !== undefined)
    ids.push(referred.reaction.activityId, referred.reaction.object)
  return ids
}

/** Actors that an activity names: the local ones among them matter. */
function actorsNamed(activity: Activity, note: Note | undefined, referred: Referred): ActorId[] {
  const named: string[] =
    note === undefined
      ? []
      : [...note.to, ...note.cc, ...(note.groups ?? []), ...note.mentions.map((m) => m.actorId)]
  named.push(...askedBy(activity))
  if (referred.follow !== undefined) named.push(referred.follow.follower, referred.follow.followed)
  return named.map(asActorId)
}

async function localsAmong(ids: Iterable<ActorId>, deps: Deps): Promise<Map<ActorId, LocalActor>> {
  const locals = new Map<ActorId, LocalActor>()
  for (const id of new Set(ids)) {
    const actor = isOwnId(id, deps) ? await deps.store.findLocalActor(id) : undefined
    if (actor !== undefined) locals.set(id, actor)
  }
  return locals
}

async function objectsAndMappings(ids: readonly (ObjectId | ActivityId)[], deps: Deps) {
  const objects = new Map<string, ObjectRecord>()
  const mappings = new Map<string, readonly Mapping[]>()
  for (const id of ids) {
    const object = await deps.store.findObject(asObjectId(id))
    if (object !== undefined) objects.set(id, object)
    mappings.set(id, await deps.store.mappingsOf(id))
  }
  return { objects, mappings }
}

async function roomsOf(
  mappings: Iterable<readonly Mapping[]>,
  deps: Deps,
): Promise<Map<RoomId, KnownRoom>> {
  const rooms = new Map<RoomId, KnownRoom>()
  for (const { roomId } of [...mappings].flat()) {
    if (rooms.has(roomId)) continue
    const portal = await deps.store.findPortalByRoom(roomId)
    if (portal === undefined || (portal.kind === 'group' && !(await isRoomOpen(portal, deps))))
      continue
    rooms.set(roomId, await knownRoom(portal, deps))
  }
  return rooms
}

/** Whether anybody of ours follows the account for its boosts too, and reads it there. */
async function areBoostsWanted(
  actorId: ActorId,
  where: readonly ShownIn[],
  deps: Deps,
): Promise<boolean> {
  const follows = await acceptedOf(actorId, deps)
  return follows.some(({ withBoosts, shownIn }) => withBoosts && where.includes(shownIn))
}

async function isUndone({ actor, id }: Activity, deps: Deps): Promise<boolean> {
  return (await deps.store.findMark(undoneMark(actor, id))) !== undefined
}

/** Many quote the same post on one evening, milliseconds; an edit shows it as it is now. */
const quoteAge = 600_000

/** Only what somebody here may come to see costs a fetch. A new post waits for what it quotes, in bounds. */
async function quotesOf(
  activity: Activity,
  notes: readonly Note[],
  { isShown, deps }: { readonly isShown: boolean; readonly deps: Deps },
): Promise<KnownForMatrix['quotes']> {
  if (!isShown || activity.type === 'quote-request') return new Map()
  const isPatient = activity.type === 'create' && activity.object.embedded !== undefined
  const maxAge = activity.type === 'update-note' ? 0 : quoteAge
  return resolveQuotes(notes, { isPatient, maxAge, deps })
}

async function isQuoted(activity: Activity, note: Note | undefined, deps: Deps): Promise<boolean> {
  const id =
    activity.type === 'delete-object'
      ? activity.object
      : activity.type === 'update-note'
        ? note?.id
        : undefined
  return id !== undefined && (await deps.store.quotationsOf(id, { limit: 1 })).length > 0
}

/** What a post needs to be shown for the first time, wherever it belongs. */
function newsOf(
  activity: Activity,
  note: Note | undefined,
  record: ObjectRecord | undefined,
): Note | undefined {
  if (activity.type === 'create') return note
  // An Update that overtakes its Create stands for both.
  const isUnheard = record === undefined || record.cameAlong === true
  return activity.type === 'update-note' && isUnheard ? note : undefined
}

const idsOf = (notes: readonly Note[]): readonly ObjectId[] => notes.map(({ id }) => id)

async function reactionsBefore(activity: Activity, { store }: Deps): Promise<readonly Reaction[]> {
  return isReaction(activity) ? store.reactionsBy(activity.actor, activity.object) : []
}

/** What a voter did before in that poll of ours. */
async function votingOf(
  activity: Activity,
  objects: ReadonlyMap<string, ObjectRecord>,
  deps: Deps,
): Promise<Pick<KnownForMatrix, 'voting'>> {
  const poll = activity.type === 'vote' ? objects.get(activity.object) : undefined
  if (poll === undefined) return {}
  const follow = await deps.store.findFollow(activity.actor, poll.author)
  const given = await deps.store.votesBy(poll.id, activity.actor)
  return { voting: { given, isFollower: follow?.state === 'accepted' } }
}

/** A follow, or the end of anything, happens to who mutes somebody as well: they must not learn of it. */
const isToBeShown = (type: Activity['type']): boolean =>
  type === 'create' || type === 'announce' || type === 'react'

/** Between whom and its actor a block stands, and who is to be shown nothing of it. */
async function apartFromActor(
  { type, actor }: Activity,
  locals: Iterable<ActorId>,
  deps: Deps,
): Promise<readonly ActorId[]> {
  const apart: ActorId[] = []
  for (const id of locals) {
    const isApart = (await blockBetween(id, actor, deps)) !== undefined
    if (isApart || (isToBeShown(type) && (await isMuted(id, actor, deps)))) apart.push(id)
  }
  return apart
}

type Around = {
  readonly locals: ReadonlyMap<ActorId, LocalActor>
  readonly rooms: ReadonlyMap<RoomId, KnownRoom>
  readonly deps: Deps
}

/** Who is not to hear of it, people and groups, and who has enough of strangers. */
async function resolveDeaf(
  activity: Activity,
  news: Note | undefined,
  { locals, rooms, deps }: Around,
): Promise<Pick<KnownForMatrix, 'deaf' | 'crowded'>> {
  const { deaf, crowded } = await resolveStrangers(news, locals, deps)
  const apart = await apartFromActor(activity, locals.keys(), deps)
  const shut = news === undefined ? [] : await shutTo(news.author, rooms.values(), deps)
  return { deaf: new Set([...deaf, ...apart, ...shut]), crowded }
}

/**
 * Gathers everything that the translation of this activity may use: the store first, then signed
 * fetches for what is missing. Throws TransientError when something needed cannot be had just now.
 */
export async function resolveActivity(activity: Activity, deps: Deps): Promise<KnownForMatrix> {
  const author = await knownActor(await authorOf(activity.actor, deps), deps)
  const note = await noteOf(activity, deps)
  const referred = await referredBy(activity, deps)
  const ids = referencesOf(activity, note, referred)
  const known = await objectsAndMappings(ids, deps)
  const isBoost = activity.type === 'announce'
  const news = newsOf(activity, note, known.objects.get(note?.id ?? ''))
  const authorRoom = await authorRoomOf(author.actor, isBoost ? note : news, deps)
  const readings =
    note === undefined ? noReadings : await readingsOf(author.actor, news, { authorRoom, deps })
  const ancestors = ancestorsIn(readings)
  const above = await objectsAndMappings(idsOf(ancestors), deps)
  const objects = new Map([...known.objects, ...above.objects])
  const stands = new Map([...known.mappings, ...above.mappings])
  const rooms = await roomsOf(stands.values(), deps)
  const mappings = await withoutTakenOut(note?.inReplyTo, stands, { rooms, deps })
  for (const room of [authorRoom, ...readings.homes.map((home) => home.room)])
    if (room !== undefined) rooms.set(room.portal.roomId, room)
  const owners = [...known.objects.values()].map((object) => object.author)
  const locals = await localsAmong([...actorsNamed(activity, note, referred), ...owners], deps)
  for (const room of await groupRoomsOf(locals.values(), deps)) rooms.set(room.portal.roomId, room)
  for (const owner of await ownersOf(rooms.values(), deps)) locals.set(owner.id, owner)
  const behind = note !== undefined && isBoost ? [note] : ancestors
  return {
    now: deps.clock.now(),
    handleDomain: deps.identity.handleDomain,
    author,
    isSilenced: activity.type === 'follow' && (await isSilenced(activity.actor, deps)),
    ...(note === undefined ? {} : { note }),
    ...readings,
    ...(note === undefined
      ? { actors: new Map(), addressees: [] }
      : await resolvePeople(note, { behind, locals, deps })),
    locals,
    objects,
    mappings: await withBoosts(activity, mappings, deps),
    ...(await boostFacts(activity, note, { homes: readings.homes, authorRoom, deps })),
    rooms,
    ...(authorRoom === undefined ? {} : { authorRoom }),
    ...(await resolveDeaf(activity, news, { locals, rooms, deps })),
    reactions: await reactionsBefore(activity, deps),
    quotes: await quotesOf(activity, note === undefined ? [] : [note, ...ancestors], {
      isShown: locals.size + rooms.size + readings.homes.length > 0,
      deps,
    }),
    ...(await resolveConsent(activity, note, deps)),
    isQuoted: await isQuoted(activity, note, deps),
    ...(await begunIn(note?.id, { mappings }, deps)),
    isUndone: (isBoost || activity.type === 'follow') && (await isUndone(activity, deps)),
    areBoostsWanted: isBoost && (await areBoostsWanted(activity.actor, ['room'], deps)),
    ...(await votingOf(activity, objects, deps)),
    ...referred,
    ...(await resolveRest(activity, deps)),
    sensitiveMedia: deps.mediaRules.sensitive,
    answerId: newActivityId(deps),
  }
}
