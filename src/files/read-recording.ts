import { parseBlob, TrackType, type IFormat } from 'music-metadata'
import { largestPiece, mostRecordingBytes, type Order, type RecordingFacts } from './facts.ts'

/** As many bytes from there on as there are; throws when they cannot be had. */
export type ReadAt = (start: number, length: number) => Promise<Uint8Array>

const pagesKept = 8

/** A file by its pages, of which some are kept: parsers read a few bytes at a time, back and forth. */
function pagesOf(size: number, readAt: ReadAt) {
  // A Map iterates in the order of insertion.
  const pages = new Map<number, Promise<Uint8Array>>()
  let left = mostRecordingBytes
  const fetch = async (page: number): Promise<Uint8Array> => {
    const start = page * largestPiece
    const length = Math.min(largestPiece, size - start)
    left -= length
    if (left < 0) throw new Error('more was to be read than is worth it')
    return readAt(start, length)
  }
  return (page: number): Promise<Uint8Array> => {
    const known = pages.get(page) ?? fetch(page)
    pages.delete(page)
    pages.set(page, known)
    const [oldest] = pages.keys()
    if (pages.size > pagesKept && oldest !== undefined) pages.delete(oldest)
    return known
  }
}

/** As much of a Blob as the parsers use. */
function blobOf({ size, mediaType: type }: Order, readAt: ReadAt): Blob {
  const pageAt = pagesOf(size, readAt)
  const copy = async (start: number, end: number): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(end - start)
    for (let at = start; at < end;) {
      const page = Math.floor(at / largestPiece)
      const first = page * largestPiece
      const piece = (await pageAt(page)).subarray(at - first, end - first)
      if (piece.length === 0) throw new Error('the file is shorter than it was')
      bytes.set(piece, at - start)
      at += piece.length
    }
    return bytes.buffer
  }
  const slice = (start = 0, end = size) => ({
    arrayBuffer: () => copy(start, Math.min(end, size)),
  })
  return { size, type, slice } as unknown as Blob
}

/** Of the first film in it, as players show it. */
function sidesIn({ trackInfo }: IFormat): Pick<RecordingFacts, 'width' | 'height'> {
  const { video } = trackInfo.find(({ type }) => type === TrackType.video) ?? {}
  // Other units than pixels are a ratio of the sides.
  const isShownAs = (video?.displayUnit ?? 0) === 0
  const width = (isShownAs ? video?.displayWidth : undefined) ?? video?.pixelWidth
  const height = (isShownAs ? video?.displayHeight : undefined) ?? video?.pixelHeight
  return width === undefined || height === undefined ? {} : { width, height }
}

/**
 * What a film or a recording says of itself. Nothing of it is decoded, and its tags and pictures are
 * passed over. Throws what the parser throws. An MP3 whose head does not say how long it is goes by
 * the size of its first frames, or, where these differ, by all of them.
 */
export async function readRecording(order: Order, readAt: ReadAt): Promise<RecordingFacts> {
  const { format } = await parseBlob(blobOf(order, readAt), {
    duration: true,
    skipCovers: true,
    skipPostHeaders: true,
    mkvUseIndex: true,
  })
  const { duration, hasVideo, hasAudio } = format
  return {
    ...(duration === undefined ? {} : { duration: Math.round(duration * 1000) }),
    ...sidesIn(format),
    ...(hasVideo === true && hasAudio !== undefined ? { isSilent: !hasAudio } : {}),
  }
}
