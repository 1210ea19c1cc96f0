import type { ActorId, UserId } from '../../src/model/ids.ts'
import type { KnownActor, KnownMention } from '../../src/translate/known.ts'
import type { LocalActor, RemoteActor } from '../../src/model/actor.ts'
import { publicCollection } from '../../src/model/audience.ts'
import { asActorId, asUserId } from '../../src/model/ids.ts'

/**
 * The people of the tables. Rows name them, and everything of theirs, in short: `bob` is an actor
 * id, `bob/1` a post of his, `bob/followers` his followers, `public` everybody, `@bob` his ghost.
 */

export const now = 1_000_000_000
export const publicUrl = 'https://us.test'

const hosts: Readonly<Record<string, string>> = {
  bob: 'social.test',
  carol: 'other.test',
  mallory: 'social.test',
  alice: 'us.test',
  ann: 'us.test',
  gone: 'us.test',
  club: 'us.test',
}

/** The id, or list of receivers, that a short name in a row stands for. */
export function idOf(name: string): string {
  if (name === 'public') return publicCollection
  const host = hosts[name.split('/')[0] ?? '']
  return host === undefined ? name : `https://${host}/${name}`
}

export const actorIdOf = (name: string): ActorId => asActorId(idOf(name))

export const isLocalName = (name: string): boolean => hosts[name.split('/')[0] ?? ''] === 'us.test'

/** `@alice` is she herself, `@bob` his ghost. */
export const userIdOf = (name: string): UserId => asUserId(`@${name.replace('@', '')}:us.test`)

/** `club` is a group, the room `!club`. */
export const localOf = (name: string): LocalActor => ({
  id: actorIdOf(name),
  userId: name === 'club' ? asUserId(idOf(name)) : userIdOf(name),
  ...(name === 'club' ? { group: {} } : {}),
  username: name,
  displayName: name.charAt(0).toUpperCase() + name.slice(1),
  createdAt: 1,
  ...(name === 'gone' ? { deletedAt: 2 } : {}),
})

export function remoteOf(name: string): RemoteActor {
  const id = actorIdOf(name)
  return {
    id,
    kind: 'Person',
    username: name,
    host: hosts[name] ?? 'nowhere.test',
    url: `https://${hosts[name] ?? 'nowhere.test'}/@${name}`,
    inbox: `${id}/inbox`,
    followers: `${id}/followers`,
    featured: `${id}/featured`,
    publicKeys: [],
    fetchedAt: now,
  }
}

export const knownActorOf = (name: string): KnownActor => ({
  actor: remoteOf(name),
  ghost: userIdOf(name),
})

export const mentionOf = (name: string): KnownMention => ({
  actorId: actorIdOf(name),
  handle: `@${name}@${hosts[name] ?? 'nowhere.test'}`,
  url: isLocalName(name) ? `${publicUrl}/@${name}` : `https://${hosts[name] ?? ''}/@${name}`,
})

export const locals = ['alice', 'ann', 'gone', 'club']
export const remotes = ['bob', 'carol', 'mallory']

/** Ids back to their short names, so that an outcome reads like its row. */
function shorten(text: string): string {
  let short = text.replaceAll(publicCollection, 'public')
  for (const host of new Set(Object.values(hosts))) short = short.replaceAll(`https://${host}/`, '')
  return short.replaceAll(/(@\w+):us\.test/g, '$1')
}

const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)

/**
 * A value of a translation as a row writes it: short ids, without what is empty or false, and
 * without the members that `usual` has with the same value.
 */
export function brief(value: unknown, usual: Readonly<Record<string, unknown>> = {}): unknown {
  if (typeof value === 'string') return shorten(value)
  if (Array.isArray(value)) return value.map((item) => brief(item))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
    .filter(([key, member]) => isSaid(member) && usual[key] !== member)
    .map(([key, member]) => [key, brief(member)])
  return Object.fromEntries(members) as unknown
}
