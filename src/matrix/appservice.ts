import { Router, type NextFunction, type Request, type Response } from 'express'
import type { Clock, Log } from '../model/clock.ts'
import { asRoomAlias, asUserId, type RoomAlias, type UserId } from '../model/ids.ts'
import { isRecord, jsonIn, listAt, recordIn } from './fields.ts'
import { isRawEvent, type RawEvent } from './intake.ts'
import { readBody } from './read-body.ts'
import { refuse, tooLate, type Refusal } from './refuse.ts'
import { thirdPartyRoutes, type ThirdPartyOptions } from './third-party.ts'

export type AppserviceOptions = {
  /** Whether a request with that token is the homeserver's (`checkingToken`). */
  readonly isToken: (token: string) => boolean
  /** Stores the events durably, each at most once by its event id; only then it resolves. */
  readonly receive: (events: readonly RawEvent[]) => Promise<void>
  /** Whether that ghost exists, or can: asked when somebody names a user that the homeserver does not know. */
  readonly userExists: (userId: UserId, signal: AbortSignal) => Promise<boolean>
  /** Makes the room of that alias where there can be one. */
  readonly aliasExists: (alias: RoomAlias, signal: AbortSignal) => Promise<boolean>
  readonly thirdParty: Omit<ThirdPartyOptions, 'inTime'>
  /** Hears of the homeserver's pings, by the id that whoever asked for one gave it. */
  readonly onPing?: (transactionId: string) => void
  readonly clock: Clock
  readonly log: Log
  readonly limits: {
    /** Of a transaction, bytes. 100 events of 64 KiB, and as much of ephemeral data, fit into 32 MB. */
    readonly maxBody: number
    /** For a query about a user or alias, milliseconds: the homeserver pushes nothing meanwhile. */
    readonly queryTimeout: number
  }
}

export const defaultLimits: AppserviceOptions['limits'] = {
  maxBody: 32 * 1024 * 1024,
  queryTimeout: 5000,
}

const unrecognized = 'M_UNRECOGNIZED'

/** 401 without a token, 403 with a wrong one. */
function checkToken(isToken: AppserviceOptions['isToken']) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const token = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
    if (token === undefined)
      refuse(res, {
        status: 401,
        errcode: 'M_UNAUTHORIZED',
        error: 'No token in the Authorization header',
      })
    else if (!isToken(token))
      refuse(res, { status: 403, errcode: 'M_FORBIDDEN', error: 'Wrong token' })
    else next()
  }
}

function parseTransaction(body: Buffer): readonly unknown[] | Refusal {
  const value = jsonIn(body)
  if (value === undefined)
    return { status: 400, errcode: 'M_NOT_JSON', error: 'The body is not JSON' }
  if (isRecord(value) && Array.isArray(value['events'])) return listAt(value, 'events')
  return { status: 400, errcode: 'M_BAD_JSON', error: 'No list of events' }
}

/**
 * Answers 200 only after everything is stored. The transaction id decides nothing: homeservers
 * start counting anew. One malformed event is dropped, or the homeserver would repeat the whole
 * transaction for ever.
 */
function takeTransaction(options: AppserviceOptions) {
  return async (req: Request, res: Response): Promise<void> => {
    const body = await readBody(req, options.limits.maxBody)
    if (body === 'too-large') {
      refuse(res, { status: 413, errcode: 'M_TOO_LARGE', error: 'The transaction is too large' })
      return
    }
    const listed = parseTransaction(body)
    if ('errcode' in listed) {
      refuse(res, listed)
      return
    }
    const events = listed.filter(isRawEvent)
    const dropped = listed.length - events.length
    if (dropped > 0) options.log.warn({ dropped, kept: events.length }, 'malformed events dropped')
    if (events.length > 0) await options.receive(events)
    res.status(200).json({})
  }
}

type Query = (id: string, signal: AbortSignal) => Promise<boolean>

/** Races a query against its time; what it does is aborted and its late outcome ignored. */
async function askInTime<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  options: AppserviceOptions,
): Promise<T | 'too-late'> {
  const late = new AbortController()
  const answered = new AbortController()
  const timeout = options.clock
    .sleep(options.limits.queryTimeout, answered.signal)
    .then(() => 'too-late' as const)
  try {
    return await Promise.race([ask(late.signal), timeout])
  } finally {
    late.abort()
    answered.abort()
  }
}

function answerQuery(query: Query, options: AppserviceOptions) {
  return async (req: Request, res: Response): Promise<void> => {
    const { id } = req.params
    const found =
      typeof id === 'string' ? await askInTime((signal) => query(id, signal), options) : false
    if (found === true) res.status(200).json({})
    else if (found === false)
      refuse(res, { status: 404, errcode: 'M_NOT_FOUND', error: 'Not known' })
    else refuse(res, tooLate)
  }
}

/** Express tells a bad percent-encoding by an error with status 400. */
const isBadRequest = (error: unknown): boolean => isRecord(error) && error['status'] === 400

/* eslint max-params: ["error", 4] -- Express knows error handlers by their four parameters. */
function answerError(log: Log) {
  return (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error)
    } else if (isBadRequest(error)) {
      refuse(res, { status: 400, errcode: 'M_INVALID_PARAM', error: 'The path is malformed' })
    } else {
      log.error({ err: error, method: req.method, path: req.path }, 'homeserver request failed')
      refuse(res, { status: 500, errcode: 'M_UNKNOWN', error: 'Internal error' })
    }
  }
}

const longestPing = 10_000

function answerPing(onPing: AppserviceOptions['onPing'] = () => undefined) {
  return async (req: Request, res: Response): Promise<void> => {
    const body = await readBody(req, longestPing)
    const id = body === 'too-large' ? undefined : pingIdIn(body)
    if (id !== undefined) onPing(id)
    res.status(200).json({})
  }
}

function pingIdIn(body: Buffer): string | undefined {
  const id = recordIn(body)?.['transaction_id']
  return typeof id === 'string' ? id : undefined
}

/** Answers the homeserver's ping and nothing else. */
export function pingRoutes(
  isToken: AppserviceOptions['isToken'],
  onPing: (transactionId: string) => void,
): Router {
  const router = Router({ caseSensitive: true })
  router.post('/_matrix/app/v1/ping', checkToken(isToken), answerPing(onPing))
  return router
}

/**
 * The application service API (v1, and its paths without prefix from before Matrix 1.4) as an
 * Express router. Every answer is JSON.
 */
export function createAppserviceRouter(options: AppserviceOptions): Router {
  const router = Router({ caseSensitive: true })
  router.use(checkToken(options.isToken))
  const users: Query = (id, signal) => options.userExists(asUserId(id), signal)
  const aliases: Query = (id, signal) => options.aliasExists(asRoomAlias(id), signal)
  const wrongMethod = (_: Request, res: Response): void =>
    refuse(res, { status: 405, errcode: unrecognized, error: 'Wrong method' })
  for (const prefix of ['/_matrix/app/v1', '']) {
    router.route(`${prefix}/transactions/:id`).put(takeTransaction(options)).all(wrongMethod)
    router.route(`${prefix}/users/:id`).get(answerQuery(users, options)).all(wrongMethod)
    router.route(`${prefix}/rooms/:id`).get(answerQuery(aliases, options)).all(wrongMethod)
  }
  router.use(thirdPartyRoutes({ ...options.thirdParty, inTime: (ask) => askInTime(ask, options) }))
  router.route('/_matrix/app/v1/ping').post(answerPing(options.onPing)).all(wrongMethod)
  router.use((_: Request, res: Response) =>
    refuse(res, { status: 404, errcode: unrecognized, error: 'No such endpoint' }),
  )
  router.use(answerError(options.log))
  return router
}
