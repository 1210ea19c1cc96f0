import type { Deps } from './ports.ts'
import type { FileFacts } from '../model/file.ts'
import type { Media } from '../model/media.ts'
import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

/** Larger files, and those beyond so many, go out without what they say of themselves. */
const mostBytes = 50 * 1024 * 1024
const mostFiles = 4
/** Milliseconds for one file: its message waits. */
const timeout = 30_000

const isUntold = ({ kind, duration, size = 0 }: Media): boolean =>
  (kind === 'audio' || kind === 'video') && duration === undefined && size <= mostBytes

async function look(mxc: Mxc, deps: Deps): Promise<FileFacts | undefined> {
  const fetched = await deps.readFile(mxc, { maxBytes: mostBytes, timeout })
  if (fetched === undefined) return undefined
  try {
    return await deps.look(fetched.file, fetched.facts)
  } finally {
    await fetched.file.discard()
  }
}

/**
 * How long those films and recordings are of which their client does not say it: their bytes are read
 * for that. What cannot be read is no reason for a message to wait.
 */
export async function looksOf(
  media: readonly Media[] | undefined,
  deps: Deps,
): Promise<ReadonlyMap<Mxc, FileFacts>> {
  const looks = new Map<Mxc, FileFacts>()
  for (const { mxc } of (media ?? []).filter(isUntold).slice(0, mostFiles)) {
    try {
      const facts = await deps.inTurn(deps.identity.serverName, () => look(mxc, deps))
      if (facts !== undefined) looks.set(mxc, facts)
    } catch (error) {
      if (!(error instanceof RejectedError) && !(error instanceof TransientError)) throw error
      deps.log.info({ mxc, reason: error.message }, 'how long a file is cannot be told')
    }
  }
  return looks
}
