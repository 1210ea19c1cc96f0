/** ISO base media files name their brand after `ftyp`: AVIF still images and sequences. */
const isAvif = (bytes: Buffer): boolean =>
  /^ftypavi[fs]$/.test(bytes.toString('latin1', 4, 12)) ||
  // A `mif1` file lists AVIF among the brands that it is compatible with.
  (bytes.toString('latin1', 4, 12) === 'ftypmif1' &&
    bytes.toString('latin1', 16, Math.min(bytes.readUInt32BE(0), 64)).includes('avif'))

/** What the bytes are, whatever their server calls them; undefined for no image that we know. */
export function imageTypeOf(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 12)
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif'
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp'
  return bytes.length >= 16 && isAvif(bytes) ? 'image/avif' : undefined
}
