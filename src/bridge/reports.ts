import type { ActivityId, ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { KeptReport } from '../model/report.ts'
import { mostOpen } from '../translate/reports.ts'
import { safeName } from '../model/names.ts'
import { handleOfActor } from './follows.ts'
import { tellJob } from './tell-job.ts'

/** What stands below the notice of a report (`report-buttons.ts`). */
const buttonsLine =
  'React with ✅ to close it, 🚫 to suspend its accounts, 📨 to pass its posts on to the homeserver.'

type OneReport = {
  readonly type: 'report'
  readonly activityId: ActivityId
  readonly isLast: boolean
}
/** Reports are dropped, for there are too many; `key` names the day. */
type ReportsFull = { readonly type: 'reports-full'; readonly key: string }

/** What admins are told of reports: payload of an `upkeep` job. */
export type ReportWork = OneReport | ReportsFull

/** Chats with the bot that are looked through for people who are admins. */
const mostChats = 10_000
/** Admins who are told of one thing. */
const mostAdmins = 20
/** Lines, and characters of each, that a notice has of what a report says. */
const shortReport = { lines: 5, length: 300 } as const
/** Accounts that a line names. */
const mostNamed = 3

/** Who is told what the whole server has to know: whom the configuration names, and who talks with the bot. */
export async function adminsOf(
  deps: Pick<Deps, 'store' | 'permissionOf' | 'namedAdmins'>,
): Promise<readonly UserId[]> {
  const { store, permissionOf, namedAdmins } = deps
  const talking = await store.usersWithChat(mostChats)
  const admins = talking.filter((userId) => permissionOf(userId) === 'admin')
  return [...new Set([...namedAdmins, ...admins])].slice(0, mostAdmins)
}

/** A notice for each of them; its key is the same for all. */
export async function tellAdmins(
  { key, text }: { readonly key: string; readonly text: string },
  deps: Pick<Deps, 'store' | 'permissionOf' | 'namedAdmins'>,
): Promise<readonly Change[]> {
  return (await adminsOf(deps)).map((userId) => tellJob({ key: `${key} ${userId}`, text, userId }))
}

/**
 * What strangers wrote, as lines that cannot be taken for ours: nothing in it acts, hides or formats.
 */
export function quotedLines(
  text: string,
  { lines: most, length }: { readonly lines: number; readonly length: number },
): readonly string[] {
  const lines = text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => safeName(line.replaceAll('`', "'"), length))
    .filter((line) => line !== '')
  const shown = lines.slice(0, most).map((line) => `> ${line}`)
  return lines.length > most ? [...shown, '> …'] : shown
}

async function namesOf(accounts: readonly ActorId[], deps: Deps): Promise<string> {
  const handles = await Promise.all(
    accounts.slice(0, mostNamed).map((id) => handleOfActor(id, deps)),
  )
  const more = accounts.length - handles.length
  return more > 0 ? `${handles.join(', ')} and ${String(more)} more` : handles.join(', ')
}

const postsOf = ({ posts }: KeptReport): string =>
  posts.length === 0 ? '' : posts.length === 1 ? ', for a post' : `, for ${posts.length} posts`

/** Who reports whom, in one line without an end. */
export async function describeReport(report: KeptReport, deps: Deps): Promise<string> {
  const who = report.reporter ?? report.host
  return `${who} reports ${await namesOf(report.accounts, deps)}${postsOf(report)}`
}

/** No further reports are kept, and what ends that. */
async function tellFull({ key }: ReportsFull, deps: Deps): Promise<readonly Change[]> {
  deps.log.warn({ open: mostOpen }, 'reports are dropped until some are closed')
  const text = `${String(mostOpen)} reports are open, so I drop those that still come, and nobody is told of them. \`reports\` lists the open ones, \`reports resolve <number>\` closes one.`
  return tellAdmins({ key, text }, deps)
}

const restOf = ({ host }: KeptReport): string =>
  `${host} has sent many today: I keep what else comes from there without telling you, and \`reports\` lists it.`

/** Unless an admin has closed it meanwhile. */
async function tellReport(
  { activityId, isLast }: OneReport,
  deps: Deps,
): Promise<readonly Change[]> {
  const report = await deps.store.findReportByActivity(activityId)
  if (report === undefined || report.resolved !== undefined) return []
  const { number, reporter } = report
  const admins = (await adminsOf(deps)).filter((userId) => userId !== reporter)
  if (admins.length === 0 && reporter === undefined)
    deps.log.warn({ report: number, host: report.host }, 'a report came, and there is no admin')
  const text = [
    `Report ${number}: ${await describeReport(report, deps)}.`,
    ...quotedLines(report.text, shortReport),
    `\`reports show ${number}\` shows all of it, \`reports resolve ${number}\` closes it.`,
    buttonsLine,
    ...(isLast ? [restOf(report)] : []),
  ].join('\n')
  return admins.map((userId) =>
    tellJob({ key: `report ${number} ${userId}`, text, userId, from: activityId }),
  )
}

/** Tells each admin. Safe to run again. */
export const tellReports = (work: ReportWork, deps: Deps): Promise<readonly Change[]> =>
  work.type === 'report' ? tellReport(work, deps) : tellFull(work, deps)
