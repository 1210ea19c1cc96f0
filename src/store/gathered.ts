import type { Database, Durability } from './database.ts'

type Waiting = {
  readonly work: () => void
  readonly durability: Durability
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The same database, but what is given to `commit` in one turn of the event loop is one transaction,
 * so that all of it waits for the disk once (docs/adr/0008-gathered-commits.md). `endOfTurn` calls
 * `flush` when everything that had arrived was looked at.
 */
export function gathered(
  database: Database,
  endOfTurn: (flush: () => void) => void = setImmediate,
): Database {
  let waiting: Waiting[] = []
  const flush = (): void => {
    const all = waiting
    waiting = []
    if (all.length > 0) commitAll(all, database.transaction)
  }
  const add = (one: Waiting): void => {
    waiting.push(one)
    if (waiting.length === 1) endOfTurn(flush)
  }
  return {
    ...database,
    commit: <T>(work: () => T, durability: Durability = 'durable') =>
      new Promise<T>((resolve, reject) => {
        let result: T
        add({
          work() {
            result = work()
          },
          durability,
          resolve: () => resolve(result),
          reject,
        })
      }),
    close() {
      flush()
      database.close()
    },
  }
}

/** One that cannot be written, or a disk that is full for all of them together, must not fail the others. */
function commitAll(all: readonly Waiting[], transaction: Database['transaction']): void {
  const isDurable = all.some(({ durability }) => durability === 'durable')
  try {
    transaction(
      () => {
        for (const { work } of all) work()
      },
      isDurable ? 'durable' : 'relaxed',
    )
  } catch (error) {
    const [only, ...others] = all
    if (only !== undefined && others.length === 0) only.reject(error)
    else for (const one of all) commitAll([one], transaction)
    return
  }
  for (const { resolve } of all) resolve()
}
