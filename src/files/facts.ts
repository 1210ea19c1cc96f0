import type { FileFacts } from '../model/file.ts'

/** What can be known of a picture only by decoding it; sides as it is shown. */
export type PictureFacts = Required<Pick<FileFacts, 'width' | 'height' | 'blurhash'>>

/** What a film or a recording says of itself anywhere in it. */
export type RecordingFacts = Partial<Pick<FileFacts, 'width' | 'height' | 'duration' | 'isSilent'>>

/** Larger than what servers of the fediverse let through. */
export const mostPixels = 17_000_000
/** A decoder of films takes ten times the memory for it. */
export const mostAvifPixels = 9_000_000
/** What is larger is not taken into memory, wherever. */
export const mostBytes = 20_000_000
/**
 * Read of one film or recording, at most: some say how long they are only by all that they hold. What
 * has its length in its head, as most have, costs some pages of it, however large it is.
 */
export const mostRecordingBytes = 32 * 1024 * 1024
/** Bytes of one answer to the process that reads files. */
export const largestPiece = 65_536

export const largestSide = 100_000
/** A week, milliseconds. */
export const longest = 7 * 86_400_000

/** What the process that reads files is to look at. */
export type Order = {
  readonly kind: 'picture' | 'recording'
  /** Bytes of the file. */
  readonly size: number
  readonly mediaType: string
}

/** What it says: which bytes it wants to have next, or what it found; nothing where it found nothing. */
export type Word =
  | { readonly want: readonly [start: number, length: number] }
  | { readonly facts?: PictureFacts | RecordingFacts }

/** Waves of a blurhash each way: more along the longer side. */
export function components(sides: {
  readonly width: number
  readonly height: number
}): readonly [x: number, y: number] {
  return sides.width >= sides.height ? [4, 3] : [3, 4]
}
