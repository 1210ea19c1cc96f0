import type { Database } from '../store/database.ts'
import type { JobFate } from '../model/job.ts'
import { jobHash } from './enqueue.ts'
import type { Queue } from './queue.ts'

type Waiting = {
  readonly attempts: number
  readonly next: number
  readonly isAtWork: number
  readonly error: string | null
}
type Failed = { readonly id: number; readonly failed_at: number; readonly error: string }
type Ended = { readonly at: number; readonly fate: string | null }

/** What became of single jobs, found by their keys. */
export function fates(database: Database): Pick<Queue, 'fateOf'> {
  const waiting = database.prepare<[Buffer], Waiting>(
    `select attempts, max(job.run_at, blocked_until, paced_until) as next,
       lane.lease is not null and lane.head = job.id as isAtWork, last_error as error
     from job join lane on lane.id = job.lane_id join pace on pace.id = lane.pace_id
     where job.hash = ?`,
  )
  const failed = database.prepare<[string, string], Failed>(
    `select id, failed_at, error from failed_job where kind = ? and key = ?
     order by id desc limit 1`,
  )
  const ended = database.prepare<[Buffer], Ended>('select at, fate from done where hash = ?')
  return {
    async fateOf(kind, key): Promise<JobFate | undefined> {
      const hash = jobHash(kind, key)
      const waits = waiting.get(hash)
      if (waits !== undefined) {
        const { attempts, next, isAtWork, error } = waits
        const why = error === null ? {} : { error }
        return { state: 'waiting', attempts, nextTry: next, isAtWork: isAtWork === 1, ...why }
      }
      const end = ended.get(hash)
      if (end === undefined) return undefined
      const { at, fate } = end
      if (fate === null) return { state: 'done', at }
      if (fate !== 'failed') return { state: fate === 'stopped' ? 'stopped' : 'dropped', at }
      const letter = failed.get(kind, key)
      return { state: 'failed', at, ...(letter && { id: letter.id, error: letter.error }) }
    },
  }
}
