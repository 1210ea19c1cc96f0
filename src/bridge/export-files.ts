import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { ExportPlace, OwnFile } from '../model/export.ts'
import type { FetchedFile } from '../model/file.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { pathOf, type Filling } from './export-texts.ts'

const atOnce = 50
/** Milliseconds for one file of our own homeserver. */
const timeout = 120_000
/** Tries of the whole after which a file that is not given is left out. */
const patience = 3

/** Undefined: there is none any more. `too-large`: it does not fit into that many bytes. */
async function readWithin(
  { mxc }: OwnFile,
  { maxBytes, failures }: { readonly maxBytes: number; readonly failures: number },
  deps: Deps,
): Promise<FetchedFile | 'too-large' | undefined> {
  if (maxBytes <= 0) return 'too-large'
  try {
    return await deps.readFile(mxc, { maxBytes, timeout })
  } catch (error) {
    if (error instanceof RejectedError && error.code === 'too-large') return 'too-large'
    const isOver = error instanceof TransientError && error.of === 'remote' && failures >= patience
    if (error instanceof RejectedError || isOver) return undefined
    throw error
  }
}

type Added = {
  /** Where it goes on; undefined: that was everything. */
  readonly place: ExportPlace | undefined
  readonly files: number
  readonly missing: number
}

/**
 * Adds the next files of their posts while there is room. One that fits into no archive, because the
 * homeserver takes less now than it did, counts as missing, as does one that it has no more.
 */
export async function addFiles(
  actor: ActorId,
  { archive, place, budget, failures }: Filling,
  deps: Deps,
): Promise<Added> {
  let [files, missing, after] = [0, 0, place.files]
  const isEmpty = (): boolean => files === 0 && archive.size < budget / 2
  for (;;) {
    const page = await deps.store.filesBy(actor, after, atOnce)
    for (const file of page) {
      const read = await readWithin(file, { maxBytes: budget - archive.size, failures }, deps)
      if (read === 'too-large' && !isEmpty())
        return { place: { ...place, files: after }, files, missing }
      after = file.seq
      if (read === undefined || read === 'too-large') {
        missing += 1
        continue
      }
      try {
        const entry = { name: pathOf(file), isPacked: true, at: deps.clock.now() }
        await archive.add({ ...entry, content: read.file.chunks() })
      } finally {
        await read.file.discard()
      }
      files += 1
    }
    if (page.length < atOnce) return { place: undefined, files, missing }
  }
}
