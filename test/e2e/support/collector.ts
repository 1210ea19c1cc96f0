import { text } from 'node:stream/consumers'
import { startLoopback } from '../../net/loopback.ts'

/** The parts of a span, as OTLP spells it in JSON, that tests look at. */
export type Span = {
  readonly traceId: string
  readonly spanId: string
  /** Absent or empty: nothing. */
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly intValue?: number }
  }[]
}

type Sent = {
  readonly resourceSpans: readonly {
    readonly resource: Pick<Span, 'attributes'>
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

/** Takes traces as OTLP over HTTP, as a collector of OpenTelemetry does. */
export type Collector = {
  readonly url: string
  /** Everything that it was sent, as it came. */
  text(): string
  spans(): readonly Span[]
  stop(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const bodies: string[] = []
  const { origin, close } = await startLoopback((req, res) => {
    const isTaken = req.method === 'POST' && req.url === '/v1/traces'
    void text(req).then((body) => {
      if (isTaken) bodies.push(body)
      res.writeHead(isTaken ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
    })
  })
  return {
    url: `${origin}/v1/traces`,
    text: () => bodies.join('\n'),
    spans: () =>
      bodies
        .flatMap((body) => (JSON.parse(body) as Sent).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    stop: close,
  }
}

/** What a span says under that name. */
export const saidBy = ({ attributes }: Pick<Span, 'attributes'>, name: string): unknown => {
  const value = attributes.find(({ key }) => key === name)?.value
  return value?.stringValue ?? value?.intValue
}

/** Each span of the trace that the job of that key began, with the name of what it is part of. */
export function treeOf(spans: readonly Span[], key: string): readonly string[] {
  const isRoot = ({ parentSpanId = '' }: Span): boolean => parentSpanId === ''
  const root = spans.find((span) => isRoot(span) && saidBy(span, 'footbridge.key') === key)
  const trace = spans.filter(({ traceId }) => traceId === root?.traceId)
  const names = new Map(trace.map(({ spanId, name }) => [spanId, name]))
  return trace.map((span) =>
    isRoot(span) ? span.name : `${names.get(span.parentSpanId ?? '') ?? 'nothing'} > ${span.name}`,
  )
}
