import type { Change } from '../../src/model/change.ts'
import type { NewJob } from '../../src/model/job.ts'
import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { gathered } from '../../src/store/gathered.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createSeededRandom, createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import type { Queue } from '../../src/queue/queue.ts'

export type QueueUnderTest = {
  readonly queue: Queue
  readonly clock: VirtualClock
  /** Commits changes the way the store does. */
  commit(changes: readonly Change[]): Promise<void>
  findMark(key: string): Promise<string | undefined>
  /** The queue as a new process finds it. */
  reopened(): Queue
  close(): void
}

/** As the bridge runs it: what comes in one turn is one commit. */
export const makeGatheredQueue = async (): Promise<QueueUnderTest> =>
  makeQueue(gathered(await openDatabase('sqlite::memory:')))

export async function makeQueue(
  given?: Database,
): Promise<QueueUnderTest & { readonly database: Database }> {
  const database = given ?? (await openDatabase('sqlite::memory:'))
  const clock = createVirtualClock()
  const random = createSeededRandom(1)
  const store = createStore({ database, clock })
  const make = () => createQueue({ database, clock, random, applyChanges: store.applyChanges })
  return {
    database,
    queue: make(),
    clock,
    commit: store.commit,
    findMark: store.findMark,
    reopened: make,
    close: database.close,
  }
}

export const job = (key: string, lane: string, more: Partial<NewJob> = {}): NewJob => ({
  kind: 'event',
  key,
  lane,
  payload: '{}',
  ...more,
})

export const mark = (key: string, value = 'yes'): Change => ({
  change: 'mark',
  key,
  value,
  at: 0,
})
