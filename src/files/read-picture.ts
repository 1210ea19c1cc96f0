import { encode } from 'blurhash'
import sharp from 'sharp'
import { components, mostPixels, type PictureFacts } from './facts.ts'

/** A blurhash holds a handful of waves: more pixels would not be seen in it. */
const side = 32

sharp.cache(false)
sharp.concurrency(1)

/** Throws what the decoder throws. */
export async function readPicture(bytes: Buffer): Promise<PictureFacts> {
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
}
