import { Router } from 'express'
import type { Response } from 'express'
import type { Clock } from '../model/clock.ts'

/** Says that a part works by resolving; why it does not, by throwing. */
export type HealthCheck = () => Promise<void>

export type HealthOptions = {
  /** By the name shown in the answer, such as `database` and `homeserver`. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly clock: Clock
}

/** An answer is reused for so long: whoever may ask must not make us ask the homeserver as often. */
const freshFor = 5_000
/** A check that takes longer has failed. */
const timeout = 3_000

type Result = 'ok' | 'failed'
type Report = { readonly ready: boolean; readonly checks: Readonly<Record<string, Result>> }

/**
 * `GET /live`: 200 while the process answers. `GET /ready`: 200 when every check passes, otherwise
 * 503; the body names what failed and never why, for it may be reachable by strangers.
 */
export function healthRoutes(options: HealthOptions): Router {
  let last: { readonly at: number; readonly report: Promise<Report> } | undefined
  const report = (): Promise<Report> => {
    const now = options.clock.now()
    if (last === undefined || now - last.at >= freshFor) last = { at: now, report: check(options) }
    return last.report
  }
  const router = Router()
  router.get('/live', (_request, response) => answer(response, 200, { live: true }))
  router.get('/ready', async (_request, response) => {
    const result = await report()
    answer(response, result.ready ? 200 : 503, result)
  })
  return router
}

function answer(response: Response, status: number, body: object): void {
  response.status(status).set('cache-control', 'no-store').json(body)
}

async function check({ checks, clock }: HealthOptions): Promise<Report> {
  const run = async ([name, one]: [string, HealthCheck]): Promise<[string, Result]> => [
    name,
    await resultOf(one, clock),
  ]
  const results = await Promise.all(Object.entries(checks).map(run))
  const ready = results.every(([, result]) => result === 'ok')
  return { ready, checks: Object.fromEntries(results) }
}

async function resultOf(one: HealthCheck, clock: Clock): Promise<Result> {
  const giveUp = new AbortController()
  try {
    return await Promise.race([
      one().then((): Result => 'ok'),
      clock.sleep(timeout, giveUp.signal).then((): Result => 'failed'),
    ])
  } catch {
    return 'failed'
  } finally {
    giveUp.abort()
  }
}
