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

// The conditions stand in the text, not in its values: only so are the partial indexes used.
function outbox(database: Database) {
  const shown = `from activity where actor = ? and is_public = 1 and type = 'Create'`
  const page = database.prepare<[ActorId, number, number], { seq: number; document: string }>(
    `select seq, document ${shown} and seq < ? order by seq desc limit ?`,
  )
  const count = counting(database, shown)
  return {
    /** Documents of the public and unlisted Create activities whose objects still stand. */
    async outboxPage(actorId: ActorId, request: PageRequest): Promise<Page<string>> {
      const rows = page.all(actorId, after(request), request.limit + 1)
      return toPage(rows, request.limit, (row) => row.document)
    },
    outboxCount: async (actorId: ActorId): Promise<number> => count(actorId),
  }
}

function replies(database: Database) {
  const shown = `from object where in_reply_to = ? and visibility in ('public', 'unlisted')
    and deleted_at is null`
  const page = database.prepare<[ObjectId, number, number], { seq: number; id: string }>(
    `select seq, id ${shown} and seq < ? order by seq desc limit ?`,
  )
  const count = counting(database, shown)
  return {
    /** Ids of the public and unlisted replies that we know. */
    async repliesPage(objectId: ObjectId, request: PageRequest): Promise<Page<ObjectId>> {
      const rows = page.all(objectId, after(request), request.limit + 1)
      return toPage(rows, request.limit, (row) => asObjectId(row.id))
    },
    repliesCount: async (objectId: ObjectId): Promise<number> => count(objectId),
  }
}

function followPages(database: Database) {
  const followers = followsBy(database, 'followed', 'follower')
  const following = followsBy(database, 'follower', 'followed')
  return {
    followersPage: followers.page,
    followingPage: following.page,
    followersCount: followers.count,
    followingCount: following.count,
  }
}

/** The accepted follows of one side, shown by the other. */
function followsBy(database: Database, side: 'follower' | 'followed', shown: typeof side) {
  const accepted = `from follow where ${side} = ? and state = 'accepted'`
  const page = database.prepare<[ActorId, number, number], { seq: number; id: string }>(
    `select seq, ${shown} as id ${accepted} and seq < ? order by seq desc limit ?`,
  )
  const count = counting(database, accepted)
  return {
    async page(actorId: ActorId, request: PageRequest): Promise<Page<ActorId>> {
      const rows = page.all(actorId, after(request), request.limit + 1)
      return toPage(rows, request.limit, (row) => asActorId(row.id))
    },
    count: async (actorId: ActorId): Promise<number> => count(actorId),
  }
}

function counting(database: Database, what: string): (id: string) => number {
  const count = database.prepare<[string], { n: number }>(`select count(*) as n ${what}`)
  return (id) => count.get(id)?.n ?? 0
}

function counts(database: Database) {
  const actors = database.prepare<[], { n: number }>(
    'select count(*) as n from local_actor where deleted_at is null',
  )
  const posts = database.prepare<[], { n: number }>(
    'select count(*) as n from object where is_local = 1 and deleted_at is null',
  )
  return {
    /** For NodeInfo: our actors and our posts, without the deleted ones. */
    async stats(): Promise<{ readonly localActors: number; readonly localPosts: number }> {
      return { localActors: actors.get()?.n ?? 0, localPosts: posts.get()?.n ?? 0 }
    },
    /** Rows per table, for tests and the curious admin: counts everything, so it is slow. */
    async countRows(): Promise<Readonly<Record<string, number>>> {
      const count = (table: (typeof countedTables)[number]): number =>
        database.prepare<[], { n: number }>(`select count(*) as n from ${table}`).get()?.n ?? 0
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
  'vote',
  'remote_actor',
  'local_actor',
  'ghost',
  'portal',
  'job',
  'failed_job',
] as const
