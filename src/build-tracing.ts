import type { Config } from './config/config.ts'
import type { Clock, Log } from './model/clock.ts'
import type { Tracing } from './tracing/tracer.ts'
import { version } from './version.ts'

/** One sending of what was gathered, milliseconds. */
const timeoutMillis = 10_000

/** Undefined where nobody wants to follow anything: then nothing of it is even loaded. */
export async function buildTracing(
  { tracing }: Config,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined
  const { url, share } = tracing
  const { createTracing } = await import('./tracing/tracer.ts')
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
  const exporter = new OTLPTraceExporter({ url, timeoutMillis })
  return createTracing({ ...parts, exporter, share, version })
}
