import type { ActorId } from '../model/ids.ts'
import type { LocalActor } from '../model/actor.ts'
import type { QueueSample } from '../model/queue-sample.ts'
import { asActorId } from '../model/ids.ts'
import { beyond, type Database } from './database.ts'
import type { Row } from './tables.ts'
import { toLocalActor } from './rows.ts'

const toSample = ({ at, failed, ...waiting }: Row<'queue_sample'>): QueueSample => ({
  ...{ at, failed, waiting },
})

/** What the admin page shows beside what commands do. */
export const adminFinds = (database: Database) => ({
  ...sampleFinds(database),
  ...personFinds(database),
})

function sampleFinds(database: Database) {
  const add = database.prepare<[Row<'queue_sample'>]>(
    `insert or replace into queue_sample (at, activity, event, delivery, upkeep, failed)
     values (@at, @activity, @event, @delivery, @upkeep, @failed)`,
  )
  const forget = database.prepare<[number]>('delete from queue_sample where at < ?')
  const since = database.prepare<[number, number], Row<'queue_sample'>>(
    'select * from queue_sample where at >= ? order by at limit ?',
  )
  return {
    /** Forgets those from before `keptSince`. */
    async addQueueSample({ at, waiting, failed }: QueueSample, keptSince: number) {
      await database.commit(() => {
        add.run({ at, ...waiting, failed })
        forget.run(keptSince)
      }, 'relaxed')
    },
    /** Oldest first. */
    async queueSamples(from: number, limit: number) {
      return since.all(from, limit).map(toSample)
    },
  }
}

type Mark = { readonly key: string; readonly value: string; readonly at: number }

const barred = 'barred '

function personFinds(database: Database) {
  const people = database.prepare<[string, number], Row<'local_actor'>>(
    `select * from local_actor where username > ? and deleted_at is null and is_group = 0
     order by username limit ?`,
  )
  const suspended = database.prepare<[string, string, number], Mark>(
    'select key, value, at from mark where key > ? and key < ? order by key limit ?',
  )
  return {
    /** People of ours by name, behind that one. */
    async peopleAfter(username: string, limit: number): Promise<readonly LocalActor[]> {
      return people.all(username, limit).map(toLocalActor)
    },
    /** Accounts that an admin has suspended, by id, behind that one. */
    async suspendedAfter(id: ActorId | undefined, limit: number) {
      return suspended
        .all(`${barred}${id ?? ''}`, beyond(barred), limit)
        .map(({ key, value, at }) => ({ id: asActorId(key.slice(barred.length)), by: value, at }))
    },
  }
}
