import { createHash } from 'node:crypto'
import type { Job } from '../model/job.ts'

/** Hexadecimal, as OpenTelemetry wants them: 32 and 16 digits. */
export type RootIds = { readonly traceId: string; readonly spanId: string }

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * The trace that a job belongs to and the span at its root. Made from what the job is, so that each try
 * says the same, also after a restart, and nothing has to be kept for who begins a trace.
 */
export function rootOf({ trace, kind, key }: Pick<Job, 'trace' | 'kind' | 'key'>): RootIds {
  const traceId = trace ?? hashOf(`trace ${kind} ${key}`).slice(0, 32)
  return { traceId, spanId: hashOf(`root ${traceId}`).slice(0, 16) }
}
