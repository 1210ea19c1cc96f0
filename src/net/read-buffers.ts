import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** As much as one read of a socket brings. */
const size = 64 * 1024
/** Free ones that are kept. */
const mostFree = 16

type Connect = (...given: Parameters<buildConnector.connector>) => Socket

/**
 * Buffers that sockets read into, used again and again. A gigabyte that passes through would
 * otherwise be 16,000 new ones, and each few hundred of them make the garbage collector walk through
 * all that the process holds.
 */
export type ReadBuffers = {
  /** For connections whose reads go into these buffers. */
  readonly connect: buildConnector.connector
  /** What was read is done with, wherever it is: its buffer may be written over. */
  readonly release: (chunk: Uint8Array) => void
}

export function createReadBuffers(options: buildConnector.BuildOptions): ReadBuffers {
  const free: Buffer[] = []
  /** How much was read into those that are on their way. */
  const read = new WeakMap<ArrayBufferLike, number>()
  const connect: buildConnector.connector = (target, callback) => {
    const onread = {
      buffer: () => free.pop() ?? Buffer.allocUnsafeSlow(size),
      callback(bytes: number, buffer: Uint8Array): boolean {
        read.set(buffer.buffer, bytes)
        return socket.push(buffer.subarray(0, bytes))
      },
    }
    // undici passes on what it does not know to `net.connect` or `tls.connect`, and gives the socket.
    const build = buildConnector({ ...options, ...{ onread } }) as unknown as Connect
    const socket = build(target, callback)
  }
  return {
    connect,
    release(chunk) {
      // Of several pieces of one read, none is the last that somebody holds.
      if (read.get(chunk.buffer) !== chunk.byteLength || chunk.byteOffset !== 0) return
      read.delete(chunk.buffer)
      if (free.length < mostFree) free.push(Buffer.from(chunk.buffer, 0, size))
    },
  }
}
