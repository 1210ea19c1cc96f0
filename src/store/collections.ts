import type { ActorId, ObjectId } from '../model/ids.ts'
import type { ObjectRecord } from '../model/note.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { Stats } from '../model/stats.ts'
import { toObject } from './rows.ts'
import type { Row } from './tables.ts'

/** A cursor is opaque: `next` of one page is `before` of the following one. */
export type PageRequest = { readonly before?: number; readonly limit: number }
/** Newest first. `next` is absent on the last page. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next?: number }

/** What the collections of an actor, its pages and NodeInfo show. Nothing that is not public, except for the ids of followers. */
export const collections = (database: Database) => ({
  ...outbox(database),
  ...posts(database),
  ...replies(database),
  ...contexts(database),
  ...reactionCounts(database),
  ...followPages(database),
  ...followersOfHosts(database),
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
  const told = `from reaction join activity on activity.id = reaction.activity_id and is_public = 1
      join object on object.id = reaction.object
        and visibility in ('public', 'unlisted') and deleted_at is null
    where reaction.actor = ? and reaction.type = 'Announce'`
  const pageOfGroup = database.prepare<
    [ActorId, number, number],
    { seq: number; document: string }
  >(
    `select reaction.seq, activity.document ${told} and reaction.seq < ?
     order by reaction.seq desc limit ?`,
  )
  const newest = database
    .prepare<[ActorId, number], string>(
      `select reaction.object ${told} order by reaction.seq desc limit ?`,
    )
    .pluck()
  const countOfGroup = counting(database, told)
  const group = database.prepare<[ActorId]>(
    'select 1 from local_actor where id = ? and is_group = 1',
  )
  const isGroup = (actorId: ActorId): boolean => group.get(actorId) !== undefined
  return {
    /**
     * Documents of the public and unlisted Create activities whose objects still stand; of a group
     * the Announces of such objects.
     */
    async outboxPage(actorId: ActorId, request: PageRequest): Promise<Page<string>> {
      const pages = isGroup(actorId) ? pageOfGroup : page
      const rows = pages.all(actorId, after(request), request.limit + 1)
      return toPage(rows, request.limit, (row) => row.document)
    },
    outboxCount: async (actorId: ActorId): Promise<number> =>
      isGroup(actorId) ? countOfGroup(actorId) : count(actorId),
    /** What a group told of last and still stands. */
    async newestToldBy(group: ActorId, limit: number): Promise<readonly ObjectId[]> {
      return newest.all(group, limit).map(asObjectId)
    },
  }
}

function posts(database: Database) {
  const shown = `from object where author = ? and is_local = 1
    and visibility in ('public', 'unlisted') and deleted_at is null`
  const page = (only: string) =>
    database.prepare<[ActorId, number, number], Row<'object'>>(
      `select * ${shown} ${only} and seq < ? order by seq desc limit ?`,
    )
  const [all, first] = [page(''), page('and in_reply_to is null')]
  return {
    /** What somebody of ours wrote for everybody and did not delete, with replies or without. */
    async postsBy(
      author: ActorId,
      { withReplies, ...request }: PageRequest & { readonly withReplies: boolean },
    ): Promise<Page<ObjectRecord>> {
      const rows = (withReplies ? all : first).all(author, after(request), request.limit + 1)
      return toPage(rows, request.limit, toObject)
    },
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

function contexts(database: Database) {
  // Anybody can name a conversation of ours; what answers nothing has no place in it.
  const shown = `from object where context = ? and visibility in ('public', 'unlisted')
    and deleted_at is null and (is_local = 1 or in_reply_to is not null)`
  const page = database.prepare<[string, number, number], { seq: number; id: string }>(
    `select seq, id ${shown} and seq < ? order by seq desc limit ?`,
  )
  const owner = database.prepare<[string], { author: string }>(
    `select author from object where context = ? and visibility in ('public', 'unlisted')
     and deleted_at is null and is_local = 1 order by seq limit 1`,
  )
  const count = counting(database, shown)
  return {
    /** Ids of the public and unlisted posts of a conversation that we know. */
    async contextPage(context: string, request: PageRequest): Promise<Page<ObjectId>> {
      const rows = page.all(context, after(request), request.limit + 1)
      return toPage(rows, request.limit, (row) => asObjectId(row.id))
    },
    contextCount: async (context: string): Promise<number> => count(context),
    /** The author of the first of them that is ours. */
    async contextOwner(context: string): Promise<ActorId | undefined> {
      const row = owner.get(context)
      return row && asActorId(row.author)
    },
  }
}

function reactionCounts(database: Database) {
  const by = (types: string) =>
    counting(database, `from reaction where object = ? and type in (${types}) group by actor`)
  const likes = by(`'Like', 'EmojiReact'`)
  const shares = by(`'Announce'`)
  return {
    /** Accounts that like it or reacted with an emoji. */
    likesCount: async (id: ObjectId): Promise<number> => likes(id),
    /** Accounts that boosted it. */
    sharesCount: async (id: ObjectId): Promise<number> => shares(id),
  }
}

function followersOfHosts(database: Database) {
  const within = database.prepare<[string, string, string, number], { id: string }>(
    `select follower as id from follow where followed = ? and follower >= ? and follower < ?
     and state = 'accepted' order by follower limit ?`,
  )
  return {
    /** Accepted followers whose ids begin with `base`, `https://host/`, in the order of their ids. */
    async followersOn(actorId: ActorId, base: string, limit: number): Promise<readonly ActorId[]> {
      // The character after the slash at its end: everything that begins with it lies before.
      const end = `${base.slice(0, -1)}0`
      return within.all(actorId, base, end, limit).map(({ id }) => asActorId(id))
    },
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

/** Counting ends there: whoever asks again and again for a long collection must not keep us busy. */
const mostCounted = 100_000

function counting(database: Database, what: string): (id: string) => number {
  const count = database.prepare<[string], { n: number }>(
    `select count(*) as n from (select 1 ${what} limit ${mostCounted})`,
  )
  return (id) => count.get(id)?.n ?? 0
}

const day = 86_400_000

function counts(database: Database) {
  const actors = database.prepare<[], { n: number }>(
    'select count(*) as n from local_actor where deleted_at is null and is_group = 0',
  )
  const active = database.prepare<[number], { n: number }>(
    `select count(*) as n from local_actor where deleted_at is null and is_group = 0 and exists
       (select 1 from activity where actor = local_actor.id and created_at >= ?
        and type in ('Create', 'Announce', 'Like', 'EmojiReact', 'Dislike', 'Follow'))`,
  )
  const posts = database.prepare<[number], { n: number }>(
    `select count(*) as n from object where is_local = 1 and deleted_at is null
       and visibility <> 'direct' and (in_reply_to is not null) = ?`,
  )
  const rooms = database.prepare<[], { kind: string; n: number }>(
    'select kind, count(*) as n from portal group by kind',
  )
  return {
    /** `now`: milliseconds since the epoch. */
    async stats(now: number): Promise<Stats> {
      return {
        localActors: actors.get()?.n ?? 0,
        activeMonth: active.get(now - 30 * day)?.n ?? 0,
        activeHalfyear: active.get(now - 180 * day)?.n ?? 0,
        localPosts: posts.get(0)?.n ?? 0,
        localComments: posts.get(1)?.n ?? 0,
      }
    },
    /** How many rooms of each kind there are. */
    async countRooms(): Promise<ReadonlyMap<string, number>> {
      return new Map(rooms.all().map(({ kind, n }) => [kind, n]))
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
