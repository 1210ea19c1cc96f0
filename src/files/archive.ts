import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'
import type { Archive, ArchiveEntry, PassingFile } from '../model/file.ts'

/** Bytes given to the packer at once: the rest of the process waits for it. */
const pieceSize = 65_536
/** Of an entry beside its bytes and its name, which stands there twice: headers, sizes and checksum. */
const overhead = 200

async function* piecesOf(entry: ArchiveEntry): AsyncIterable<Uint8Array> {
  if (typeof entry.content !== 'string') {
    yield* entry.content
    return
  }
  const bytes = Buffer.from(entry.content)
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize)
}

/**
 * A zip (PKWARE APPNOTE) that is written into a file in passing, entry by entry: what is packed is on
 * disk before more is asked for. Without the 64-bit form, so for less than 4 GB.
 */
export function createArchive(file: PassingFile): Archive {
  let ready: Uint8Array[] = []
  let broken: unknown
  const zip = new Zip((error, chunk) => {
    if (error === null) ready.push(chunk)
    else broken = error
  })
  const write = async (): Promise<void> => {
    if (broken !== undefined) throw new Error('a zip cannot be made', { cause: broken })
    const chunks = ready
    ready = []
    for (const chunk of chunks) await file.write(chunk)
  }
  let directory = 0
  return {
    file,
    get size() {
      return file.size + directory
    },
    async add(entry) {
      const packed = entry.isPacked
        ? new ZipPassThrough(entry.name)
        : new ZipDeflate(entry.name, { level: 6 })
      packed.mtime = entry.at
      zip.add(packed)
      directory += overhead + Buffer.byteLength(entry.name)
      for await (const piece of piecesOf(entry)) {
        // A copy: the packer keeps what it is given, and the bytes are written over.
        packed.push(Uint8Array.from(piece))
        await write()
      }
      packed.push(new Uint8Array(0), true)
      await write()
    },
    async end() {
      zip.end()
      await write()
    },
  }
}
