import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { TransientError } from '../model/errors.ts'
import type { PassingFile } from '../model/file.ts'

const pieceSize = 65_536

async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** A full disk may have room again in a moment: others are in passing, too. */
async function append(handle: FileHandle, chunk: Uint8Array, start: number): Promise<void> {
  let written = 0
  try {
    while (written < chunk.length) {
      const rest = chunk.length - written
      written += (await handle.write(chunk, written, rest, start + written)).bytesWritten
    }
  } catch (cause) {
    throw new TransientError('a file in passing cannot be written', { cause })
  }
}

/**
 * A file on disk that has no name: it was removed as soon as it was open, so that the system frees
 * it with the process, also after `kill -9`.
 */
export async function createDiskFile(folder: string): Promise<PassingFile> {
  const path = join(folder, `.footbridge-passing-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  await unlink(path)
  let size = 0
  return {
    get size() {
      return size
    },
    async write(chunk) {
      const start = size
      size += chunk.length
      await append(handle, chunk, start)
    },
    read: (start, length) => readAt(handle, start, Math.max(0, Math.min(length, size - start))),
    async *chunks() {
      for (let at = 0; at < size;) {
        const piece = await readAt(handle, at, Math.min(pieceSize, size - at))
        if (piece.length === 0) return
        at += piece.length
        yield piece
      }
    },
    discard: () => handle.close(),
  }
}
