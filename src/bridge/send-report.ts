import type { Action } from '../model/action.ts'
import type { ActorId, ObjectId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Report } from '../model/report.ts'
import { dayOfReports, reportJob } from '../translate/reports.ts'
import { newActivityId, serverActorId } from './new-ids.ts'

/** Of one user in a day. */
const mostOfUser = 20

/** Somebody's account on another server, and what it wrote. */
export type Accused = { readonly account: ActorId; readonly post?: ObjectId }

/** Whether that user has reported as much as one may in a day. */
export const hasReportedEnough = async (
  user: UserId,
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
): Promise<boolean> =>
  (await store.countReportsOf({ user }, clock.now() - dayOfReports)) >= mostOfUser

type Complaining = {
  readonly reporter: UserId
  readonly text: string
  /** Nothing goes to the server of the account. */
  readonly isForHereAlone: boolean
}

/**
 * A report of one of our users: to the server of the account, in the name of this server alone, and to
 * the admins here, who read whose it is.
 */
export function sendReport(
  { account, post }: Accused,
  { reporter, text, isForHereAlone }: Complaining,
  deps: Deps,
): readonly Action[] {
  const activityId = newActivityId(deps)
  const actor = serverActorId(deps)
  const posts = post === undefined ? [] : [post]
  const { host } = new URL(deps.identity.publicUrl)
  const at = deps.clock.now()
  const report: Report = { activityId, host, actor, reporter, accounts: [account], posts, text, at }
  const there: Action = {
    do: 'publish',
    activity: {
      ...{ type: 'flag', id: activityId, actor, to: [account], cc: [] },
      ...{ objects: [account, ...posts], content: text },
    },
    recipients: [account],
    toFollowers: false,
    inboxes: [],
    order: activityId,
  }
  return [
    ...(isForHereAlone ? [] : [there]),
    {
      do: 'commit',
      changes: [
        { change: 'put-report', report },
        { change: 'enqueue', job: reportJob(activityId, false) },
      ],
    },
  ]
}
