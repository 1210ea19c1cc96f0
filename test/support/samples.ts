import { deflateSync } from 'node:zlib'

/** Small files of many kinds, made here: real enough for whoever reads their headers. */

const be = (value: number, bytes = 4): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

const le = (value: number, bytes: number): Buffer => be(value, bytes).reverse()

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

function crc(bytes: Buffer): number {
  let c = 0xffffffff
  for (const byte of bytes) c = (crcTable[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  return Buffer.concat([be(body.length), named, be(crc(named))])
}

/** A PNG that any viewer shows: one colour, made of `shade` (0 to 255). */
export function pngOf(width: number, height: number, shade = 128): Buffer {
  const row = Buffer.alloc(1 + width * 3, shade)
  row[0] = 0
  const header = Buffer.concat([be(width), be(height), Buffer.from([8, 2, 0, 0, 0])])
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The headers of a JPEG; `before` bytes of camera data stand in front of its size. */
export function jpegOf(width: number, height: number, before = 0): Buffer {
  const camera: Buffer[] = []
  for (let left = before; left > 0; left -= 65_000) {
    const body = Buffer.alloc(Math.min(left, 65_000), 1)
    camera.push(Buffer.from([0xff, 0xe1]), be(body.length + 2, 2), body)
  }
  const frame = [be(17, 2), Buffer.from([8]), be(height, 2), be(width, 2), Buffer.alloc(10, 1)]
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...camera,
    Buffer.from([0xff, 0xc0]),
    ...frame,
    Buffer.from([0xff, 0xd9]),
  ])
}

export const gifOf = (width: number, height: number): Buffer =>
  Buffer.concat([Buffer.from('GIF89a'), le(width, 2), le(height, 2), Buffer.from([0, 0, 0, 0x3b])])

export const webpOf = (width: number, height: number): Buffer =>
  Buffer.concat([
    Buffer.from('RIFF'),
    le(22, 4),
    Buffer.from('WEBPVP8X'),
    le(10, 4),
    Buffer.alloc(4),
    le(width - 1, 3),
    le(height - 1, 3),
  ])

const box = (type: string, ...bodies: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(bodies)
  return Buffer.concat([be(body.length + 8), Buffer.from(type, 'latin1'), body])
}

const upright = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000]
const turned = [0, 0x10000, 0, 0xffff0000, 0, 0, 0, 0, 0x40000000]

type Film = {
  readonly width: number
  readonly height: number
  /** Milliseconds. */
  readonly duration: number
  readonly hasSound?: boolean
  readonly isTurned?: boolean
  readonly brand?: string
  /** Bytes of film between the head and the index. */
  readonly size?: number
}

const track = (kind: string, header: Buffer): Buffer =>
  box('trak', header, box('mdia', box('hdlr', Buffer.alloc(8), Buffer.from(kind), be(0))))

/** The boxes of an MP4 with its index at the end, as cameras write it. */
export function mp4Of(film: Film): Buffer {
  const { width, height, duration, hasSound = true, isTurned = false } = film
  const matrix = (isTurned ? turned : upright).map((n) => be(n))
  const header = box(
    'tkhd',
    Buffer.alloc(40),
    ...matrix,
    be(width * 65_536, 4),
    be(height * 65_536, 4),
  )
  const movie = box('mvhd', Buffer.alloc(12), be(1_000), be(duration), Buffer.alloc(80))
  return Buffer.concat([
    box('ftyp', Buffer.from(film.brand ?? 'isom'), be(0x200), Buffer.from('isomavc1')),
    box('mdat', Buffer.alloc(film.size ?? 1_000, 7)),
    box('moov', movie, track('vide', header), ...(hasSound ? [track('soun', header)] : [])),
  ])
}

/** An MP3 behind a tag of that many bytes, which may hold a picture. */
export function mp3Of(tag: number): Buffer {
  const size = Buffer.from([(tag >> 21) & 127, (tag >> 14) & 127, (tag >> 7) & 127, tag & 127])
  const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0]), Buffer.alloc(413)])
  return Buffer.concat([Buffer.from('ID3\x03\0\0'), size, Buffer.alloc(tag), frame, frame])
}

export const pdf = Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n', 'latin1')
export const oggOf = (codec: string): Buffer =>
  Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(22), Buffer.from(codec), Buffer.alloc(40)])
export const html = Buffer.from('\n<!DOCTYPE html>\n<html><body>Not found</body></html>')
export const svg = Buffer.from(
  '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
)
