import type { ActorId, ObjectId } from '../model/ids.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { Database } from './database.ts'

/** A cursor is opaque: `next` of one page is `before` of the following one. */
export type PageRequest = { readonly before?: number; readonly limit: number }
/** Newest first. `next` is absent on the last page. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next?: number }

/** What the collections of an actor, its pages and NodeInfo show. Nothing that is not public, except for the ids of followers. */
export const collections = (database: Database) => ({
  ...outbox(database),
  ...replies(database),
  ...followPages(database),
  ...counts(database),
})

function toPage<Row extends { seq: number }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(toItem)
  return rows.length > limit && last ? { items, next: last.seq } : { items }
}

const after = ({ before }: PageRequest): number => before ?? Number.MAX_SAFE_INTEGER

function outbox({ query, all, get }: Database) {
  const shown = (actorId: ActorId) =>
    query
      .selectFrom('activity')
      .where('actor', '=', actorId)
      .where('is_public', '=', 1)
      .where('type', '=', 'Create')
  return {
    /** Documents of the public and unlisted Create activities whose objects still stand. */
    async outboxPage(actorId: ActorId, page: PageRequest): Promise<Page<string>> {
      const rows = all(
        shown(actorId)
          .select(['seq', 'document'])
          .where('seq', '<', after(page))
          .orderBy('seq', 'desc')
          .limit(page.limit + 1),
      )
      return toPage(rows, page.limit, (row) => row.document)
    },
    async outboxCount(actorId: ActorId): Promise<number> {
      return get(shown(actorId).select((e) => e.fn.countAll<number>().as('n')))?.n ?? 0
    },
  }
}

function replies({ query, all, get }: Database) {
  const shown = (objectId: ObjectId) =>
    query
      .selectFrom('object')
      .where('in_reply_to', '=', objectId)
      .where('visibility', 'in', ['public', 'unlisted'])
      .where('deleted_at', 'is', null)
  return {
    /** Ids of the public and unlisted replies that we know. */
    async repliesPage(objectId: ObjectId, page: PageRequest): Promise<Page<ObjectId>> {
      const rows = all(
        shown(objectId)
          .select(['seq', 'id'])
          .where('seq', '<', after(page))
          .orderBy('seq', 'desc')
          .limit(page.limit + 1),
      )
      return toPage(rows, page.limit, (row) => asObjectId(row.id))
    },
    async repliesCount(objectId: ObjectId): Promise<number> {
      return get(shown(objectId).select((e) => e.fn.countAll<number>().as('n')))?.n ?? 0
    },
  }
}

function followPages({ query, all, get }: Database) {
  const accepted = (side: 'follower' | 'followed', actorId: ActorId) =>
    query.selectFrom('follow').where(side, '=', actorId).where('state', '=', 'accepted')
  const count = (side: 'follower' | 'followed', actorId: ActorId): number =>
    get(accepted(side, actorId).select((e) => e.fn.countAll<number>().as('n')))?.n ?? 0
  return {
    async followersPage(actorId: ActorId, page: PageRequest): Promise<Page<ActorId>> {
      const rows = all(
        accepted('followed', actorId)
          .select(['seq', 'follower'])
          .where('seq', '<', after(page))
          .orderBy('seq', 'desc')
          .limit(page.limit + 1),
      )
      return toPage(rows, page.limit, (row) => asActorId(row.follower))
    },
    async followingPage(actorId: ActorId, page: PageRequest): Promise<Page<ActorId>> {
      const rows = all(
        accepted('follower', actorId)
          .select(['seq', 'followed'])
          .where('seq', '<', after(page))
          .orderBy('seq', 'desc')
          .limit(page.limit + 1),
      )
      return toPage(rows, page.limit, (row) => asActorId(row.followed))
    },
    async followersCount(actorId: ActorId): Promise<number> {
      return count('followed', actorId)
    },
    async followingCount(actorId: ActorId): Promise<number> {
      return count('follower', actorId)
    },
  }
}

function counts({ query, get }: Database) {
  return {
    /** For NodeInfo: our actors and our posts, without the deleted ones. */
    async stats(): Promise<{ readonly localActors: number; readonly localPosts: number }> {
      const actors = get(
        query
          .selectFrom('local_actor')
          .where('deleted_at', 'is', null)
          .select((e) => e.fn.countAll<number>().as('n')),
      )
      const posts = get(
        query
          .selectFrom('object')
          .where('is_local', '=', 1)
          .where('deleted_at', 'is', null)
          .select((e) => e.fn.countAll<number>().as('n')),
      )
      return { localActors: actors?.n ?? 0, localPosts: posts?.n ?? 0 }
    },
    /** Rows per table, for tests and the curious admin: counts everything, so it is slow. */
    async countRows(): Promise<Readonly<Record<string, number>>> {
      const count = (table: (typeof countedTables)[number]): number =>
        get(query.selectFrom(table).select((e) => e.fn.countAll<number>().as('n')))?.n ?? 0
      return Object.fromEntries(countedTables.map((table) => [table, count(table)]))
    },
  }
}

const countedTables = [
  'object',
  'activity',
  'mapping',
  'follow',
  'block',
  'reaction',
  'remote_actor',
  'local_actor',
  'ghost',
  'portal',
  'job',
  'failed_job',
] as const
