import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix, KnownHome, KnownRoom, Reached } from '../translate/known.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import type { Note } from '../model/note.ts'
import type { Portal } from '../model/portal.ts'
import type { UserId } from '../model/ids.ts'
import { acceptedOf } from './accepted.ts'
import { blockBetween } from './blocks.ts'
import { visibilityOf } from '../translate/audience.ts'
import { readersAtHome } from './homes.ts'
import { isMuted } from './personal-rules.ts'
import { isOurs, reopenActor } from './portals.ts'
import { isRoomOpen } from './resolve-group.ts'
import { fetchingOnce, resolveAncestors, type Ancestry } from './resolve-ancestors.ts'

export async function knownRoom(portal: Portal, deps: Deps): Promise<KnownRoom> {
  return { portal, members: new Set(await deps.store.membersOf(portal.roomId, ['join', 'invite'])) }
}

/** What is new and for many opens the room again that its author's readers have lost. */
export async function authorRoomOf(
  { id, followers }: RemoteActor,
  news: Note | undefined,
  deps: Deps,
): Promise<KnownRoom | undefined> {
  const visibility = news === undefined ? 'direct' : visibilityOf(news, followers)
  // Whoever is left in its room when nobody here follows it any more reads what is for all.
  if (visibility === 'followers' && (await acceptedOf(id, deps)).length === 0) return undefined
  const isForMany = visibility !== 'direct'
  const portal =
    (await deps.store.findPortal({ kind: 'actor', actorId: id })) ??
    (isForMany ? await reopenActor(id, deps) : undefined)
  return portal === undefined ? undefined : knownRoom(portal, deps)
}

const noAncestry: Ancestry = { ancestors: [], replies: 'hidden' }

export type Readings = Pick<KnownForMatrix, 'ancestors' | 'replyInPortal' | 'homes'>

export const noReadings: Readings = { ancestors: [], replyInPortal: 'hidden', homes: [] }

/** How what is `news` belongs to each room where its author is read. */
export async function readingsOf(
  { id }: RemoteActor,
  news: Note | undefined,
  { authorRoom, deps: given }: { readonly authorRoom: KnownRoom | undefined; readonly deps: Deps },
): Promise<Readings> {
  const deps = fetchingOnce(given)
  const ancestryIn = (room: KnownRoom | undefined, readers: readonly UserId[]) =>
    news === undefined ? noAncestry : resolveAncestors(news, { room, readers }, deps)
  const people = [...(authorRoom?.members ?? [])].filter((userId) => !isOurs(userId, deps))
  const own = authorRoom === undefined ? noAncestry : await ancestryIn(authorRoom, people)
  const homes: KnownHome[] = []
  for (const { userId, follow, portal } of await readersAtHome(id, deps)) {
    const room = portal === undefined ? undefined : await knownRoom(portal, deps)
    const { withBoosts } = follow
    const ancestry = await ancestryIn(room, [userId])
    homes.push({ userId, withBoosts, ...ancestry, ...(room === undefined ? {} : { room }) })
  }
  return { ancestors: own.ancestors, replyInPortal: own.replies, homes }
}

export const ancestorsIn = ({ ancestors, homes }: Readings): readonly Note[] => {
  const all = [...ancestors, ...homes.flatMap((home) => home.ancestors)]
  return [...new Map(all.map((note) => [note.id, note])).values()]
}

/** The rooms of the groups among them, where something may come in. */
export async function groupRoomsOf(
  actors: Iterable<LocalActor>,
  deps: Deps,
): Promise<readonly KnownRoom[]> {
  const rooms: KnownRoom[] = []
  for (const { id: actorId, group } of actors) {
    if (group === undefined) continue
    const portal = await deps.store.findPortal({ kind: 'group', actorId })
    if (portal !== undefined && (await isRoomOpen(portal, deps)))
      rooms.push(await knownRoom(portal, deps))
  }
  return rooms
}

/** Whose rooms these are, people or groups: they may not want to hear from who answers something there. */
export async function ownersOf(
  rooms: Iterable<KnownRoom>,
  deps: Deps,
): Promise<readonly LocalActor[]> {
  const owners: LocalActor[] = []
  for (const { portal } of rooms) {
    const owner =
      portal.kind === 'home'
        ? await deps.store.findLocalActorByUser(portal.userId)
        : portal.kind === 'group'
          ? await deps.store.findLocalActor(portal.actorId)
          : undefined
    if (owner !== undefined) owners.push(owner)
  }
  return owners
}

/** What names a post in its own words goes with it, as what shows it does. */
export async function withBoosts(
  activity: Activity,
  mappings: KnownForMatrix['mappings'],
  { store }: Deps,
): Promise<KnownForMatrix['mappings']> {
  if (activity.type !== 'delete-object') return mappings
  const { object } = activity
  const lines = await store.mappingsOfBoosts(object)
  return new Map([...mappings, [object, [...(mappings.get(object) ?? []), ...lines]]])
}

type Where = Pick<Readings, 'homes'> & {
  readonly authorRoom: KnownRoom | undefined
  readonly deps: Deps
}

/** Where nobody is to be shown what that author wrote. In a room of several, the others are. */
async function shunnedBy(
  author: Note['author'],
  { homes, authorRoom, deps }: Where,
): Promise<ReadonlySet<Reached>> {
  const isApart = async (userId: UserId): Promise<boolean> => {
    const local = await deps.store.findLocalActorByUser(userId)
    if (local === undefined) return false
    const block = await blockBetween(local.id, author, deps)
    return block !== undefined || isMuted(local.id, author, deps)
  }
  const areApart = async (people: readonly UserId[]): Promise<boolean> => {
    for (const userId of people) if (!(await isApart(userId))) return false
    return people.length > 0
  }
  const shunned = new Set<Reached>()
  for (const { userId } of homes) if (await isApart(userId)) shunned.add(userId)
  const people = [...(authorRoom?.members ?? [])].filter((userId) => !isOurs(userId, deps))
  if (authorRoom !== undefined && (await areApart(people))) shunned.add(authorRoom.portal.roomId)
  return shunned
}

/** What a boost needs to know of its readers, and an edit of its boosts. */
export async function boostFacts(
  { type }: Activity,
  note: Note | undefined,
  where: Where,
): Promise<Pick<KnownForMatrix, 'boostLines' | 'shunned'>> {
  if (note === undefined) return {}
  if (type === 'update-note') {
    const events = await where.deps.store.mappingsOfBoosts(note.id)
    // Our people boost by reactions, which are theirs.
    return { boostLines: events.filter(({ sender }) => isOurs(sender, where.deps)) }
  }
  return type === 'announce' ? { shunned: await shunnedBy(note.author, where) } : {}
}
