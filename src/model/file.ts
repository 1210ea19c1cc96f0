import type { HttpSink, HttpSource } from './http.ts'

/**
 * A file in passing: written from its beginning to its end, then read as often as needed. It is gone
 * once it is discarded or the process ends, however it ends.
 */
export type PassingFile = HttpSource &
  HttpSink & {
    /** Fewer bytes than asked for where the file ends. */
    readonly read: (start: number, length: number) => Promise<Buffer>
    readonly discard: () => Promise<void>
  }

/** What a file is by its own bytes, whatever anybody calls it. */
export type FileFacts = {
  /** Lower case, without parameters; `application/octet-stream` for bytes that say nothing. */
  readonly mediaType: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** Milliseconds. */
  readonly duration?: number
  /** A video that has no sound; absent where that cannot be told. */
  readonly isSilent?: boolean
  /** Of a picture that was looked at. */
  readonly blurhash?: string
}

/** Whoever asked for it discards it. */
export type FetchedFile = { readonly file: PassingFile; readonly facts: FileFacts }

/** Room for files in passing. */
export type Files = {
  readonly create: () => Promise<PassingFile>
  readonly inspect: (file: PassingFile) => Promise<FileFacts>
  /** Adds what can be known only by decoding it, where it is a picture that we decode. */
  readonly look: (file: PassingFile, facts: FileFacts) => Promise<FileFacts>
}

/** One file of an archive. */
export type ArchiveEntry = {
  /** Path in it. */
  readonly name: string
  readonly content: string | AsyncIterable<Uint8Array>
  /** Its bytes cannot be made fewer: pictures, films. */
  readonly isPacked?: boolean
  /** Its date, milliseconds since the epoch. */
  readonly at: number
}

/** A zip that is being made; whoever asked for it discards its file. */
export type Archive = {
  readonly file: PassingFile
  /** Bytes that it has by now, or will have when it ends here. */
  readonly size: number
  readonly add: (entry: ArchiveEntry) => Promise<void>
  readonly end: () => Promise<void>
}
