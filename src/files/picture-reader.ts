/**
 * Decodes pictures, in a process of its own: whatever a hostile one does to a decoder, it does here.
 * Each comes in pieces over the channel, ended by an empty one; one answer for each.
 */
import { encode } from 'blurhash'
import sharp from 'sharp'
import { components, mostPixels, type PictureFacts } from './picture-facts.ts'

/** A blurhash holds a handful of waves: more pixels would not be seen in it. */
const side = 32

sharp.cache(false)
sharp.concurrency(1)

async function read(bytes: Buffer): Promise<PictureFacts | undefined> {
  try {
    const picture = sharp(bytes, { limitInputPixels: mostPixels, sequentialRead: true })
    // Turned as the camera was held.
    const { autoOrient } = await picture.metadata()
    const { data, info } = await picture
      .autoOrient()
      .resize(side, side, { fit: 'inside' })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const [x, y] = components(autoOrient)
    const blurhash = encode(new Uint8ClampedArray(data), info.width, info.height, x, y)
    return { ...autoOrient, blurhash }
  } catch {
    return undefined
  }
}

let pieces: Buffer[] = []

process.on('message', (piece: Uint8Array) => {
  if (piece.length > 0) {
    pieces.push(Buffer.from(piece))
    return
  }
  const bytes = Buffer.concat(pieces)
  pieces = []
  void read(bytes).then((facts) => process.send?.({ facts }))
})
process.on('disconnect', () => process.exit())
