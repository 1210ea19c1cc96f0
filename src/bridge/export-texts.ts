import type { ActorId } from '../model/ids.ts'
import type { Archive } from '../model/file.ts'
import type { Deps } from './ports.ts'
import type { ExportPlace, OwnActivity, OwnFile } from '../model/export.ts'
import type { LocalActor } from '../model/actor.ts'
import { acceptedOf } from './accepted.ts'
import { handleOfActor } from './follows.ts'
import { updateOf } from './own-profile.ts'
import { usualExtension } from '../translate/file-name.ts'

type Json = Readonly<Record<string, unknown>>

const atOnce = 100
const activityStreams = 'https://www.w3.org/ns/activitystreams'

/** Where a file of a post is in the archive, in which its post names it so. */
export const pathOf = ({ id, name, mediaType }: OwnFile): string =>
  `media_attachments/files/${id}${usualExtension({ name, mediaType })}`

/** A list whose items come one by one; `more` says, after each, whether another one may follow. */
async function* listOf(id: string, items: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  const begin = { '@context': activityStreams, id, type: 'OrderedCollection' }
  yield Buffer.from(`${JSON.stringify(begin).slice(0, -1)},"orderedItems":[`)
  let count = 0
  for await (const item of items) {
    yield Buffer.from(`${count === 0 ? '' : ','}\n${JSON.stringify(item)}`)
    count += 1
  }
  yield Buffer.from(`\n],"totalItems":${String(count)}}\n`)
}

async function* likesOf(actor: ActorId, { store }: Deps): AsyncIterable<string> {
  for (let after = 0; ;) {
    const page = await store.likedBy(actor, after, atOnce)
    for (const { object } of page) yield object
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

/** As RFC 4180 has it. The columns are those of Mastodon's own exports. */
const line = (...cells: readonly string[]): string =>
  `${cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`

const address = async (id: ActorId, deps: Deps): Promise<string> =>
  (await handleOfActor(id, deps)).replace(/^@/, '')

async function followsAsCsv(actor: ActorId, deps: Deps): Promise<string> {
  const lines = [line('Account address', 'Show boosts', 'Notify on new posts', 'Languages')]
  for (const { followed, withBoosts } of await deps.store.followsOf(actor))
    lines.push(line(await address(followed, deps), String(withBoosts), 'false', ''))
  return lines.join('')
}

async function followersAsCsv(actor: ActorId, deps: Deps): Promise<string> {
  const lines = [line('Account address')]
  for (const { follower } of await acceptedOf(actor, deps))
    lines.push(line(await address(follower, deps)))
  return lines.join('')
}

/** Mastodon writes these without a head. */
async function blocksAsCsv(actor: ActorId, deps: Deps): Promise<string> {
  const lines: string[] = []
  for (const { blocked } of await deps.store.blocksBy(actor))
    lines.push(line(await address(blocked, deps)))
  return lines.join('')
}

async function actorDocument(actor: LocalActor, deps: Deps): Promise<string> {
  await deps.keys.ensureKeys(actor.id)
  const update = JSON.parse(deps.fediverse.serialize(updateOf(actor, deps).activity)) as Json
  const document = typeof update['object'] === 'object' ? update['object'] : { id: actor.id }
  const lists = { outbox: 'outbox.json', likes: 'likes.json' }
  const context = { '@context': update['@context'] }
  return `${JSON.stringify({ ...context, ...document, ...lists }, null, 2)}\n`
}

/** The profile, and the lists that other servers take. */
export async function addProfile(actor: LocalActor, archive: Archive, deps: Deps): Promise<void> {
  const at = deps.clock.now()
  const texts = {
    'actor.json': await actorDocument(actor, deps),
    'following_accounts.csv': await followsAsCsv(actor.id, deps),
    'followers.csv': await followersAsCsv(actor.id, deps),
    'blocked_accounts.csv': await blocksAsCsv(actor.id, deps),
  }
  for (const [name, content] of Object.entries(texts)) await archive.add({ name, content, at })
  const likes = listOf('likes.json', likesOf(actor.id, deps))
  await archive.add({ name: 'likes.json', content: likes, at })
}

const without = (document: Json, name: string): Json =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key !== name))

/** Its files by where they are in the archive, as in Mastodon's. */
async function withPaths(note: Json, activity: OwnActivity, deps: Deps): Promise<Json> {
  const { attachment } = note
  if (!Array.isArray(attachment) || activity.object === undefined) return note
  const files = await deps.store.mediaOf(activity.object)
  const paths = new Map(
    files.map((file) => [
      `${deps.identity.publicUrl}/media/${file.id}`,
      pathOf({ ...file, seq: 0 }),
    ]),
  )
  const named = (attachment as readonly Json[]).map((one) => ({
    ...one,
    url: paths.get(String(one['url'])) ?? one['url'],
  }))
  return { ...note, attachment: named }
}

/** Posts that stand, as they are now, and boosts that were not taken back. */
async function itemOf(activity: OwnActivity, deps: Deps): Promise<Json | undefined> {
  if (activity.type === 'Announce') {
    const isStanding = (await deps.store.findReaction(activity.id)) !== undefined
    return isStanding ? (JSON.parse(activity.document) as Json) : undefined
  }
  if (activity.type !== 'Create' || activity.object === undefined) return undefined
  const object = await deps.store.findObject(activity.object)
  if (object?.document === undefined || object.deletedAt !== undefined) return undefined
  const note = without(JSON.parse(object.document) as Json, '@context')
  // What was signed is another text.
  const create = without(JSON.parse(activity.document) as Json, 'proof')
  return { ...create, object: await withPaths(note, activity, deps) }
}

/** Posts of one archive are fewer than this, and take no more of it than half. */
const mostPosts = 20_000

/**
 * Adds the next posts as `outbox.json`, further archives number theirs. Answers where it goes on, and how
 * many there were.
 */
export async function addPosts(
  actor: ActorId,
  { archive, place, part, budget }: Filling,
  deps: Deps,
): Promise<{ readonly place: ExportPlace; readonly posts: number }> {
  if (place.activities === 'done') return { place, posts: 0 }
  let next: ExportPlace['activities'] = place.activities
  let posts = 0
  async function* items(): AsyncIterable<Json> {
    while (next !== 'done') {
      const page = await deps.store.activitiesBy(actor, next, atOnce)
      for (const activity of page) {
        const item = await itemOf(activity, deps)
        next = activity.seq
        if (item === undefined) continue
        posts += 1
        yield item
        if (posts >= mostPosts || archive.size > budget / 2) return
      }
      if (page.length < atOnce) next = 'done'
    }
  }
  const name = part === 1 ? 'outbox.json' : `outbox-${String(part)}.json`
  await archive.add({ name, content: listOf(name, items()), at: deps.clock.now() })
  return { place: { ...place, activities: next }, posts }
}

/** An archive that is being filled, and from where on. */
export type Filling = {
  readonly archive: Archive
  readonly place: ExportPlace
  /** The first is 1. */
  readonly part: number
  /** Bytes that it may have. */
  readonly budget: number
  /** Tries that failed before. */
  readonly failures: number
}
