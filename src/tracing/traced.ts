import type { Http } from '../model/http.ts'
import type { Job, JobKind } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Side } from '../model/meter.ts'
import type { Tracer } from '../model/tracer.ts'

type Handlers = Readonly<Record<JobKind, (job: Job) => Promise<JobResult>>>

/** The same, with every try followed. */
export function tracedHandlers(handlers: Handlers, tracer: Tracer | undefined): Handlers {
  if (tracer === undefined) return handlers
  const traced =
    (kind: JobKind) =>
    (job: Job): Promise<JobResult> =>
      tracer.job(job, () => handlers[kind](job))
  return {
    activity: traced('activity'),
    event: traced('event'),
    delivery: traced('delivery'),
    upkeep: traced('upkeep'),
  }
}

/** The same, with every exchange followed. */
export function tracedHttp(http: Http, side: Side, tracer: Tracer | undefined): Http {
  if (tracer === undefined) return http
  return (request) => {
    const { method, url } = request
    return tracer.request({ side, method, url }, () => http(request))
  }
}
