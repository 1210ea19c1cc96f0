import type { ActivityId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { KeptReport, Report } from '../model/report.ts'
import type { NewRow, Row } from './tables.ts'
import { toReport } from './rows.ts'

type Deed = Extract<Change, { change: 'put-report-deed' }>
type Resolve = Extract<Change, { change: 'resolve-report' }>

export function reportWrites(database: Database) {
  const put = database.prepare<[Omit<NewRow<'report'>, 'number'>]>(
    `insert into report (activity_id, host, actor, reporter, accounts, posts, content, at)
     values (@activity_id, @host, @actor, @reporter, @accounts, @posts, @content, @at)
     on conflict (activity_id) do nothing`,
  )
  const resolve = database.prepare<[UserId, number, number]>(
    `update report set resolved_by = ?, resolved_at = ?
     where number = ? and resolved_at is null`,
  )
  const putDeed = database.prepare<[Row<'report_deed'>]>(
    `insert into report_deed (report, deed, by_user, at)
     select number, @deed, @by_user, @at from report where number = @report
     on conflict do update set by_user = excluded.by_user, at = excluded.at`,
  )
  return {
    putReportDeed: ({ number, deed, by, at }: Deed) =>
      putDeed.run({ report: number, deed, by_user: by, at }),
    putReport: ({ activityId, host, actor, reporter, accounts, posts, text, at }: Report) =>
      put.run({
        activity_id: activityId,
        ...{ host, actor, at },
        reporter: reporter ?? null,
        accounts: JSON.stringify(accounts),
        posts: JSON.stringify(posts),
        content: text,
      }),
    resolveReport: ({ number, by, at }: Resolve) => resolve.run(by, at, number),
  }
}

type Count = { readonly n: number }

/** Lookups of reports. */
export function reportFinds(database: Database) {
  const byNumber = database.prepare<[number], Row<'report'>>(
    'select * from report where number = ?',
  )
  const byActivity = database.prepare<[string], Row<'report'>>(
    'select * from report where activity_id = ?',
  )
  const open = database.prepare<[number], Row<'report'>>(
    'select * from report where resolved_at is null order by number desc limit ?',
  )
  const countOpen = database.prepare<[], Count>(
    'select count(*) as n from report where resolved_at is null',
  )
  const countOfHost = database.prepare<[string, number], Count>(
    'select count(*) as n from report where host = ? and at >= ?',
  )
  const countOfReporter = database.prepare<[string, number], Count>(
    'select count(*) as n from report where reporter = ? and at >= ?',
  )
  const forget = database.prepare<[number]>('delete from report where resolved_at < ?')
  const deeds = database.prepare<[number], Row<'report_deed'>>(
    'select * from report_deed where report = ? order by at, deed',
  )
  const kept = (row: Row<'report'>): KeptReport => toReport(row, deeds.all(row.number))
  return {
    async findReport(number: number) {
      const row = byNumber.get(number)
      return row && kept(row)
    },
    async findReportByActivity(id: ActivityId) {
      const row = byActivity.get(id)
      return row && kept(row)
    },
    /** Newest first. */
    async openReports(limit: number) {
      return open.all(limit).map(kept)
    },
    async countOpenReports() {
      return countOpen.get()?.n ?? 0
    },
    /** Since that time, of that server or that user of ours. */
    async countReportsOf(of: { readonly host: string } | { readonly user: UserId }, since: number) {
      const row =
        'host' in of ? countOfHost.get(of.host, since) : countOfReporter.get(of.user, since)
      return row?.n ?? 0
    },
    /** Those that were resolved before that time, milliseconds since the epoch. */
    async forgetReports(before: number): Promise<void> {
      await database.commit(() => void forget.run(before), 'relaxed')
    },
  }
}
