import { beyond, type Database } from './database.ts'

/** One step of a walk over the marks whose keys begin alike, in the order of their keys. */
type ForgetMarks = {
  readonly beginning: string
  /** The last key that the step before looked at; absent: from the first one on. */
  readonly after?: string
  /** Marks looked at, at most. */
  readonly limit: number
  /** Only those that were set before this time, milliseconds since the epoch. */
  readonly before: number
  readonly isKept: (key: string) => boolean
}

type Mark = { key: string; at: number }

/** What it takes to forget what no longer matters. */
export const forgetting = (database: Database) => ({
  forgetMarks: forgettingMarks(database),
  forgetDeleted: forgettingDeleted(database),
  oldestWork: findingOldestWork(database),
  forgetForwarded: forgettingForwarded(database),
})

function forgettingMarks(database: Database) {
  const walk = database.prepare<[string, string, number], Mark>(
    'select key, at from mark where key > ? and key < ? order by key limit ?',
  )
  const forget = database.prepare<[string]>('delete from mark where key = ?')
  const step = ({ beginning, after, limit, before, isKept }: ForgetMarks): readonly Mark[] => {
    const marks = walk.all(after ?? beginning, beyond(beginning), limit)
    for (const { key, at } of marks) if (at < before && !isKept(key)) forget.run(key)
    return marks
  }
  return async (given: ForgetMarks): Promise<string | undefined> => {
    // What comes back with a power cut is forgotten the next day.
    const marks = await database.commit(() => step(given), 'relaxed')
    return marks.length < given.limit ? undefined : marks.at(-1)?.key
  }
}

type ForgetDeleted = {
  /** Where the step before ended; absent: from the first one on. */
  readonly after?: number
  /** Objects looked at, at most. */
  readonly limit: number
  /** Only those that were deleted before this time, milliseconds since the epoch. */
  readonly before: number
}

type Deleted = { seq: number; at: number | null }

/** Ids of others' posts that are kept for nothing but that they are deleted: anybody can name any number. */
function forgettingDeleted(database: Database) {
  const walk = database.prepare<[number, number], Deleted>(
    'select seq, deleted_at as at from object where seq > ? order by seq limit ?',
  )
  const forget = database.prepare<[number]>(
    `delete from object where seq = ? and is_local = 0
       and not exists (select 1 from mapping where remote_id = object.id)`,
  )
  const step = ({ after = 0, limit, before }: ForgetDeleted): readonly Deleted[] => {
    const objects = walk.all(after, limit)
    for (const { seq, at } of objects) if (at !== null && at < before) forget.run(seq)
    return objects
  }
  return async (given: ForgetDeleted): Promise<number | undefined> => {
    const objects = await database.commit(() => step(given), 'relaxed')
    return objects.length < given.limit ? undefined : objects.at(-1)?.seq
  }
}

/** What was passed on before this time, milliseconds since the epoch, and what groups said of it: it is read on its way alone. */
function forgettingForwarded(database: Database) {
  const forget = database.prepare<[number]>('delete from forwarded where at < ?')
  const groups = database
    .prepare<[], string>(`select actor_id from portal where kind = 'group'`)
    .pluck()
  // The boosts of a group are public, and stay. The list of types is there for the index.
  const forgetTold = database.prepare<[string, number]>(
    `delete from activity where actor = ? and created_at < ?
       and type in ('Create', 'Announce', 'Like', 'EmojiReact', 'Dislike', 'Follow')
       and type = 'Announce' and is_public = 0`,
  )
  return async (before: number): Promise<void> => {
    await database.commit(() => {
      forget.run(before)
      for (const group of groups.all()) forgetTold.run(group, before)
    }, 'relaxed')
  }
}

/** Deliveries leave no marks. */
function findingOldestWork(database: Database) {
  const oldest = database.prepare<[], { at: number | null }>(
    `select min(at) as at from (
       select min(added_at) as at from job where kind = 'event'
       union all select min(added_at) from job where kind = 'activity'
       union all select min(added_at) from job where kind = 'upkeep'
       union all select min(added_at) from failed_job where kind <> 'delivery')`,
  )
  return async (): Promise<number | undefined> => oldest.get()?.at ?? undefined
}
