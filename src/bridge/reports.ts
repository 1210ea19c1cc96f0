import type { ActivityId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { KeptReport } from '../model/report.ts'
import type { Mapping } from '../model/note.ts'
import { asActivityId } from '../model/ids.ts'
import { noticeId, toldIn } from '../model/notice-id.ts'
import { mostOpen } from '../translate/reports.ts'
import { adminsOf } from './admins.ts'
import { unlessShut } from './closed-rooms.ts'
import { noticeContent, noticeInPlaceOf } from './message-content.ts'
import { tellModeration } from './moderation-room.ts'
import { reportNotice } from './report-notice.ts'
import { sendOnce } from './speak.ts'
import { txnIdOf } from './txn.ts'

type OneReport = {
  readonly type: 'report'
  readonly activityId: ActivityId
  readonly isLast: boolean
}
/** Reports are dropped, for there are too many; `key` names the day. */
type ReportsFull = { readonly type: 'reports-full'; readonly key: string }
/** An admin did something about it. */
type ReportDone = { readonly type: 'report-done'; readonly activityId: ActivityId }

/** What admins are told of reports: payload of an `upkeep` job. */
export type ReportWork = OneReport | ReportsFull | ReportDone

/** The notice of a report says what was done about it; `deed` names that. In order with what told of the report. */
export function reportDoneJob({ activityId }: KeptReport, deed: string): Change {
  const job = {
    kind: 'upkeep',
    key: `report done ${activityId} ${deed}`,
    lane: `upkeep:report ${activityId}`,
    payload: JSON.stringify({ type: 'report-done', activityId } satisfies ReportDone),
  } as const
  return { change: 'enqueue', job }
}

/** No further reports are kept, and what ends that. */
async function tellFull(
  { key }: ReportsFull,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  deps.log.warn({ open: mostOpen }, 'reports are dropped until some are closed')
  if ((await adminsOf(deps)).length === 0) return []
  const prefix = deps.identity.commandPrefix
  const text = `${String(mostOpen)} reports are open, so I drop those that still come, and nobody is told of them. \`${prefix} reports\` lists the open ones, \`${prefix} reports resolve <number>\` closes one.`
  return tellModeration({ text, key }, attempt, deps)
}

const restOf = ({ host }: KeptReport, { identity }: Deps): string =>
  `${host} has sent many today: I keep what else comes from there without telling you, and \`${identity.commandPrefix} reports\` lists it.`

/** Unless an admin has closed it meanwhile. */
async function tellReport(
  { activityId, isLast }: OneReport,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const report = await deps.store.findReportByActivity(activityId)
  if (report === undefined || report.resolved !== undefined) return []
  const { number, host } = report
  if ((await adminsOf(deps)).length === 0) {
    deps.log.warn({ report: number, host }, 'a report came, and there is no admin')
    return []
  }
  const notice = await reportNotice(report, deps)
  const told = { ...notice, key: `report ${number}`, from: noticeId('report', activityId) }
  const changes = await tellModeration(told, attempt, deps)
  if (!isLast) return changes
  // Of its own, for the notice itself may be written anew.
  await deps.store.commit(changes)
  const rest = { text: restOf(report, deps), key: `reports of ${host} ${number}` }
  return tellModeration(rest, attempt, deps)
}

/** For clients that know no edits. */
const shortBody = 500

/** Also of those that were told while they were known by the id of the report itself. */
async function noticesOf(activityId: ActivityId, deps: Deps): Promise<readonly Mapping[]> {
  const ids = [noticeId('report', activityId), activityId]
  const mappings = await Promise.all(ids.map((id) => deps.store.mappingsOf(id)))
  return mappings.flat().filter((one) => isByBot(one, deps))
}

const isByBot = ({ sender }: Mapping, { identity }: Deps): boolean => sender === identity.bot

/** The report of which that event tells the admins. */
export async function reportToldBy(
  { roomId, eventId }: Pick<Mapping, 'roomId' | 'eventId'>,
  deps: Deps,
): Promise<KeptReport | undefined> {
  const mapping = await deps.store.findMappingByEvent(roomId, eventId)
  if (mapping === undefined || !isByBot(mapping, deps)) return undefined
  const id = toldIn('report', mapping.remoteId) ?? asActivityId(mapping.remoteId)
  return deps.store.findReportByActivity(id)
}

/** The same notice, with what was done; wherever it stands. */
async function tellDone(
  { activityId }: ReportDone,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const report = await deps.store.findReportByActivity(activityId)
  if (report === undefined) return []
  const { text, html } = await reportNotice(report, deps)
  const notice = noticeContent(text, html)
  for (const { roomId, eventId, sender } of await noticesOf(activityId, deps)) {
    const message = {
      type: 'm.room.message',
      txnId: txnIdOf(sender, roomId, eventId, text),
      content: noticeInPlaceOf(eventId, notice, text.slice(0, shortBody)),
    }
    await unlessShut(async () => {
      await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
      return []
    })
  }
  return []
}

/** Tells the admins, in their room. Safe to run again. */
export function tellReports(
  work: ReportWork,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  if (work.type === 'report') return tellReport(work, attempt, deps)
  return work.type === 'report-done' ? tellDone(work, attempt, deps) : tellFull(work, attempt, deps)
}
