import type { Severity } from './domain-block.ts'
import type { UserId } from './ids.ts'

/** One line of a list of blocks. */
export type ListedBlock = {
  readonly domain: string
  readonly severity: Severity
  readonly rejectsMedia: boolean
  readonly rejectsReports: boolean
  readonly isObfuscated: boolean
  /** For the admins. */
  readonly reason?: string
  /** For everybody. */
  readonly publicComment?: string
}

/** A list at an address, which is read again each day. Key: `url`. */
export type Blocklist = {
  readonly url: string
  readonly by: UserId
  /** Milliseconds since the epoch. */
  readonly addedAt: number
  readonly checkedAt: number
  /** Why the last look at it changed nothing, in words; absent: it was read. */
  readonly trouble?: string
}
