import type { Clock } from './clock.ts'

/** What one of our users may do within an hour; 0: any number. */
export type HourLimits = {
  readonly postsPerHour: number
  readonly followsPerHour: number
  /** Different people whom they name in them. */
  readonly mentionsPerHour: number
}

/** How much one of our users may do, and what one message may cost; 0: any number. */
export type UserLimits = HourLimits & {
  /** Whoever is known here for less than `age` milliseconds may do no more than this either; age 0: nobody is new. */
  readonly newAccounts: HourLimits & { readonly age: number }
  /** People whom one post is addressed to by name. */
  readonly mentionsPerPost: number
  /** Accounts that are looked up for one activity, event or command. */
  readonly accountsPerRequest: number
}

export const hour = 3_600_000

type Limit = {
  readonly most: number
  /** Milliseconds. */
  readonly within: number
}

/** Each call takes one and says whether it may be had. The first call after `within` counts anew. */
export function createLimit({ most, within }: Limit, clock: Clock): () => boolean {
  let since = clock.now()
  let taken = 0
  return () => {
    if (clock.now() - since >= within) {
      since = clock.now()
      taken = 0
    }
    taken += 1
    return taken <= most
  }
}

/** How much it is, for people: `1 person`, `3 people`. */
export const numbered = (count: number, one: string, more: string): string =>
  `${count} ${count === 1 ? one : more}`

/** How long it is until then, for people, in hours where it is long: `12 minutes`, `23 hours`. */
export function inHours(until: number, now: number): string {
  return until - now < 2 * hour ? inMinutes(until, now) : `${Math.ceil((until - now) / hour)} hours`
}

/** How long it is until then, for people: `12 minutes`. */
export function inMinutes(until: number, now: number): string {
  const minutes = Math.max(1, Math.ceil((until - now) / 60_000))
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
