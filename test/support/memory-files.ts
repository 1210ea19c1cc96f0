import { createInspector } from '../../src/files/inspect.ts'
import type { Files, PassingFile } from '../../src/model/file.ts'

export type MemoryFiles = Files & {
  /** Files that nobody has discarded yet. */
  open(): number
}

/** Files in passing without a disk: nothing waits for the world outside, so that virtual time works. */
export async function createMemoryFiles(): Promise<MemoryFiles> {
  const { inspect, load } = createInspector()
  await load()
  let open = 0
  return {
    inspect,
    // Nothing is decoded here: that takes a process.
    look: async (_, facts) => facts,
    open: () => open,
    async create(): Promise<PassingFile> {
      const chunks: Buffer[] = []
      let size = 0
      open += 1
      return {
        get size() {
          return size
        },
        write(chunk) {
          chunks.push(Buffer.from(chunk))
          size += chunk.length
        },
        read: async (start, length) => Buffer.concat(chunks).subarray(start, start + length),
        async *chunks() {
          yield* chunks
        },
        async discard() {
          open -= 1
        },
      }
    },
  }
}
