import type { Http } from '../model/http.ts'
import type { Handlers } from '../model/job-result.ts'
import { byKind } from '../model/job.ts'
import type { Side } from '../model/meter.ts'
import type { Tracer } from '../model/tracer.ts'

/** The same, with every try followed. */
export function tracedHandlers(handlers: Handlers, tracer: Tracer | undefined): Handlers {
  if (tracer === undefined) return handlers
  return byKind((kind) => (job) => tracer.job(job, () => handlers[kind](job)))
}

/** The same, with every exchange followed. */
export function tracedHttp(http: Http, side: Side, tracer: Tracer | undefined): Http {
  if (tracer === undefined) return http
  return (request) => {
    const { method, url } = request
    return tracer.request({ side, method, url }, () => http(request))
  }
}
