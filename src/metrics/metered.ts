import type { Clock } from '../model/clock.ts'
import type { Http } from '../model/http.ts'
import type { Meter, Side } from '../model/meter.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

/** The same, with every exchange counted. */
export function metered(
  http: Http,
  side: Side,
  { meter, clock }: { readonly meter: Meter | undefined; readonly clock: Pick<Clock, 'now'> },
): Http {
  if (meter === undefined) return http
  return async (request) => {
    const { method, url } = request
    const began = clock.now()
    const seconds = (): number => (clock.now() - began) / 1_000
    try {
      const response = await http(request)
      meter.requested(side, { method, url, status: response.status, seconds: seconds() })
      return response
    } catch (error) {
      const isAnswer = error instanceof TransientError || error instanceof RejectedError
      const status = isAnswer ? error.status : undefined
      const answered = status === undefined ? {} : { status }
      meter.requested(side, { method, url, ...answered, seconds: seconds() })
      throw error
    }
  }
}
