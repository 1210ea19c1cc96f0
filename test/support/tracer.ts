import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { createTracing } from '../../src/tracing/tracer.ts'
import type { Tracer } from '../../src/model/tracer.ts'

/** Keeps what it got when it is closed, too. */
class Kept extends InMemorySpanExporter {
  override async shutdown(): Promise<void> {
    return undefined
  }
}

const silent = (): void => undefined

/** Follows messages; `traces` ends that, and answers everything that was told. */
export function createRecordingTracer(
  now: () => number,
  share = 1,
): { readonly tracer: Tracer; readonly traces: () => Promise<readonly ReadableSpan[]> } {
  const exporter = new Kept()
  const log = { debug: silent, info: silent, warn: silent, error: silent }
  const tracing = createTracing({ exporter, share, version: '1.2.3', clock: { now }, log })
  return {
    tracer: tracing.tracer,
    async traces() {
      await tracing.close(5_000)
      return exporter.getFinishedSpans()
    },
  }
}

/** Everything that others have a say in. */
export const textOf = (spans: readonly ReadableSpan[]): string =>
  JSON.stringify(
    spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  )
