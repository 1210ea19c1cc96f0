import type { Clock } from '../model/clock.ts'
import type { FetchedFile, Files } from '../model/file.ts'
import type { Http } from '../model/http.ts'
import { RejectedError } from '../model/errors.ts'
import { failureOf, getFollowing } from './follow.ts'

export type FileBounds = {
  readonly maxBytes: number
  /** Milliseconds, for all of it. */
  readonly timeout: number
}

type FileDeps = {
  readonly http: Http
  readonly clock: Clock
  readonly userAgent: string
  readonly files: Files
}

/**
 * Fetches any file, along redirects, to where it passes through; the caller discards it.
 * `RejectedError` besides those of the network: `empty-file`.
 */
export async function fetchFile(
  url: string,
  bounds: FileBounds,
  { http, clock, userAgent, files }: FileDeps,
): Promise<FetchedFile> {
  const headers = { accept: '*/*', 'user-agent': userAgent }
  const file = await files.create()
  try {
    const request = { url, headers: () => Promise.resolve(headers), ...bounds, sink: file }
    const landed = await getFollowing({ http, clock }, request)
    const failure = failureOf(landed, clock.now())
    if (failure !== undefined) throw failure
    if (file.size === 0) throw new RejectedError(`${landed.url} is empty`, { code: 'empty-file' })
    return { file, facts: await files.inspect(file) }
  } catch (error) {
    await file.discard()
    throw error
  }
}
