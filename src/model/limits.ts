import type { Clock } from './clock.ts'

/** How much one of our users may do, and what one message may cost; 0: any number. */
export type UserLimits = {
  readonly postsPerHour: number
  readonly followsPerHour: number
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

/** How long it is until then, for people: `12 minutes`. */
export function inMinutes(until: number, now: number): string {
  const minutes = Math.max(1, Math.ceil((until - now) / 60_000))
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
