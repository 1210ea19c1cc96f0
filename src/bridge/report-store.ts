import type { ActivityId, RoomId, UserId } from '../model/ids.ts'
import type { KeptReport } from '../model/report.ts'

/** Lookups of complaints, and of whom they are told to: a part of `Store`. */
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
  /** Who has a chat with the bot, by name. */
  usersWithChat(limit: number): Promise<readonly UserId[]>
  /** Those that were resolved before that time, milliseconds since the epoch. */
  forgetReports(before: number): Promise<void>
}

export type Admins = {
  /** Whom the configuration names one by one as admins; others may be, too. */
  readonly namedAdmins: readonly UserId[]
  /** The room that the configuration names for reports; undefined: one is made. */
  readonly reportsRoom: RoomId | undefined
}
