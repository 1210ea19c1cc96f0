import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Change } from '../model/change.ts'
import type { KeptReport, ReportDeed } from '../model/report.ts'
import type { UserId } from '../model/ids.ts'
import type { MatrixEvent } from '../model/event.ts'
import { RejectedError } from '../model/errors.ts'
import { attemptOf } from './attempt.ts'
import { handleOfActor } from './follows.ts'
import { isOwnId } from './new-ids.ts'
import { perform } from './perform.ts'
import { by } from './report-notice.ts'
import { reportDoneJob, reportToldBy } from './reports.ts'
import { suspendAccount } from './wishes.ts'

type Reaction = MatrixEvent & { readonly type: 'reaction' }
type Deed = (report: KeptReport, event: Reaction, deps: Deps) => Promise<readonly Action[]>

const tell = ({ roomId, target, eventId }: Reaction, text: string): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId },
  text,
  replyTo: target,
  key: `button ${eventId}`,
})

/** Closed, and the notice says by whom. */
export const closeReport = (report: KeptReport, who: UserId, at: number): readonly Change[] => [
  { change: 'resolve-report', number: report.number, by: who, at },
  reportDoneJob(report, 'closed'),
]

/** What was done by that reaction is kept, and the notice says by whom. */
function noted(
  report: KeptReport,
  deed: ReportDeed['deed'],
  { event, deps }: { readonly event: Reaction; readonly deps: Deps },
): readonly Change[] {
  const { number } = report
  const at = deps.clock.now()
  return [
    { change: 'put-report-deed', number, deed, by: event.sender, at },
    reportDoneJob(report, event.eventId),
  ]
}

const close: Deed = async (report, event, { clock }) => {
  const { number, resolved } = report
  if (resolved !== undefined)
    return [tell(event, `Report ${number} was closed${by(resolved.by)} already.`)]
  return [
    { do: 'commit', changes: closeReport(report, event.sender, clock.now()) },
    tell(event, `Report ${number} is closed.`),
  ]
}

/** Of other servers; of people here it is the configuration that says who may do what. */
const suspend: Deed = async (report, event, deps) => {
  const { number, accounts } = report
  const others = accounts.filter((id) => !isOwnId(id, deps))
  const changes = [
    ...others.flatMap((id) => suspendAccount(id, event.sender, deps)),
    ...(others.length === 0 ? [] : noted(report, 'suspended', { event, deps })),
  ]
  const handles = await Promise.all(others.map((id) => handleOfActor(id, deps)))
  const prefix = deps.identity.commandPrefix
  const text =
    others.length === 0
      ? `Report ${number} is about people here. In the configuration, \`none\` behind their name under \`permissions\` keeps them out.`
      : `Suspended for everybody here: ${handles.join(', ')}. \`${prefix} unsuspend ${handles[0] ?? ''}\` takes it back.`
  return [{ do: 'commit', changes }, tell(event, text)]
}

/** Posts stand in rooms as events: those are what the homeserver's admins can look at. */
const passOn: Deed = async (report, event, deps) => {
  const { number, posts, text } = report
  const { store, homeserver, identity } = deps
  if (report.deeds.some(({ deed }) => deed === 'passed-on'))
    return [tell(event, `Report ${number} was passed on already.`)]
  let count = 0
  for (const { roomId, eventId } of (await Promise.all(posts.map(store.mappingsOf))).flat())
    try {
      await homeserver.report(identity.bot, roomId, { eventId, reason: text })
      count += 1
    } catch (error) {
      // A room that the bot is not in, or an event that is gone.
      if (!(error instanceof RejectedError)) throw error
    }
  const said =
    count === 0
      ? `Nothing of report ${number} stands in a room, so there is nothing to pass on.`
      : `Passed ${count === 1 ? 'one message' : `${count} messages`} of report ${number} on to the admins of the homeserver.`
  const changes = noted(report, 'passed-on', { event, deps })
  return [...(count === 0 ? [] : [{ do: 'commit', changes } as const]), tell(event, said)]
}

const deeds: ReadonlyMap<string, Deed> = new Map([
  ['✅', close],
  ['🚫', suspend],
  ['📨', passOn],
])

/** What the reaction of an admin to the notice of a report does. Undefined: it is none. */
export async function pressReport(
  event: MatrixEvent,
  job: Job,
  deps: Deps,
): Promise<JobResult | undefined> {
  if (event.type !== 'reaction') return undefined
  const { roomId, target: eventId } = event
  const report = await reportToldBy({ roomId, eventId }, deps)
  if (report === undefined) return undefined
  if (deps.permissionOf(event.sender) !== 'admin')
    return { outcome: 'skipped: not-permitted', changes: [] }
  const deed = deeds.get(event.key.replace(/\uFE0F/g, ''))
  if (deed === undefined) return { outcome: 'skipped: unsupported', changes: [] }
  const changes = await perform(await deed(report, event, deps), attemptOf(job), deps)
  return { outcome: 'done', changes }
}
