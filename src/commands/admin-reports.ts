import type { ActorId } from '../model/ids.ts'
import type { AdminDesk, ReportedAccount } from '../model/admin-view.ts'
import type { Deps } from '../bridge/ports.ts'
import { describeReport, quotedLines } from '../bridge/report-notice.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { barredMark } from '../bridge/wishes.ts'
import { mostListed, mostShown, originOf, postLine, whole } from './reports.ts'

const pageLength = 20

async function accountOf(id: ActorId, deps: Deps): Promise<ReportedAccount> {
  const own = await deps.store.findLocalActor(id)
  return {
    id,
    handle: await handleOfActor(id, deps),
    ...(own === undefined ? {} : { userId: own.userId }),
    isSuspended: (await deps.store.findMark(barredMark(id))) !== undefined,
  }
}

/** Complaints, as the page shows them. */
export const reportViews = (deps: Deps): Pick<AdminDesk, 'reports' | 'findReport'> => ({
  async reports(page) {
    const open = await deps.store.openReports(mostListed)
    const shown = open.slice((page - 1) * pageLength, page * pageLength)
    const items = await Promise.all(
      shown.map(async (report) => ({
        ...{ number: report.number, at: report.at },
        about: await describeReport(report, deps),
      })),
    )
    return open.length > page * pageLength ? { items, next: page + 1 } : { items }
  },
  async findReport(number) {
    const report = await deps.store.findReport(number)
    if (report === undefined) return undefined
    const { accounts, posts, text, at, resolved } = report
    const rest = Math.max(accounts.length, posts.length) - mostShown
    return {
      ...{ number, at, from: await originOf(report, deps) },
      accounts: await Promise.all(accounts.slice(0, mostShown).map((id) => accountOf(id, deps))),
      posts: await Promise.all(posts.slice(0, mostShown).map((id) => postLine(id, deps))),
      said: quotedLines(text, whole).map((line) => line.replace(/^> /, '')),
      isCut: rest > 0,
      ...(resolved === undefined ? {} : { resolved }),
    }
  },
})
