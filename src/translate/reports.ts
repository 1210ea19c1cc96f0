import type { Activity } from '../model/activity.ts'
import type { ActivityId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { NewJob } from '../model/job.ts'
import type { Report } from '../model/report.ts'
import type { Action, Translation } from '../model/action.ts'

/** Over which the reports of one server, and of one user, are counted; milliseconds. */
export const dayOfReports = 86_400_000
/** Of one server in a day; what comes beyond that is dropped. */
export const mostOfHost = 100
/** Of these the admins are told one by one; the others stand in their list. */
const mostTold = 20
/** Of all servers, until admins close some: a table that strangers fill is bounded. */
export const mostOpen = 2_000

/** Tells the admins of a report; `isLast`: of further ones from there today they are not told. */
export function reportJob(activityId: ActivityId, isLast: boolean): NewJob {
  const key = `report ${activityId}`
  return {
    kind: 'upkeep',
    key,
    lane: `upkeep:${key}`,
    payload: JSON.stringify({ type: 'report', activityId, isLast }),
  }
}

/** Tells the admins, at most once a day, that reports are dropped until they close some. */
function fullJob(now: number): NewJob {
  const key = `reports full ${String(Math.floor(now / dayOfReports))}`
  const payload = JSON.stringify({ type: 'reports-full', key })
  return { kind: 'upkeep', key, lane: 'upkeep:reports full', payload }
}

/** A complaint about accounts and posts of ours: kept for the admins, who are told. Nobody else is. */
export function translateFlag(
  activity: Activity & { type: 'flag' },
  { reported, now }: KnownForMatrix,
): Translation {
  if (reported === undefined || reported.accounts.length === 0) return { skip: 'unknown-target' }
  const { accounts, posts, ofHost, open } = reported
  if (ofHost >= mostOfHost) return { skip: 'too-many-reports' }
  if (open >= mostOpen) {
    const job = fullJob(now)
    const actions: readonly Action[] = [{ do: 'commit', changes: [{ change: 'enqueue', job }] }]
    return { skip: 'too-many-reports', actions }
  }
  const { id: activityId, actor, complaint } = activity
  const { host } = new URL(actor)
  const report: Report = { activityId, host, actor, accounts, posts, text: complaint.text, at: now }
  const job = reportJob(activityId, ofHost === mostTold - 1)
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'put-report', report },
          ...(ofHost < mostTold ? [{ change: 'enqueue', job } as const] : []),
        ],
      },
    ],
  }
}
