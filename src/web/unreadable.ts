import { RejectedError, TransientError } from '../model/errors.ts'

/**
 * The status (4xx) that Express and its parsers give to a request that cannot be read. Undefined: the
 * error is not about the request; our own errors tell of another server's status.
 */
export function unreadableStatus(error: unknown): number | undefined {
  if (error instanceof TransientError || error instanceof RejectedError) return undefined
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
