import type { ActivityId, UserId } from '../model/ids.ts'
import type { KeptReport } from '../model/report.ts'

/** Lookups of complaints: the part of `Store` that knows them. */
export type ReportStore = {
  findReport(number: number): Promise<KeptReport | undefined>
  findReportByActivity(id: ActivityId): Promise<KeptReport | undefined>
  /** Newest first. */
  openReports(limit: number): Promise<readonly KeptReport[]>
  countOpenReports(): Promise<number>
  /** Since that time, of that server or that user of ours. */
  countReportsOf(
    of: { readonly host: string } | { readonly user: UserId },
    since: number,
  ): Promise<number>
  /** Those that were resolved before that time, milliseconds since the epoch. */
  forgetReports(before: number): Promise<void>
}
