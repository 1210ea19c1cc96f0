import type { AdminDesk, FailedLine } from '../model/admin-view.ts'
import type { Deps } from '../bridge/ports.ts'
import type { FailedJob } from '../model/job.ts'
import { pageOf } from './admin-page-of.ts'
import { plain } from './admin-plain.ts'
import { findFailed, longError, shortAim, shownAim } from './failed.ts'
import { plainError, reasonIn } from './reason.ts'

const pageLength = 20

async function lineOf(job: FailedJob, length: number, deps: Deps): Promise<FailedLine> {
  const { id, kind, failedAt, error } = job
  return { id, kind, failedAt, aim: await shownAim(job, length, deps), reason: reasonIn(error) }
}

/** What was given up, as the page shows it. */
export const failedJobs = (deps: Deps): Pick<AdminDesk, 'failed' | 'findFailed'> => ({
  async failed(before) {
    const from = before === undefined ? {} : { before }
    const found = await deps.jobs.listFailed({ ...from, limit: pageLength + 1 })
    const { items, ...next } = pageOf(found, pageLength, ({ id }) => id)
    return { items: await Promise.all(items.map((job) => lineOf(job, shortAim, deps))), ...next }
  },
  async findFailed(id) {
    const job = await findFailed(id, deps)
    if (job === undefined) return undefined
    const { addedAt, attempts, error } = job
    const line = await lineOf(job, longError, deps)
    return { ...line, addedAt, attempts, error: plain(plainError(error), longError) }
  },
})
