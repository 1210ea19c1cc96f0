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
  oldestWork: findingOldestWork(database),
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
