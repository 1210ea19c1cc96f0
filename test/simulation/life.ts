import type { Clock, Log } from '../../src/model/clock.ts'
import type { Database } from '../../src/store/database.ts'
import type { Http } from '../../src/model/http.ts'

/** Where a crash can strike: at every step over the border of the process. A GET is a read. */
export type Step =
  'before-commit' | 'after-commit' | 'before-request' | 'after-request' | 'after-read'

/**
 * One run of the bridge's process. When it ends by a crash its calls never come back, and none that
 * it makes later does anything: as after `kill -9`, with the database left as it was.
 */
export type Life = {
  isOver(): boolean
  end(): void
  onEnd(tell: () => void): void
  /** Settles as `work` does, or rejects when this life ends: for those who wait outside. */
  seenFromOutside<T>(work: Promise<T>): Promise<T>
  guardHttp(http: Http): Http
  guardDatabase(database: Database): Database
  guardClock(clock: Clock): Clock
  guardLog(log: Log): Log
}

class Crashed extends Error {
  override readonly name = 'Crashed'
}

/** `crashesAt` is asked at every step whether the process dies there. */
export function createLife(crashesAt: (step: Step) => boolean): Life {
  let isOver = false
  // One of its own: what waits for ever is freed with this life.
  const never = new Promise<never>(() => undefined)
  const onEnd = new Set<() => void>()
  const end = (): void => {
    if (isOver) return
    isOver = true
    for (const tell of onEnd) tell()
    onEnd.clear()
  }
  /** Whether the process still runs after this step. */
  const survives = (step: Step): boolean => {
    if (!isOver && crashesAt(step)) end()
    return !isOver
  }
  /** What comes back to a dead process comes back to nobody. */
  const whileAlive = <T>(work: Promise<T>): Promise<T> =>
    work.then(
      (value) => (isOver ? never : value),
      (error: unknown) => {
        if (isOver) return never
        throw error
      },
    )
  const guardTransaction = (database: Database): Database['transaction'] => {
    let depth = 0
    return (work, durability) => {
      const isOutermost = depth === 0
      if (isOver || (isOutermost && !survives('before-commit'))) throw new Crashed('before commit')
      depth += 1
      try {
        const result = database.transaction(work, durability)
        if (isOutermost && !survives('after-commit')) throw new Crashed('after commit')
        return result
      } finally {
        depth -= 1
      }
    }
  }
  return {
    isOver: () => isOver,
    end,
    onEnd: (tell) => void onEnd.add(tell),
    seenFromOutside: (work) =>
      new Promise((resolve, reject) => {
        const tell = (): void => reject(new Crashed('the bridge crashed'))
        if (isOver) tell()
        onEnd.add(tell)
        void whileAlive(work)
          .then(resolve, reject)
          .finally(() => onEnd.delete(tell))
      }),
    guardHttp: (http) => (request) => {
      if (!survives('before-request')) return never
      const end: Step = request.method === 'GET' ? 'after-read' : 'after-request'
      return whileAlive(http(request).then((response) => (survives(end) ? response : never)))
    },
    guardDatabase: (database) => ({ ...database, transaction: guardTransaction(database) }),
    guardClock: (clock) => ({
      now: clock.now,
      sleep: (ms, signal) => (isOver ? never : whileAlive(clock.sleep(ms, signal))),
    }),
    guardLog: (log) => {
      const guard = (write: Log['info']): Log['info'] => {
        return (fields, message) => {
          if (!isOver) write(fields, message)
        }
      }
      return {
        debug: guard(log.debug),
        info: guard(log.info),
        warn: guard(log.warn),
        error: guard(log.error),
      }
    },
  }
}
