/** Small recordings and films of many kinds, made here: real enough for whoever asks how long they are. */

const text = (value: string): Buffer => Buffer.from(value, 'latin1')

const be = (value: number, bytes = 4): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

const le = (value: number, bytes = 4): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

/** 8-bit mono PCM, 8,000 samples a second: a byte for each sample. `claimed`: bytes that its head tells of. */
export function wavOf(milliseconds: number, claimed?: number): Buffer {
  const samples = milliseconds * 8
  const format = [le(1, 2), le(1, 2), le(8_000), le(8_000), le(1, 2), le(8, 2)]
  return Buffer.concat([
    ...[text('RIFF'), le(36 + samples), text('WAVEfmt '), le(16), ...format],
    ...[text('data'), le(claimed ?? samples), Buffer.alloc(samples, 128)],
  ])
}

const flacBlock = (type: number, body: Buffer, isLast = false): Buffer =>
  Buffer.concat([Buffer.from([type + (isLast ? 128 : 0)]), be(body.length, 3), body])

/** `picture`: bytes of a cover. 48,000 samples a second, mono, 16 bits. */
export function flacOf(milliseconds: number, picture = 0): Buffer {
  const head = Buffer.alloc(34)
  head.writeBigUInt64BE((48_000n << 44n) | (15n << 36n) | BigInt(milliseconds * 48), 10)
  const cover = picture === 0 ? [] : [flacBlock(6, Buffer.alloc(picture, 9))]
  const blocks = [flacBlock(0, head), ...cover, flacBlock(1, Buffer.alloc(4), true)]
  return Buffer.concat([text('fLaC'), ...blocks, Buffer.alloc(2_000, 0x55)])
}

type Page = { flags: number; granule: number; number: number; body: Buffer }

function oggPage({ flags, granule, number, body }: Page): Buffer {
  const head = Buffer.alloc(27)
  head.write('OggS', 0, 'latin1')
  head[5] = flags
  head.writeBigUInt64LE(BigInt(granule), 6)
  head.writeUInt32LE(7, 14)
  head.writeUInt32LE(number, 18)
  const segments = Math.floor(body.length / 255) + 1
  head[26] = segments
  const sizes = Buffer.alloc(segments, 255)
  sizes[segments - 1] = body.length % 255
  return Buffer.concat([head, sizes, body])
}

function oggOf(heads: readonly [Buffer, Buffer], granule: number, pages: number): Buffer {
  const [first, second] = heads
  const sound = Array.from({ length: pages }, (_, index) => {
    const isLast = index === pages - 1
    const at = Math.round(((index + 1) / pages) * granule)
    const body = Buffer.alloc(4_000, 0x54)
    return oggPage({ flags: isLast ? 4 : 0, granule: at, number: index + 2, body })
  })
  return Buffer.concat([
    oggPage({ flags: 2, granule: 0, number: 0, body: first }),
    oggPage({ flags: 0, granule: 0, number: 1, body: second }),
    ...sound,
  ])
}

/** `pages`: of sound, 4 kB each. */
export function opusOf(milliseconds: number, pages = 20): Buffer {
  const parts = [text('OpusHead'), Buffer.from([1, 1]), le(312, 2), le(48_000), Buffer.alloc(3)]
  const tags = Buffer.concat([text('OpusTags'), le(4), text('test'), le(0)])
  return oggOf([Buffer.concat(parts), tags], milliseconds * 48 + 312, pages)
}

export function vorbisOf(milliseconds: number): Buffer {
  const rates = [le(0), le(96_000), le(0), Buffer.from([0xb8, 1])]
  const head = Buffer.concat([text('\x01vorbis'), le(0), Buffer.from([1]), le(44_100), ...rates])
  const tags = Buffer.concat([text('\x03vorbis'), le(4), text('test'), le(0), Buffer.from([1])])
  return oggOf([head, tags], Math.round(milliseconds * 44.1), 20)
}

/** MPEG 1, layer 3, 44.1 kHz: kbit/s by their place in the header. */
const bitrates = { 64: 5, 128: 9, 192: 11 } as const
type Bitrate = keyof typeof bitrates

function mp3Frame(rate: Bitrate, info?: Buffer): Buffer {
  const frame = Buffer.alloc(Math.floor((144 * rate * 1_000) / 44_100))
  Buffer.from([0xff, 0xfb, bitrates[rate] << 4, 0]).copy(frame)
  // Behind the header and the side information of a stereo frame.
  info?.copy(frame, 36)
  return frame
}

const id3 = (bytes: number): Buffer => {
  const parts = [21, 14, 7, 0].map((shift) => (bytes >> shift) & 127)
  return Buffer.concat([text('ID3\x03\0\0'), Buffer.from(parts)])
}

/** An ID3 tag with a picture of that many bytes. */
export function id3Picture(size: number): Buffer {
  const body = Buffer.concat([text('\0image/png\0\x03\0'), Buffer.alloc(size, 9)])
  return Buffer.concat([id3(body.length + 10), text('APIC'), be(body.length), be(0, 2), body])
}

/** Frames of 1,152 samples. `frames`: how many its first one tells of, where it tells of any. */
export function mp3Of(rates: readonly Bitrate[], frames?: number): Buffer {
  const xing = Buffer.concat([text('Xing'), be(3), be(frames ?? 0), be(rates.length * 417)])
  const head = frames === undefined ? [] : [mp3Frame(128, xing)]
  return Buffer.concat([...head, ...rates.map((rate) => mp3Frame(rate))])
}

/** An element of EBML (RFC 8794); `size` may lie. */
export function ebml(id: string, body: Buffer, size = body.length): Buffer {
  const length = be(size, 6)
  return Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([0x01, 0]), length, body])
}

const double = (value: number): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeDoubleBE(value)
  return buffer
}

export const webmHead = ebml('1a45dfa3', ebml('4282', text('webm')))

type Film = {
  /** Milliseconds; absent as in what a browser records. */
  readonly duration?: number
  readonly video?: { readonly width: number; readonly height: number }
  readonly hasSound?: boolean
  readonly clusters?: number
}

export function webmOf({ duration, video, hasSound = true, clusters = 3 }: Film): Buffer {
  const length = duration === undefined ? [] : [ebml('4489', double(duration))]
  const info = ebml('1549a966', Buffer.concat([ebml('2ad7b1', be(1_000_000, 3)), ...length]))
  const sides = video && [ebml('b0', be(video.width, 2)), ebml('ba', be(video.height, 2))]
  const entry = (kind: number, codec: string, more: Buffer): Buffer =>
    ebml(
      'ae',
      Buffer.concat([
        ...[ebml('d7', be(kind, 1)), ebml('83', be(kind, 1)), ebml('86', text(codec)), more],
      ]),
    )
  const tracks = [
    ...(sides === undefined ? [] : [entry(1, 'V_VP9', ebml('e0', Buffer.concat(sides)))]),
    ...(hasSound ? [entry(2, 'A_OPUS', ebml('e1', ebml('9f', be(1, 1))))] : []),
  ]
  const parts = Array.from({ length: clusters }, () => ebml('1f43b675', Buffer.alloc(3_000, 5)))
  const segment = [info, ebml('1654ae6b', Buffer.concat(tracks)), ...parts]
  return Buffer.concat([webmHead, ebml('18538067', Buffer.concat(segment))])
}

const box = (type: string, ...bodies: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(bodies)
  return Buffer.concat([be(body.length + 8), text(type), body])
}

/** Sound in MP4 as it is made for streaming: its index tells no length, only its fragments do. */
export function fragmentsOf(milliseconds: number): Buffer {
  const times = [Buffer.alloc(12), be(1_000), be(0)]
  const entry = [Buffer.alloc(6), be(1, 2), Buffer.alloc(8), be(2, 2), be(16, 2), be(0), be(0)]
  const stsd = box('stsd', be(0), be(1), box('mp4a', ...entry))
  const handler = box('hdlr', Buffer.alloc(8), text('soun'), Buffer.alloc(13))
  const media = [box('mdhd', ...times, be(0)), handler, box('minf', box('stbl', stsd))]
  const header = box('tkhd', be(0), be(0), be(0), be(1), Buffer.alloc(68))
  const moov = box(
    'moov',
    box('mvhd', ...times, Buffer.alloc(80)),
    box('trak', header, box('mdia', ...media)),
  )
  const samples = 10
  const run = Array.from({ length: samples }, () => [be(milliseconds / samples), be(20)]).flat()
  const trun = box('trun', be(0x000300), be(samples), ...run)
  const traf = box('traf', box('tfhd', be(0x020000), be(1)), trun)
  return Buffer.concat([
    box('ftyp', text('M4A '), be(0x200), text('isomM4A ')),
    moov,
    box('moof', box('mfhd', be(0), be(1)), traf),
    box('mdat', Buffer.alloc(200, 1)),
  ])
}
