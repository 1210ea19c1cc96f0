import type { FailedJob, Job, JobKind } from '../model/job.ts'
import type { Row } from '../store/database.ts'

type Common = Pick<
  Row<'job'>,
  'id' | 'kind' | 'key' | 'lane' | 'host' | 'payload' | 'attempts' | 'claims' | 'added_at'
>

const toCommon = (row: Common): Job => ({
  id: row.id,
  kind: row.kind as JobKind,
  key: row.key,
  lane: row.lane,
  payload: row.payload,
  attempts: row.attempts,
  claims: row.claims,
  addedAt: row.added_at,
  ...(row.host === null ? {} : { host: row.host }),
})

export const toJob = (row: Row<'job'>): Job => ({
  ...toCommon(row),
  runAt: row.run_at,
  ...(row.trace === null ? {} : { trace: row.trace }),
})

export const toFailedJob = (row: Row<'failed_job'>): FailedJob => ({
  ...toCommon(row),
  error: row.error,
  failedAt: row.failed_at,
})
