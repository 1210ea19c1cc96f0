import type { FileFacts, PassingFile } from '../model/file.ts'

/** `moov` of a film of some hours; what is larger is not looked into. */
const largestIndex = 4_000_000
const mostBoxes = 200
const mostTracks = 20
const longest = 7 * 86_400_000
const largestSide = 100_000

type Box = { readonly type: string; readonly body: Buffer }

/** Boxes that follow each other in memory (ISO/IEC 14496-12, 4.2); a broken one ends the list. */
function boxesIn(buffer: Buffer): Box[] {
  const boxes: Box[] = []
  let at = 0
  while (at + 8 <= buffer.length && boxes.length < mostBoxes) {
    const size = buffer.readUInt32BE(at)
    // 64-bit sizes and "up to the end" do not occur inside `moov`.
    if (size < 8 || at + size > buffer.length) break
    const type = buffer.toString('latin1', at + 4, at + 8)
    boxes.push({ type, body: buffer.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

const find = (boxes: readonly Box[], type: string): Buffer | undefined =>
  boxes.find((box) => box.type === type)?.body

/** Walks the outermost boxes, of which all but one are too large to be read. */
async function readIndex(file: PassingFile): Promise<Buffer | undefined> {
  let at = 0
  for (let n = 0; n < mostBoxes && at + 16 <= file.size; n += 1) {
    const head = await file.read(at, 16)
    if (head.length < 16) return undefined
    const isLong = head.readUInt32BE(0) === 1
    const size = isLong ? Number(head.readBigUInt64BE(8)) : head.readUInt32BE(0)
    const headSize = isLong ? 16 : 8
    if (size < headSize) return undefined
    if (head.toString('latin1', 4, 8) === 'moov')
      return size > largestIndex ? undefined : file.read(at + headSize, size - headSize)
    at += size
  }
  return undefined
}

function durationIn(header: Buffer | undefined): number | undefined {
  if (header === undefined || header.length < 32) return undefined
  const isLong = header[0] === 1
  const scale = header.readUInt32BE(isLong ? 20 : 12)
  const ticks = isLong ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16)
  const duration = Math.round((ticks / scale) * 1000)
  return duration > 0 && duration <= longest ? duration : undefined
}

/** Of the picture as shown: phones film upright by turning it with the matrix of the track header. */
function sidesIn(header: Buffer | undefined): Pick<FileFacts, 'width' | 'height'> {
  const start = header?.[0] === 1 ? 52 : 40
  if (header === undefined || header.length < start + 44) return {}
  const isTurned = header.readInt32BE(start) === 0 && header.readInt32BE(start + 4) !== 0
  const sides = [header.readUInt32BE(start + 36), header.readUInt32BE(start + 40)]
  const [width = 0, height = 0] = sides.map((side) => Math.round(side / 65_536))
  if (width < 1 || height < 1 || width > largestSide || height > largestSide) return {}
  return isTurned ? { width: height, height: width } : { width, height }
}

type Track = { readonly kind: string; readonly header: Buffer | undefined }

function tracksIn(index: readonly Box[]): Track[] {
  const tracks = index.filter(({ type }) => type === 'trak').slice(0, mostTracks)
  return tracks.map(({ body }) => {
    const boxes = boxesIn(body)
    const handler = find(boxesIn(find(boxes, 'mdia') ?? Buffer.alloc(0)), 'hdlr')
    return { kind: handler?.toString('latin1', 8, 12) ?? '', header: find(boxes, 'tkhd') }
  })
}

/**
 * What an MP4 or QuickTime file says of itself in its index: nothing of the film is decoded. Empty
 * where there is no index, as in what is made for streaming.
 */
export async function inspectMp4(file: PassingFile): Promise<Omit<FileFacts, 'mediaType'>> {
  const moov = await readIndex(file)
  if (moov === undefined) return {}
  const index = boxesIn(moov)
  const tracks = tracksIn(index)
  const video = tracks.find(({ kind }) => kind === 'vide')
  const duration = durationIn(find(index, 'mvhd'))
  return {
    ...(duration === undefined ? {} : { duration }),
    ...(video === undefined
      ? {}
      : { ...sidesIn(video.header), isSilent: tracks.every(({ kind }) => kind !== 'soun') }),
  }
}
