import type { Http, HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { Time } from './time.ts'

/** `homeserver`, or the host of a fediverse server. */
export type Side = string

/** `timeout`: not done, no answer. `cut-answer`: done, no answer. `fail-500`, `limit`: not done, and said so. */
export type Trouble = 'timeout' | 'cut-answer' | 'fail-500' | 'limit'

/** What the network does to one exchange after another. */
export type Weather = {
  /** One way, milliseconds. */
  latency(): number
  isAway(side: Side): boolean
  /** For a call of the bridge to `side`. */
  trouble(side: Side): Trouble | undefined
  /** For a call of `side` to the bridge. */
  troubleToBridge(side: Side): 'timeout' | 'cut-answer' | undefined
  /** How many more copies of one activity arrive at the same time. */
  extraCopies(): number
}

export const calm: Weather = {
  latency: () => 1,
  isAway: () => false,
  trouble: () => undefined,
  troubleToBridge: () => undefined,
  extraCopies: () => 0,
}

const noAnswer = ({ url }: HttpRequest): TransientError => new TransientError(`${url}: no answer`)

const refusal = (trouble: 'fail-500' | 'limit'): HttpResponse => {
  const body = trouble === 'limit' ? { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2000 } : {}
  return {
    status: trouble === 'limit' ? 429 : 500,
    headers: { 'content-type': 'application/json', 'retry-after': '2' },
    body: Buffer.from(JSON.stringify({ error: trouble, ...body })),
  }
}

type Network = {
  readonly weather: Weather
  readonly time: Time
  /** How often whoever answers was started again. */
  readonly restarts?: () => number
}

/**
 * `http` as it is reached through that weather. What is done stays done although nobody waits for the
 * answer any more; what a process has not begun to do when it ends is done by none, since a request
 * ends with its connection, and a connection with the process at its other end.
 */
export function through(
  http: Http,
  sideOf: (request: HttpRequest) => Side,
  { weather, time, restarts = () => 0 }: Network,
): Http {
  return async (request) => {
    const side = sideOf(request)
    const before = restarts()
    await time.clock.sleep(weather.latency())
    if (weather.isAway(side) || restarts() !== before) throw noAnswer(request)
    const trouble = weather.trouble(side)
    if (trouble === 'timeout') {
      await time.clock.sleep(request.timeout)
      throw noAnswer(request)
    }
    if (trouble === 'fail-500' || trouble === 'limit') return refusal(trouble)
    const response = await http(request)
    await time.clock.sleep(weather.latency())
    if (trouble === 'cut-answer') throw noAnswer(request)
    return response
  }
}
