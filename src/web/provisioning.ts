import express, { Router, type NextFunction, type Request, type Response } from 'express'
import type { Log } from '../model/clock.ts'
import type { UserId } from '../model/ids.ts'
import { parseUserId } from '../model/names.ts'
import { isSameSecret } from '../model/same-secret.ts'
import { visitorOf } from './client.ts'
import { unreadableStatus } from './unreadable.ts'

type Refusal = { readonly refused: string; readonly text: string }

type FollowWish = {
  readonly account: string
  readonly isHome: boolean
  readonly withReplies: boolean
  readonly withBoosts: boolean
}

/** What is done for a user, as the user does it by commands. */
export type ProvisioningPort = {
  readonly whoami: (userId: UserId) => Promise<object>
  readonly resolve: (userId: UserId, account: string) => Promise<object>
  readonly list: (userId: UserId) => Promise<object>
  readonly follow: (userId: UserId, wish: FollowWish) => Promise<object>
  readonly unfollow: (userId: UserId, account: string) => Promise<object>
}

export type ProvisioningOptions = {
  readonly provisioning: ProvisioningPort
  /** Acts for any user; absent: nobody does. */
  readonly token?: string
  /** Whose OpenID token that is; `visitor` is who brings it, to share fairly by. */
  readonly checkOpenId: (
    token: string,
    visitor: string,
  ) => Promise<UserId | 'unknown' | 'too-often'>
  readonly isLocal: (userId: UserId) => boolean
  readonly log: Log
}

const provisioningPath = '/provisioning/v1'

const longestAccount = 2_048
const maxBody = 16 * 1024

type Problem = { readonly status: number; readonly errcode: string; readonly error: string }

const refuse = (response: Response, { status, errcode, error }: Problem): void =>
  void response.status(status).json({ errcode, error })

const unknownToken: Problem = {
  status: 401,
  errcode: 'M_UNKNOWN_TOKEN',
  error: 'The token is not good, or not of a user of this homeserver',
}

const statuses: Readonly<Record<string, readonly [number, string]>> = {
  'not-permitted': [403, 'M_FORBIDDEN'],
  'no-account': [404, 'M_NOT_FOUND'],
  away: [502, 'M_UNKNOWN'],
  refused: [400, 'M_UNKNOWN'],
}

const isRefusal = (answer: object): answer is Refusal => 'refused' in answer

function send(response: Response, answer: object): void {
  if (!isRefusal(answer)) {
    response.status(200).json(answer)
    return
  }
  const [status, errcode] = statuses[answer.refused] ?? [400, 'M_UNKNOWN']
  refuse(response, { status, errcode, error: answer.text })
}

/** Who asks: by an OpenID token of their own, or by the admin's token for `user_id`. */
async function userOf(request: Request, options: ProvisioningOptions): Promise<UserId | Problem> {
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (given === undefined)
    return {
      status: 401,
      errcode: 'M_MISSING_TOKEN',
      error: 'No token in the Authorization header',
    }
  const { token, checkOpenId, isLocal } = options
  if (token !== undefined && isSameSecret(given, token)) {
    const named = request.query['user_id']
    const userId = typeof named === 'string' ? parseUserId(named) : undefined
    return userId !== undefined && isLocal(userId)
      ? userId
      : {
          status: 400,
          errcode: 'M_INVALID_PARAM',
          error: 'user_id names the user of this homeserver for whom you ask',
        }
  }
  const userId = await checkOpenId(given, visitorOf(request))
  if (userId === 'too-often')
    return { status: 429, errcode: 'M_LIMIT_EXCEEDED', error: 'Too many tokens; try later' }
  return userId === 'unknown' ? unknownToken : userId
}

const accountIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longestAccount
    ? value
    : undefined

const noAccount: Problem = {
  status: 400,
  errcode: 'M_BAD_JSON',
  error: 'account is the address of an account, such as @user@social.example, or a link',
}

type Act = (userId: UserId, request: Request) => Promise<object> | Problem

const isProblem = (answer: object): answer is Problem => 'errcode' in answer

const flag = (
  body: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: boolean,
): boolean => (typeof body[name] === 'boolean' ? body[name] : otherwise)

function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Readonly<Record<string, unknown>>)
    : {}
}

function acts({ provisioning }: ProvisioningOptions) {
  const withAccount =
    (
      value: (request: Request) => unknown,
      act: (userId: UserId, account: string, request: Request) => Promise<object>,
    ): Act =>
    (userId, request) => {
      const account = accountIn(value(request))
      return account === undefined ? noAccount : act(userId, account, request)
    }
  const ofBody = (request: Request): unknown => bodyOf(request)['account']
  return {
    whoami: ((userId) => provisioning.whoami(userId)) satisfies Act,
    list: ((userId) => provisioning.list(userId)) satisfies Act,
    resolve: withAccount(
      ({ query }) => query['account'],
      (userId, account) => provisioning.resolve(userId, account),
    ),
    unfollow: withAccount(ofBody, (userId, account) => provisioning.unfollow(userId, account)),
    follow: withAccount(ofBody, (userId, account, request) => {
      const body = bodyOf(request)
      return provisioning.follow(userId, {
        account,
        isHome: flag(body, 'home', false),
        withReplies: flag(body, 'replies', false),
        withBoosts: flag(body, 'boosts', true),
      })
    }),
  }
}

/**
 * What programs of users, or the admin's, ask of the bridge without a chat (`docs/provisioning.yaml`).
 * Web pages of any origin may: without a token there is nothing to be had.
 */
export function provisioningRoutes(options: ProvisioningOptions): Router {
  const router = Router()
  const under = Router()
  under.use((request, response, next) => {
    response.set({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'cache-control': 'no-store',
    })
    if (request.method === 'OPTIONS') response.status(204).end()
    else next()
  })
  under.use(express.json({ limit: maxBody }))
  const run = (act: Act) => async (request: Request, response: Response) => {
    const who = await userOf(request, options)
    if (typeof who !== 'string') {
      refuse(response, who)
      return
    }
    const answer = await act(who, request)
    if (isProblem(answer)) refuse(response, answer)
    else send(response, answer)
  }
  const { whoami, list, resolve, follow, unfollow } = acts(options)
  under.get('/whoami', run(whoami))
  under.get('/following', run(list))
  under.get('/resolve', run(resolve))
  under.post('/follow', run(follow))
  under.post('/unfollow', run(unfollow))
  under.use((_, response) =>
    refuse(response, { status: 404, errcode: 'M_UNRECOGNIZED', error: 'No such endpoint' }),
  )
  under.use(answerError(options.log))
  router.use(provisioningPath, under)
  return router
}

function answerError(log: Log) {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, _: Request, response: Response, next: NextFunction): void => {
    const status = unreadableStatus(error)
    if (response.headersSent) next(error)
    else if (status !== undefined)
      refuse(response, {
        status,
        errcode: 'M_NOT_JSON',
        error: 'The body is no JSON, or too large',
      })
    else {
      log.error({ err: error }, 'a provisioning request failed')
      refuse(response, { status: 503, errcode: 'M_UNKNOWN', error: 'Try again later' })
    }
  }
}
