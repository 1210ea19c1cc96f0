import type { FileFacts } from '../model/file.ts'

/** What can be known of a picture only by decoding it; sides as it is shown. */
export type PictureFacts = Required<Pick<FileFacts, 'width' | 'height' | 'blurhash'>>

/** Larger than what servers of the fediverse let through. */
export const mostPixels = 17_000_000
/** A decoder of films takes ten times the memory for it. */
export const mostAvifPixels = 9_000_000
/** What is larger is not taken into memory, wherever. */
export const mostBytes = 20_000_000

/** Waves of a blurhash each way: more along the longer side. */
export function components(sides: {
  readonly width: number
  readonly height: number
}): readonly [x: number, y: number] {
  return sides.width >= sides.height ? [4, 3] : [3, 4]
}
