import { RejectedError, TransientError } from '../model/errors.ts'
import type { JobKind } from '../model/job.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

export type Failure = {
  readonly kind: JobKind
  /** Counted tries before this one. */
  readonly attempts: number
  /** All tries before this one. */
  readonly claims: number
  readonly error: unknown
  readonly now: number
  /** 0 ≤ n < 1 */
  readonly random: number
  readonly addedAt: number
  /** Since when nothing at all succeeded at the job's host. */
  readonly hostFailingSince?: number | undefined
  /** Days on which it failed since, today as well. */
  readonly hostFailingDays?: number
}

export type Verdict = { readonly at: number; readonly counts: boolean } | 'give-up'

/**
 * When to try a failed job again. Deliveries go on for at least 2.5 days, as Mastodon's do; our own
 * homeserver is waited for without end; a bug gets three quick tries.
 */
export function nextTry(failure: Failure): Verdict {
  const { kind, error } = failure
  if (error instanceof TransientError && error.of === 'homeserver')
    return isOwnTrouble(failure) ? scheduled(failure, quickForADay) : waitForHomeserver(failure)
  if (kind === 'delivery') return nextDelivery(failure)
  if (error instanceof RejectedError) return 'give-up'
  if (error instanceof TransientError) return scheduled(failure, quickForADay)
  return scheduled(failure, bugDelays)
}

function nextDelivery(failure: Failure): Verdict {
  const { error } = failure
  if (!(error instanceof RejectedError) && !(error instanceof TransientError))
    return scheduled(failure, bugDelays)
  const { status } = error
  if (status === 404 || status === 410) return 'give-up'
  const refuses = status !== undefined && status >= 400 && status < 500
  // 408 and 429 ask for patience, which is not a refusal.
  if (refuses && status !== 408 && status !== 429) return scheduled(failure, refusedDelays)
  if (error instanceof RejectedError || isDeadHost(failure) || isUnavailable(failure))
    return 'give-up'
  return scheduled(failure, deliveryDelays)
}

/**
 * A host that is left alone is tried with one job an hour: thousands of jobs would take years to
 * use up their tries. Three days of silence, seen by any of them, are enough for those that waited
 * through it.
 */
const isDeadHost = ({ hostFailingSince, addedAt, now }: Failure): boolean =>
  hostFailingSince !== undefined && Math.max(hostFailingSince, addedAt) <= now - 3 * day

/** As Mastodon: failures on so many days, with no success between them. */
export const mostFailingDays = 7

const isUnavailable = ({ hostFailingDays = 0 }: Failure): boolean =>
  hostFailingDays >= mostFailingDays

/** 16 tries: n⁴ + 15 seconds as in Mastodon is 2.07 days before jitter, and 2.5 are promised. */
const deliveryDelays = Array.from({ length: 15 }, (_, n) => 1.25 * ((n + 1) ** 4 + 15) * second)
/** 401, 403 and their like: a key that is being rotated, a proxy that is being repaired. */
const refusedDelays = [10 * minute, 3 * hour]
/** The last one comes after a day. */
const quickForADay = [
  ...[1, 3, 10, 30].map((n) => n * second),
  ...[2, 5, 15, 30].map((n) => n * minute),
  ...[1, 2, 4, 8, 10].map((n) => n * hour),
]
const bugDelays = [5 * second, 30 * second]

function scheduled(failure: Failure, delays: readonly number[]): Verdict {
  const { attempts, now, random, error } = failure
  const delay = delays[attempts]
  if (delay === undefined) return 'give-up'
  // Up to a fifth later, never earlier: the sum is promised.
  const at = Math.round(Math.max(now + delay * (1 + random / 5), askedFor(error, now)))
  return { at: Math.min(at, latest(error, now)), counts: true }
}

function latest(error: unknown, now: number): number {
  const end = error instanceof TransientError ? error.noLaterThan : undefined
  return end === undefined ? Infinity : Math.max(end, now + second)
}

/** `Retry-After`, at most a day: nobody may keep our jobs for ever. */
function askedFor(error: unknown, now: number): number {
  const at = error instanceof TransientError ? (error.retryAt ?? now) : now
  return Math.min(at, now + day)
}

/** What a homeserver, or a filter before it, may say to one request; the token and the pace concern all. */
const isAboutOne = (status: number | undefined): boolean =>
  status === 500 || (status !== undefined && status >= 400 && status < 500 && !aboutAll.has(status))
const aboutAll: ReadonlySet<number> = new Set([401, 408, 429])

/**
 * A homeserver that refuses this job so while it does others has trouble with this one alone. It
 * must not hold up its lane for ever, so such tries count; while all fails, none does.
 */
const isOwnTrouble = ({ error, hostFailingSince }: Failure): boolean =>
  error instanceof TransientError && isAboutOne(error.status) && hostFailingSince === undefined

function waitForHomeserver({ claims, now, random, error }: Failure): Verdict {
  const delay = Math.min(second * 2 ** Math.min(claims, 10), minute)
  return {
    at: Math.round(Math.max(now + delay * (1 + random / 5), askedFor(error, now))),
    counts: false,
  }
}

/** Fewer than this many failures in a row may be the fault of one inbox or one room. */
export const patience = 3

export type HostFailure = {
  /** In a row, this one included. */
  readonly failures: number
  readonly now: number
  readonly random: number
  readonly isHomeserver: boolean
  /** When the host asked to be left alone until. */
  readonly askedFor?: number
}

/** Until when a host is left alone as a whole; 0 while it is not. */
export function pauseHost({ failures, now, random, isHomeserver, askedFor }: HostFailure): number {
  const asked = askedFor === undefined ? 0 : Math.min(askedFor, now + day)
  if (failures < patience) return asked
  const longest = isHomeserver ? 30 * second : hour
  const first = isHomeserver ? second : 30 * second
  const delay = Math.min(first * 2 ** Math.min(failures - patience, 20), longest)
  return Math.max(asked, Math.round(now + delay * (1 + random / 5)))
}
