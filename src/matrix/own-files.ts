import type { FetchedFile, Files, PassingFile } from '../model/file.ts'
import type { HttpSink } from '../model/http.ts'
import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import type { createMediaStream } from './media-stream.ts'

type Bounds = {
  readonly maxBytes: number
  /** Milliseconds, for all of it. */
  readonly timeout: number
}

function bounded(file: PassingFile, { maxBytes }: Bounds, mxc: Mxc): HttpSink {
  return {
    write(chunk) {
      if (file.size + chunk.length > maxBytes)
        throw new RejectedError(`media ${mxc} is too large`, { code: 'too-large' })
      return file.write(chunk)
    },
  }
}

/**
 * Reads a file of the homeserver, whole, to where it can be looked at; undefined when there is none any
 * more. `RejectedError` with code `too-large`; `TransientError` when the homeserver does not give it, or
 * not in time. The caller discards it.
 */
export function createFileReader({
  open,
  files,
}: {
  readonly open: ReturnType<typeof createMediaStream>
  readonly files: Files
}): (mxc: Mxc, bounds: Bounds) => Promise<FetchedFile | undefined> {
  return async (mxc, bounds) => {
    const signal = AbortSignal.timeout(bounds.timeout)
    const file = await files.create()
    try {
      const isThere = await open(mxc, { signal, take: () => bounded(file, bounds, mxc) })
      if (isThere) return { file, facts: await files.inspect(file) }
    } catch (cause) {
      await file.discard()
      if (!signal.aborted) throw cause
      throw new TransientError(`media ${mxc}: it takes too long`, { of: 'homeserver', cause })
    }
    await file.discard()
    return undefined
  }
}
