import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import { attemptOf } from './attempt.ts'
import { doDeactivated, type Deactivated } from './deactivated.ts'
import { doExport, type Export } from './export.ts'
import { doImport, type ImportWork } from './import-accounts.ts'
import { doForgetMe } from './forget-me.ts'
import type { ForgetMe } from './forget-steps.ts'

/** Upkeep about all that somebody has here: what they bring and take along, and that they go. */
export type PersonalWork = Deactivated | Export | ForgetMe | ImportWork

const types: ReadonlySet<string> = new Set<PersonalWork['type']>([
  'deactivated',
  'deactivated-still',
  'export',
  'forget-me',
  'import',
])

export const isPersonalWork = (upkeep: { readonly type: string }): upkeep is PersonalWork =>
  types.has(upkeep.type)

/** Safe to run again. */
export async function doPersonalWork(work: PersonalWork, job: Job, deps: Deps): Promise<JobResult> {
  if (work.type === 'forget-me') return doForgetMe(work, attemptOf(job), deps)
  if (work.type === 'deactivated' || work.type === 'deactivated-still')
    return { outcome: 'done', changes: await doDeactivated(work, deps) }
  if (work.type === 'import') return doImport(work, attemptOf(job), deps)
  return { outcome: 'done', changes: await doExport(work, attemptOf(job), deps) }
}
