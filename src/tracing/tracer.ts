import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as Spans,
} from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { Change } from '../model/change.ts'
import type { Clock, Log } from '../model/clock.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Exchange, Tracer } from '../model/tracer.ts'
import { rootOf, type RootIds } from './ids.ts'

export type TracingDeps = {
  readonly exporter: SpanExporter
  /** Of all messages, 0 to 1. Which ones, their ids say: a message is told whole or not at all. */
  readonly share: number
  readonly version: string
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

export type Tracing = {
  readonly tracer: Tracer
  /** Sends what is still here, as far as `within` milliseconds reach. */
  readonly close: (within: number) => Promise<void>
}

/** Characters of whatever others have a say in. */
const longest = 500

/** Follows messages as OpenTelemetry's spans, which go to `exporter` in batches; what it cannot take is dropped. */
export function createTracing(deps: TracingDeps): Tracing {
  const tell = listenToTroubles(deps.log)
  const ids = createIds()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'footbridge',
      'service.version': deps.version,
    }),
    sampler: new TraceIdRatioBasedSampler(deps.share),
    idGenerator: ids.generator,
    spanProcessors: [new BatchSpanProcessor(deps.exporter)],
  })
  const spans = provider.getTracer('footbridge')
  const current = new AsyncLocalStorage<Span>()
  return {
    tracer: {
      job: followJob({ spans, current, ids, clock: deps.clock }),
      request: followRequest(spans, current),
    },
    async close(within) {
      const late = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => late.resolve(undefined), within)
      await Promise.race([
        provider.shutdown().catch((error: unknown) => tell(String(error))),
        late.promise,
      ])
      clearTimeout(timer)
    },
  }
}

/** Random ids, but for a root, whose ids are known before. */
function createIds() {
  let root: RootIds | undefined
  const generator: IdGenerator = {
    generateTraceId: () => root?.traceId ?? randomBytes(16).toString('hex'),
    generateSpanId: () => root?.spanId ?? randomBytes(8).toString('hex'),
  }
  return {
    generator,
    /** `start` must start one span, at once. */
    asRoot(ids: RootIds, start: () => Span): Span {
      root = ids
      try {
        return start()
      } finally {
        root = undefined
      }
    },
  }
}

type Following = {
  readonly spans: Spans
  readonly current: AsyncLocalStorage<Span>
  readonly ids: ReturnType<typeof createIds>
  readonly clock: Pick<Clock, 'now'>
}

function followJob({ spans, current, ids, clock }: Following): Tracer['job'] {
  /** From when the message was accepted to the end of the first try: what waited shows as a gap. */
  const beginMessage = (job: Job, root: RootIds): Span | undefined => {
    if (job.trace !== undefined || job.claims > 0) return undefined
    const options = { root: true, startTime: job.addedAt, kind: SpanKind.CONSUMER }
    const attributes = { 'footbridge.key': job.key.slice(0, longest) }
    return ids.asRoot(root, () => spans.startSpan(job.kind, { ...options, attributes }))
  }
  return async (job, run) => {
    const root = rootOf(job)
    const message = beginMessage(job, root)
    const parent = { ...root, traceFlags: TraceFlags.SAMPLED, isRemote: true }
    const span = spans.startSpan(
      `${job.kind} try ${job.claims + 1}`,
      { startTime: clock.now(), attributes: attributesOf(job) },
      trace.setSpanContext(ROOT_CONTEXT, parent),
    )
    try {
      const result = await current.run(span, run)
      span.setAttribute('footbridge.outcome', 'park' in result ? 'parked' : result.outcome)
      // Our own work by the clock begins itself anew for ever: each time it is a trace of its own.
      const isByClock = job.kind === 'upkeep' && job.trace === undefined
      return isByClock ? result : passedOn(result, root.traceId)
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end(clock.now())
      message?.end(clock.now())
    }
  }
}

const attributesOf = ({
  kind,
  key,
  host,
  attempts,
}: Job): Readonly<Record<string, string | number>> => ({
  'footbridge.kind': kind,
  'footbridge.key': key.slice(0, longest),
  'footbridge.attempts': attempts,
  ...(host === undefined ? {} : { 'server.address': host }),
})

/** Jobs that a job makes belong to its message. */
function passedOn(result: JobResult, traceId: string): JobResult {
  if ('park' in result) return result
  const pass = (change: Change): Change =>
    change.change === 'enqueue' ? { ...change, job: { ...change.job, trace: traceId } } : change
  return { ...result, changes: result.changes.map(pass) }
}

function followRequest(spans: Spans, current: AsyncLocalStorage<Span>): Tracer['request'] {
  return async (exchange, run) => {
    const job = current.getStore()
    if (job === undefined) return run()
    const span = spans.startSpan(
      `${exchange.method} ${exchange.side}`,
      { kind: SpanKind.CLIENT, attributes: placeOf(exchange) },
      trace.setSpan(ROOT_CONTEXT, job),
    )
    try {
      const response = await run()
      span.setAttribute('http.response.status_code', response.status)
      return response
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }
}

function placeOf({ method, url }: Exchange): Readonly<Record<string, string>> {
  const parsed = URL.parse(url)
  return {
    'http.request.method': method,
    'server.address': (parsed?.host ?? '').slice(0, longest),
    'url.path': (parsed?.pathname ?? '').slice(0, longest),
  }
}

function fail(span: Span, error: unknown): void {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, longest)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

/** Not being heard is told once, and once more when it has been well for a while. */
const quiet = 3_600_000

/** What goes wrong with sending concerns no message: the library tells it here alone. */
function listenToTroubles(log: Log): (what: string) => void {
  let toldAt = -Infinity
  const tell = (what: string): void => {
    const now = performance.now()
    if (now - toldAt < quiet) return
    toldAt = now
    log.warn({ what: what.slice(0, longest) }, 'traces could not be sent')
  }
  const silent = (): void => undefined
  const logger = { error: tell, warn: tell, info: silent, debug: silent, verbose: silent }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return tell
}
