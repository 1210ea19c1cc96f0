import type { HttpHead, HttpSink } from '../model/http.ts'
import type { Mxc } from '../model/ids.ts'
import { TransientError } from '../model/errors.ts'
import { downloadPath } from './media.ts'
import type { HomeserverAccess } from './request.ts'

/** The whole of a large file over a slow line; that nothing comes for a while ends it much sooner. */
const longest = 24 * 3_600_000

/** What the homeserver says of a file before its bytes. */
export type MediaHead = {
  /** Bytes of the whole file; absent where it does not say. */
  readonly size?: number
  /** Where in the file the bytes begin that come now: some give all of it, whatever was asked for. */
  readonly start: number
}

export type MediaReading = {
  /** A part of it: both bytes are wanted. */
  readonly range?: { readonly first: number; readonly last: number }
  readonly signal: AbortSignal
  /** Told before the first byte; with undefined nothing is read. */
  readonly take: (head: MediaHead) => HttpSink | undefined
}

/** Of `bytes 5-9/100`, or of a whole answer. */
function headOf({ status, headers }: HttpHead): MediaHead | undefined {
  if (status === 200) {
    const length = headers['content-length']
    const isPlain = headers['content-encoding'] === undefined
    return { start: 0, ...(length === undefined || !isPlain ? {} : { size: Number(length) }) }
  }
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  if (status !== 206 || first === undefined) return undefined
  return { start: Number(first), ...(size === '*' ? {} : { size: Number(size) }) }
}

/** Calls `onIdle` when it is not fed for so long. While `isPaused`, it waits for somebody else. */
function createWatch(milliseconds: number, onIdle: () => void) {
  let isPaused = false
  const timer = setTimeout(() => {
    if (isPaused) timer.refresh()
    else onIdle()
  }, milliseconds)
  return {
    pause: () => void (isPaused = true),
    feed() {
      isPaused = false
      timer.refresh()
    },
    end: () => clearTimeout(timer),
  }
}

/**
 * Reads files of the homeserver piece by piece, by authenticated media (spec 1.11). Answers false
 * when there is no such file any more. `TransientError` when the homeserver is away, refuses, or
 * stops in the middle; what the sink or the signal throws comes as it is.
 */
export function createMediaStream(
  access: Pick<HomeserverAccess, 'http' | 'baseUrl' | 'asToken'>,
  /** Milliseconds without a byte after which the homeserver counts as away. */
  patience = 30_000,
): (mxc: Mxc, reading: MediaReading) => Promise<boolean> {
  return async (mxc, { range, signal, take }) => {
    const path = downloadPath(mxc)
    if (path === undefined) return false
    const over = new AbortController()
    const watch = createWatch(patience, () => over.abort(away(mxc, 'nothing came')))
    const sink = (head: HttpHead): HttpSink | undefined => {
      if (head.status !== 200 && head.status !== 206) return undefined
      const known = headOf(head)
      if (known === undefined) throw away(mxc, 'it does not say which part it gives', head.status)
      const taker = take(known)
      return taker && fed(taker, watch)
    }
    try {
      const { status } = await access.http({
        method: 'GET',
        url: `${access.baseUrl}${path}`,
        headers: {
          authorization: `Bearer ${access.asToken}`,
          'accept-encoding': 'identity',
          ...(range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` }),
        },
        timeout: longest,
        maxBytes: Number.MAX_SAFE_INTEGER,
        signal: AbortSignal.any([signal, over.signal]),
        sink,
      })
      if (status === 200 || status === 206) return true
      if (status === 404) return false
      throw away(mxc, `status ${status}`, status)
    } finally {
      watch.end()
    }
  }
}

const away = (mxc: Mxc, why: string, status?: number): TransientError =>
  new TransientError(`media ${mxc}: ${why}`, {
    of: 'homeserver',
    ...(status === undefined ? {} : { status }),
  })

const fed = (sink: HttpSink, watch: ReturnType<typeof createWatch>): HttpSink => ({
  write(chunk) {
    watch.feed()
    const taken = sink.write(chunk)
    if (taken === undefined) return undefined
    watch.pause()
    return taken.then(watch.feed)
  },
})
