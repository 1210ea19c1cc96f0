import type { Answer, Command, CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { KeptReport } from '../model/report.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import { longestReport } from '../model/report.ts'
import { closeReport } from '../bridge/report-buttons.ts'
import { by, describeReport, plain, quotedLines, whyHidden } from '../bridge/report-notice.ts'
import { suspensionOfActor } from '../bridge/domain-blocks.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { reportToldBy } from '../bridge/reports.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { timeOf } from '../model/dates.ts'
import { usage } from './command.ts'

/** Open reports that are listed; there may be more of our own users'. */
export const mostListed = 2_000
/** Accounts and posts of a report that are shown one by one. */
export const mostShown = 20
/** Characters of a post that a report shows. */
const shortPost = 200
/** Characters of the address of one. */
const longestAddress = 500

export const whole = { lines: 100, length: longestReport }

async function list(number: string | undefined, { deps }: CommandContext): Promise<Answer> {
  const open = await deps.store.openReports(mostListed)
  if (open.length === 0) return { text: 'No report is open.' }
  const lines = await Promise.all(
    open.map(async (report) => `${report.number}: ${await describeReport(report, deps)}`),
  )
  const listed = page(lines, { title: 'Open reports', command: 'reports', number })
  if (listed === undefined) return usage(reports)
  return { text: `${listed.text}\n\`reports show <number>\` shows one.` }
}

async function accountLine(id: ActorId, deps: Deps): Promise<string> {
  const own = await deps.store.findLocalActor(id)
  const handle = await handleOfActor(id, deps)
  return own === undefined ? handle : `${handle} (${own.userId})`
}

/** Its words only where everybody may read them: an admin is nobody whom a private message was for. */
export async function postLine(id: ObjectId, { store }: Deps): Promise<string> {
  const post = await store.findObject(id)
  const address = plain(post?.url ?? id, longestAddress)
  const hidden = whyHidden(post)
  if (hidden !== undefined) return `${address} (${hidden})`
  const words = plain(post?.note?.source ?? '', shortPost)
  return words === '' ? address : `${address}: ${words}`
}

async function linesOf<Id>(
  ids: readonly Id[],
  toLine: (id: Id) => Promise<string>,
): Promise<readonly string[]> {
  const lines = await Promise.all(ids.slice(0, mostShown).map(toLine))
  return ids.length > mostShown ? [...lines, `and ${ids.length - mostShown} more`] : lines
}

const endOf = ({ number, resolved }: KeptReport): string =>
  resolved === undefined
    ? `\`reports resolve ${number}\` closes it.`
    : `Closed${by(resolved.by)} on ${timeOf(resolved.at)}.`

/** Whether a report of one of ours went on to where the account is. */
async function endOfWay([account]: readonly ActorId[], deps: Deps): Promise<string> {
  const barred = account && (await suspensionOfActor(account, deps))
  return barred === undefined
    ? ', told to their server without the name'
    : `; ${barred.domain} is blocked`
}

/** Who complains, as far as anybody is told. */
export const originOf = async (
  { reporter, host, accounts }: KeptReport,
  deps: Deps,
): Promise<string> =>
  reporter === undefined ? host : `${reporter}${await endOfWay(accounts, deps)}`

async function show(report: KeptReport, { deps }: CommandContext): Promise<Answer> {
  const { number, at, accounts, posts, text } = report
  const from = await originOf(report, deps)
  const said = quotedLines(text, whole)
  return {
    text: [
      `Report ${number}, from ${from}, on ${timeOf(at)}.`,
      'Accounts:',
      ...(await linesOf(accounts, (id) => accountLine(id, deps))),
      ...(posts.length === 0 ? [] : ['Posts:']),
      ...(await linesOf(posts, (id) => postLine(id, deps))),
      ...(said.length === 0 ? ['They gave no reason.'] : ['They say:', ...said]),
      endOf(report),
    ].join('\n'),
  }
}

async function resolve(report: KeptReport, { sender, deps }: CommandContext): Promise<Answer> {
  const { number, resolved } = report
  if (resolved !== undefined)
    return {
      text: `Report ${number} was closed${by(resolved.by)} on ${timeOf(resolved.at)} already.`,
    }
  const others = (await deps.store.countOpenReports()) - 1
  const those = others === 1 ? 'the one that is' : `the ${others} that are`
  const rest = others > 0 ? `\`reports\` lists ${those} still open.` : 'No other one is open.'
  const at = deps.clock.now()
  return {
    text: `Report ${number} is closed. ${rest}`,
    actions: [{ do: 'commit', changes: closeReport(report, sender, at) }],
  }
}

/** By its number, or the one whose notice is answered. */
async function findReport(
  number: string | undefined,
  { message, deps }: CommandContext,
): Promise<KeptReport | undefined> {
  const { store } = deps
  if (number !== undefined)
    return /^#?\d{1,9}$/.test(number)
      ? store.findReport(Number(number.replace('#', '')))
      : undefined
  const { replyTo: eventId } = message.relation
  return eventId && reportToldBy({ roomId: message.roomId, eventId }, deps)
}

const deeds: ReadonlyMap<string, typeof show> = new Map([
  ['show', show],
  ['resolve', resolve],
])

export const reports: Command = {
  name: 'reports',
  args: '[page] | show [number] | resolve [number]',
  help: 'Lists the reports that nobody has closed yet, shows one of them, or closes it.',
  more: 'They come from other servers, about people here, and from people here, about others, and are told in a room of the admins; in answer to such a notice no number is needed. Who complains on another server is not told. A closed report is kept for half a year.',
  examples: ['reports', 'reports show 12', 'reports resolve 12'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 2],
  doing: () => 'Reading the reports.',
  run: async ({ args: [first, number] }, context) => {
    const deed = deeds.get(first?.toLowerCase() ?? '')
    const isPage = number === undefined && /^\d*$/.test(first ?? '')
    if (deed === undefined) return isPage ? list(first, context) : usage(reports)
    const report = await findReport(number, context)
    if (report === undefined && number === undefined) return usage(reports)
    if (report === undefined)
      return {
        text: `There is no report ${quote(number ?? '')}. \`reports\` lists those that are open.`,
      }
    return deed(report, context)
  },
}
