import type { Copy, Filling, MediaCache } from './media-cache.ts'
import type { ServedFile } from '../model/media.ts'

/** What the bytes of a file are, whatever its sender called them. */
export type Facts = {
  /** For `Content-Type`. */
  readonly type: string
  /** May be shown in place by a browser. */
  readonly isInline: boolean
  /** Bytes, where the homeserver says so. */
  readonly size?: number
}

type Sink = { readonly write: (chunk: Uint8Array) => void | Promise<void> }

/**
 * Reads a file of the homeserver; false when there is none any more. `take` is told before the
 * first byte; `start` says where in the file the bytes begin that come now.
 */
export type OpenMedia = (
  mxc: ServedFile['mxc'],
  reading: {
    readonly range?: { readonly first: number; readonly last: number }
    readonly signal: AbortSignal
    readonly take: (head: { readonly size?: number; readonly start: number }) => Sink | undefined
  },
) => Promise<boolean>

export type FactsDeps = {
  readonly open: OpenMedia
  readonly cache?: MediaCache
  /** The type that the first bytes of a file show. */
  readonly typeOf: (head: Uint8Array) => string | undefined | Promise<string | undefined>
}

/** A file that can be sent now; `copy` when it is on our disk, or on its way there. */
export type Prepared = { readonly facts: Facts; readonly copy?: Copy }

/** As many of the first bytes as tell a type. */
const headSize = 4_100
const maxKnown = 1_000

/** What browsers show and cannot be a program. */
const shown: ReadonlySet<string> = new Set([
  ...['png', 'apng', 'jpeg', 'gif', 'webp', 'avif', 'heic', 'heif'].map((type) => `image/${type}`),
  ...['mp4', 'webm', 'ogg', 'quicktime', 'x-m4v'].map((type) => `video/${type}`),
  ...['mpeg', 'ogg', 'opus', 'mp4', 'x-m4a', 'aac', 'flac', 'x-flac', 'wav', 'x-wav', 'webm'].map(
    (type) => `audio/${type}`,
  ),
])

/** Sound alone looks like a film in some containers; that much its sender is believed. */
function audible(type: string, { mediaType = '' }: ServedFile): string {
  const [, container = ''] = type.split('/')
  return type.startsWith('video/') && mediaType === `audio/${container}` ? mediaType : type
}

async function describe(
  head: Uint8Array,
  media: ServedFile,
  { size, deps }: { size: number | undefined; deps: FactsDeps },
): Promise<Facts> {
  const [found = ''] = ((await deps.typeOf(head)) ?? '').split(';')
  const isInline = shown.has(found)
  const type = isInline ? audible(found, media) : 'application/octet-stream'
  return { type, isInline, ...(size === undefined ? {} : { size }) }
}

async function headOf(copy: Copy): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of copy.read(0, Math.min(headSize, copy.size))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Said to ourselves when the first bytes were all that was wanted. */
class Enough extends Error {}

/** Collects the first bytes, and a copy where there is room for one. */
class Reader {
  head = Buffer.alloc(0)
  size: number | undefined
  filling: Filling | undefined
  readonly #enough: () => void

  constructor(enough: () => void) {
    this.#enough = enough
  }

  isKnown(): boolean {
    return this.head.length >= headSize
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (!this.isKnown()) {
      this.head = Buffer.concat([this.head, chunk.subarray(0, headSize - this.head.length)])
      if (this.isKnown()) this.#enough()
    }
    try {
      await this.filling?.write(chunk)
    } catch {
      // The disk gives trouble, or the file was deleted: what is wanted of it is its head.
      this.filling = undefined
    }
    if (this.filling === undefined && this.isKnown()) throw new Enough()
  }
}

/**
 * Asks the homeserver. Resolves as soon as the type is known, while the rest of a copy still comes;
 * undefined when there is no such file.
 */
function ask(media: ServedFile, deps: FactsDeps): Promise<Facts | undefined> {
  return new Promise((resolve, reject) => {
    const reader = new Reader(() => {
      describe(reader.head, media, { size: reader.size, deps }).then(resolve, reject)
    })
    const read = async (): Promise<void> => {
      const isThere = await deps.open(media.mxc, {
        signal: new AbortController().signal,
        take: ({ size }) => {
          reader.size = size
          reader.filling = size === undefined ? undefined : deps.cache?.begin(media.id, size)
          return reader
        },
      })
      if (!isThere) {
        resolve(undefined)
        return
      }
      await reader.filling?.end()
      resolve(await describe(reader.head, media, { size: reader.size, deps }))
    }
    read().catch((error: unknown) => {
      if (error instanceof Enough) return
      const cause = error instanceof Error ? error : new Error(String(error))
      reject(cause)
      void reader.filling?.fail(cause)
    })
  })
}

/**
 * Gets files ready to be sent. A file that fits into the cache comes from our disk and is read from
 * the homeserver once, however many want it; of a larger one only the first bytes are read here.
 */
export function createFacts(deps: FactsDeps): (media: ServedFile) => Promise<Prepared | undefined> {
  // A Map iterates in the order of insertion.
  const known = new Map<string, Facts>()
  const asked = new Map<string, Promise<Facts | undefined>>()

  const remember = (id: string, facts: Facts | undefined): Facts | undefined => {
    known.delete(id)
    if (facts !== undefined) known.set(id, facts)
    const [oldest] = known.keys()
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest)
    return facts
  }

  const askOnce = (media: ServedFile): Promise<Facts | undefined> => {
    const running = asked.get(media.id)
    if (running !== undefined) return running
    const asking = ask(media, deps)
      .then((facts) => remember(media.id, facts))
      .finally(() => asked.delete(media.id))
    asked.set(media.id, asking)
    return asking
  }

  const ofCopy = async (copy: Copy, media: ServedFile): Promise<Facts | undefined> => {
    try {
      return await describe(await headOf(copy), media, { size: copy.size, deps })
    } catch {
      // It is no copy any more.
      return undefined
    }
  }

  return async (media) => {
    const { cache } = deps
    const copy = cache?.find(media.id)
    const before = known.get(media.id)
    if (copy !== undefined) {
      const facts = before ?? remember(media.id, await ofCopy(copy, media))
      if (facts !== undefined) return { facts, copy }
    }
    const mayFill = before?.size !== undefined && cache?.hasRoomFor(before.size) === true
    const facts = before !== undefined && !mayFill ? before : await askOnce(media)
    if (facts === undefined) return undefined
    const fresh = cache?.find(media.id)
    return fresh === undefined ? { facts } : { facts, copy: fresh }
  }
}
