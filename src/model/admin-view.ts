import type { ActorId, UserId } from './ids.ts'
import type { Blocklist } from './blocklist.ts'
import type { DomainBlock } from './domain-block.ts'
import type { JobKind, KindDepth } from './job.ts'
import type { ProcessFacts } from './operations.ts'
import type { QueueSample } from './queue-sample.ts'

/**
 * What the admin page shows, as values. Times are milliseconds since the epoch; texts are plain, of one
 * line, and may hold what strangers wrote.
 */

/** Who looks at it: an admin, or whoever owns the files of the bridge (then `userId` is the bot). */
export type AdminUser = { readonly userId: UserId; readonly isMachine: boolean }

export type AdminOverview = {
  readonly now: number
  readonly depths: readonly KindDepth[]
  readonly facts: ProcessFacts
  /** People of ours. */
  readonly people: number
  readonly openReports: number
  /** Servers where nothing succeeds. */
  readonly failingHosts: number
  /** Since when our own homeserver fails; absent: it is well. */
  readonly homeserverFailingSince?: number
  /** Since when our public URL does not lead here; absent: it does, or is not known. */
  readonly publicSideDownSince?: number
}

export type AdminSamples = {
  readonly now: number
  /** Oldest first. */
  readonly samples: readonly QueueSample[]
}

export type FailedLine = {
  readonly id: number
  readonly kind: JobKind
  readonly failedAt: number
  /** What was to be done. */
  readonly aim: string
  readonly reason: string
}

export type FailedDetail = FailedLine & {
  readonly addedAt: number
  readonly attempts: number
  /** All of it. */
  readonly error: string
}

/** One page of a list; `next` is what the one after it begins behind. */
export type AdminPage<Item, Next> = { readonly items: readonly Item[]; readonly next?: Next }

export type ServerLine = {
  /** Empty: our homeserver. */
  readonly host: string
  /** What waits to be sent there, and what came from there and waits to be done. */
  readonly outgoing?: { readonly count: number; readonly oldest: number }
  readonly incoming?: { readonly count: number; readonly oldest: number }
  readonly failing?: {
    readonly since: number
    readonly days: number
    /** In the past: at the next occasion. */
    readonly nextTry: number
  }
  readonly software?: string
  /** What is kept away of it. */
  readonly block?: DomainBlock
}

export type AdminServers = { readonly now: number; readonly servers: readonly ServerLine[] }

export type ReportLine = {
  readonly number: number
  readonly at: number
  /** Who reports whom. */
  readonly about: string
}

export type ReportedAccount = {
  readonly id: ActorId
  readonly handle: string
  /** Of one of ours. */
  readonly userId?: UserId
  readonly isSuspended: boolean
}

export type ReportDetail = {
  readonly number: number
  readonly at: number
  readonly from: string
  readonly accounts: readonly ReportedAccount[]
  /** Addresses, with the words of those that everybody may read. */
  readonly posts: readonly string[]
  /** Lines. */
  readonly said: readonly string[]
  /** It names more accounts or posts than these. */
  readonly isCut: boolean
  readonly resolved?: { readonly by: UserId; readonly at: number }
}

export type SuspendedLine = {
  readonly id: ActorId
  readonly handle: string
  /** Empty where it is not known any more. */
  readonly by: string
  readonly at: number
}

export type BlockLine = DomainBlock & {
  /** What it means. */
  readonly effect: string
}

export type AdminBlocks = {
  readonly domains: AdminPage<BlockLine, string>
  readonly lists: readonly Blocklist[]
  readonly suspended: AdminPage<SuspendedLine, ActorId>
  /** Only servers that an admin names are let in. */
  readonly isAllowList: boolean
}

export type PersonLine = {
  readonly userId: UserId
  readonly handle: string
  readonly permission: string
  readonly since: number
  readonly followers: number
  readonly following: number
  readonly movedTo?: string
}

/** A command, a word each, and what its free text says. */
export type AdminCommand = { readonly words: readonly string[]; readonly text?: string }

/** What an act came to. */
export type ActEnd = {
  readonly end: 'done' | 'usage' | 'failed' | 'not-permitted'
  readonly text: string
}

/** What admins see and do, each for that admin. */
export type AdminDesk = {
  /** Whether that user may see and do anything here just now. */
  readonly mayUse: (user: AdminUser) => boolean
  readonly overview: () => Promise<AdminOverview>
  readonly samples: (days: number) => Promise<AdminSamples>
  readonly failed: (before: number | undefined) => Promise<AdminPage<FailedLine, number>>
  readonly findFailed: (id: number) => Promise<FailedDetail | undefined>
  readonly servers: () => Promise<AdminServers>
  /** Open ones, newest first; `page` counts from 1. */
  readonly reports: (page: number) => Promise<AdminPage<ReportLine, number>>
  readonly findReport: (number: number) => Promise<ReportDetail | undefined>
  readonly blocks: (behind: {
    readonly domain?: string
    readonly account?: string
  }) => Promise<AdminBlocks>
  readonly people: (behind: string | undefined) => Promise<AdminPage<PersonLine, string>>
  /** Does what that command does, by that user; looks first whether they may. */
  readonly act: (user: AdminUser, command: AdminCommand) => Promise<ActEnd>
}
