import type { Request, Response } from 'express'
import type { AdminDesk, AdminUser } from '../../model/admin-view.ts'
import type { Log } from '../../model/clock.ts'
import type { UserId } from '../../model/ids.ts'
import { TransientError } from '../../model/errors.ts'
import { visitorOf } from '../client.ts'
import { fieldOf } from '../form.ts'
import { doorView, type Door } from './door.ts'
import { isOwnForm, sendHtml, sessionIn, setSession } from './send.ts'
import { longestSession, tokenForm, type Sessions } from './sessions.ts'
import { toDoorDocument } from './view.ts'

export type LoginDeps = {
  readonly sessions: Sessions
  readonly desk: Pick<AdminDesk, 'mayUse'>
  /** Whose OpenID token that is; absent: none logs in. */
  readonly checkOpenId?: (
    token: string,
    visitor: string,
  ) => Promise<UserId | 'unknown' | 'too-often'>
  /** Takes one try for that visitor: 0, or the milliseconds after which it may be tried again. */
  readonly takeTry: (visitor: string) => number
  readonly log: Log
}

const longestToken = 2_000

/** Where one comes in; `status` where it is because something was wrong. */
export function sendDoor(
  response: Response,
  { checkOpenId }: Pick<LoginDeps, 'checkOpenId'>,
  { status = 200, ...rest }: { readonly status?: number } & Omit<Door, 'takesOpenId'>,
): void {
  const door = { takesOpenId: checkOpenId !== undefined, ...rest }
  sendHtml(response, status, toDoorDocument(doorView(door)))
}

const spent = 'This link is not good any more. Ask for another one.'

/** Looks at a link and uses nothing of it: programs that show what is behind links do so, too. */
export function showDoor(request: Request, response: Response, deps: LoginDeps): void {
  const { link } = request.query
  if (typeof link !== 'string') sendDoor(response, deps, {})
  else if (tokenForm.test(link) && deps.sessions.isInvited(link)) sendDoor(response, deps, { link })
  else sendDoor(response, deps, { status: 410, problem: spent })
}

/** The token alone, or as the homeserver gave it. */
function tokenIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const token: unknown =
      typeof value === 'object' && value !== null && 'access_token' in value
        ? value.access_token
        : undefined
    return typeof token === 'string' ? token : ''
  } catch {
    return text.trim()
  }
}

type Refused = { readonly status: number; readonly problem: string; readonly retryAfter?: number }

const tooOften: Refused = {
  status: 429,
  problem: 'Too many tries. Wait a minute, then try again.',
  retryAfter: 60,
}
const notGood: Refused = {
  status: 403,
  problem:
    'This token is not good, or not of an admin of this bridge. Ask your homeserver for a new one, or use a link.',
}

async function byOpenId(
  text: string,
  visitor: string,
  { checkOpenId, desk }: LoginDeps,
): Promise<AdminUser | Refused> {
  if (checkOpenId === undefined) return notGood
  try {
    const userId = await checkOpenId(tokenIn(text), visitor)
    if (userId === 'too-often') return tooOften
    const user: AdminUser = { userId: userId as UserId, isMachine: false }
    return userId !== 'unknown' && desk.mayUse(user) ? user : notGood
  } catch (error) {
    if (!(error instanceof TransientError)) throw error
    return {
      status: 502,
      problem: 'The homeserver does not say whose token that is. Try it later, or use a link.',
    }
  }
}

async function userOf(request: Request, deps: LoginDeps): Promise<AdminUser | Refused> {
  if (!isOwnForm(request))
    return { status: 403, problem: 'That came from another page. Log in from here.' }
  const visitor = visitorOf(request)
  const wait = deps.takeTry(visitor)
  if (wait > 0) return { ...tooOften, retryAfter: Math.ceil(wait / 1_000) }
  const link = fieldOf(request, 'link', 100)
  if (link !== undefined) {
    const user = tokenForm.test(link) ? deps.sessions.takeInvite(link) : undefined
    return user !== undefined && deps.desk.mayUse(user) ? user : { status: 410, problem: spent }
  }
  const openid = fieldOf(request, 'openid', longestToken)
  return openid === undefined ? notGood : byOpenId(openid, visitor, deps)
}

/** Begins a session for whoever brings a link or a token of an admin's. */
export async function logIn(request: Request, response: Response, deps: LoginDeps): Promise<void> {
  const user = await userOf(request, deps)
  if ('problem' in user) {
    const { status, problem, retryAfter } = user
    deps.log.info({ status, visitor: visitorOf(request) }, 'nobody was logged in to the admin page')
    if (retryAfter !== undefined) response.set('retry-after', String(retryAfter))
    sendDoor(response, deps, { status, problem })
    return
  }
  deps.sessions.end(sessionIn(request) ?? '')
  const token = deps.sessions.begin(user)
  deps.log.info({ by: user.userId, visitor: visitorOf(request) }, 'an admin logged in')
  setSession(request, response, { token, seconds: longestSession / 1_000 })
  response.redirect(303, '/admin')
}
