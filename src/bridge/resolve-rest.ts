import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import { resolveMove } from './resolve-move.ts'
import { resolveReport } from './resolve-report.ts'
import { resolveRequest } from './resolve-requests.ts'

/** Whom an activity that is about no post is for. */
export function askedBy(activity: Activity): readonly string[] {
  switch (activity.type) {
    case 'follow':
    case 'block':
    case 'feature-request':
      return [activity.object]
    case 'ping':
      return activity.addressees
    default:
      return []
  }
}

/** What activities need that are about no post. */
export const resolveRest = async (
  activity: Activity,
  deps: Deps,
): Promise<Partial<KnownForMatrix>> => ({
  ...(await resolveMove(activity, deps)),
  ...(await resolveReport(activity, deps)),
  ...(await resolveRequest(activity, deps)),
})
