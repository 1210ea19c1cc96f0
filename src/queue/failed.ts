import type { Database, Row } from '../store/database.ts'
import type { Enqueue } from './enqueue.ts'
import { jobHash } from './enqueue.ts'
import type { Queue } from './queue.ts'
import type { FailedJob, Job, NewJob } from '../model/job.ts'
import { toFailedJob } from './rows.ts'

export type DeadLetters = Pick<Queue, 'listFailed' | 'dropFailed'> & {
  /** Inside a transaction. */
  put(job: Job, error: string, now: number): void
  /** The job that waits again. Inside a transaction. */
  takeBack(id: number, now: number): NewJob | undefined
}

/** Texts are for reading, and a stack can be long. */
const longestError = 4000

/** Jobs that were given up, until the admin retries or drops them. */
export function createDeadLetters(database: Database, enqueue: Enqueue): DeadLetters {
  const put = database.prepare<[Row<'failed_job'>]>(
    `insert into failed_job (id, kind, key, lane, host, attempts, claims, added_at, failed_at,
       error, payload)
     values (@id, @kind, @key, @lane, @host, @attempts, @claims, @added_at, @failed_at,
       @error, @payload)`,
  )
  const page = database.prepare<[number, number], Row<'failed_job'>>(
    'select * from failed_job where id < ? order by id desc limit ?',
  )
  const take = database.prepare<[number], Row<'failed_job'>>(
    'delete from failed_job where id = ? returning *',
  )
  const forget = database.prepare<[Buffer]>('delete from done where hash = ?')
  const recount = database.prepare<[number, Buffer]>('update job set claims = ? where hash = ?')
  return {
    put: (job, error, now) =>
      void put.run({
        id: job.id,
        kind: job.kind,
        key: job.key,
        lane: job.lane,
        host: job.host ?? null,
        attempts: job.attempts,
        claims: job.claims + 1,
        added_at: job.addedAt,
        failed_at: now,
        error: error.slice(0, longestError),
        payload: job.payload,
      }),
    takeBack(id, now) {
      const row = take.get(id)
      if (row === undefined) return undefined
      const { kind, key, lane, host, payload, claims }: FailedJob = toFailedJob(row)
      const hash = jobHash(kind, key)
      const job = { kind, key, lane, payload, ...(host === undefined ? {} : { host }) }
      forget.run(hash)
      enqueue.add(job, now)
      // It may have got halfway before: whoever runs it again must know.
      recount.run(claims, hash)
      return job
    },
    async listFailed({ before, limit }) {
      return page.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(toFailedJob)
    },
    async dropFailed(id) {
      return database.commit(() => take.get(id) !== undefined)
    },
  }
}
