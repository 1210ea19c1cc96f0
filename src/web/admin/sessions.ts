import { createHash } from 'node:crypto'
import type { AdminUser } from '../../model/admin-view.ts'
import type { Clock, Random } from '../../model/clock.ts'

/** What an act came to, shown once. */
export type Notice = { readonly text: string; readonly isProblem: boolean }

/** Somebody who is logged in. */
export type Session = {
  readonly user: AdminUser
  /** Every form of theirs has it; nobody else knows it. */
  readonly csrf: string
  notice?: Notice
}

export type Sessions = {
  /** A new session; the token is the caller's alone, and only its hash is kept. */
  begin(user: AdminUser): string
  /** Undefined: it has ended, or there was none. */
  find(token: string): Session | undefined
  end(token: string): void
  /** The token of a link that begins one session, once and soon; only its hash is kept. */
  invite(user: AdminUser): string
  /** Whether that link is good now; it stays so. */
  isInvited(token: string): boolean
  /** Whose link that is, which is good no more; undefined: it is none. */
  takeInvite(token: string): AdminUser | undefined
}

const minute = 60_000
const hour = 60 * minute
/** How long a session goes on at the longest, and unused, milliseconds. */
export const longestSession = 12 * hour
const longestIdle = 2 * hour
/** How long a link is good, milliseconds. */
const linkLife = 10 * minute
const mostSessions = 50
const mostLinks = 50

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Two ids of 128 bits that nobody guesses. */
export const tokenForm = /^[\w-]{44}$/

type Kept = { readonly session: Session; readonly since: number; seen: number }
type Invited = { readonly user: AdminUser; readonly until: number }

/** Adds behind the others; of more than `most` the oldest goes. */
function keep<Value>(all: Map<string, Value>, entry: readonly [string, Value], most: number): void {
  all.set(...entry)
  for (const key of all.keys()) {
    if (all.size <= most) return
    all.delete(key)
  }
}

/** Who is logged in, in memory alone: with the process all sessions and links end. */
export function createSessions({
  clock,
  random,
}: {
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'id'>
}): Sessions {
  const sessions = new Map<string, Kept>()
  const links = new Map<string, Invited>()
  const makeToken = (): string => random.id() + random.id()

  const invited = (token: string): Invited | undefined => {
    const link = links.get(hashOf(token))
    return link !== undefined && clock.now() < link.until ? link : undefined
  }

  return {
    begin(user) {
      const token = makeToken()
      const now = clock.now()
      const session = { user, csrf: random.id() }
      keep(sessions, [hashOf(token), { session, since: now, seen: now }], mostSessions)
      return token
    },
    find(token) {
      const hash = hashOf(token)
      const kept = sessions.get(hash)
      if (kept === undefined) return undefined
      const now = clock.now()
      if (now - kept.since >= longestSession || now - kept.seen >= longestIdle) {
        sessions.delete(hash)
        return undefined
      }
      kept.seen = now
      return kept.session
    },
    end: (token) => void sessions.delete(hashOf(token)),
    invite(user) {
      const token = makeToken()
      keep(links, [hashOf(token), { user, until: clock.now() + linkLife }], mostLinks)
      return token
    },
    isInvited: (token) => invited(token) !== undefined,
    takeInvite(token) {
      const link = invited(token)
      links.delete(hashOf(token))
      return link?.user
    },
  }
}
