import type { FileFacts, Files, PassingFile } from '../model/file.ts'
import { inspectMp4 } from './mp4.ts'

/** Loaded when the first file comes: most of the time there is none. */
async function loadLibraries() {
  const [{ fileTypeFromBuffer }, { imageDimensionsFromData }] = await Promise.all([
    import('file-type'),
    import('image-dimensions'),
  ])
  return { fileTypeFromBuffer, imageDimensionsFromData }
}

type Libraries = Awaited<ReturnType<typeof loadLibraries>>

/** As much as `file-type` asks for. */
const signatureSize = 4_100
/** Cameras put previews and colour profiles before the size of a JPEG. */
const headerSizes = [65_536, 1_048_576]
const largestSide = 100_000

const unknown = 'application/octet-stream'
const measured = new Set(['image/png', 'image/apng', 'image/jpeg', 'image/gif', 'image/webp'])
measured.add('image/avif')
const isoMedia = new Set(['video/mp4', 'video/quicktime', 'video/x-m4v', 'audio/mp4'])
isoMedia.add('audio/x-m4a')

/** What browsers run or render as a page, SVG among it. */
const isMarkup = (text: string): boolean =>
  /^\s*<(?:!--|!doctype\b|\?xml\b|(?:html|head|body|script|svg|meta|title|iframe)\b)/i.test(text)

/** Without the characters that no text has; a sequence that is cut at the end is no fault. */
function isText(bytes: Buffer): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(bytes.toString('latin1'))) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return bytes.length > 0
  } catch {
    return false
  }
}

async function typeOf(head: Buffer, { fileTypeFromBuffer }: Libraries): Promise<string> {
  const text = head.toString('latin1', 0, 1_000).replace(/^\xef\xbb\xbf/, '')
  if (isMarkup(text)) return /<svg\b/i.test(text) ? 'image/svg+xml' : 'text/html'
  const mime = (await fileTypeFromBuffer(head))?.mime.split(';')[0]
  return mime ?? (isText(head) ? 'text/plain' : unknown)
}

async function sidesOf(
  file: PassingFile,
  { imageDimensionsFromData }: Libraries,
): Promise<Pick<FileFacts, 'width' | 'height'>> {
  for (const size of headerSizes) {
    const head = await file.read(0, size)
    const { width = 0, height = 0 } = imageDimensionsFromData(head) ?? {}
    const isSound = [width, height].every((side) => side >= 1 && side <= largestSide)
    if (isSound) return { width, height }
    if (head.length < size) break
  }
  return {}
}

/**
 * Says by its first bytes what a file is. Only headers are read and nothing is decoded, so that the
 * cost is bounded whatever the file claims to hold. `load` before the first call makes all later
 * ones free of input and output of their own.
 */
export function createInspector(): {
  readonly inspect: Files['inspect']
  readonly load: () => Promise<void>
} {
  let loaded: Libraries | undefined
  const load = async (): Promise<Libraries> => (loaded ??= await loadLibraries())
  return {
    load: async () => {
      await load()
    },
    async inspect(file) {
      const libraries = loaded ?? (await load())
      const mediaType = await typeOf(await file.read(0, signatureSize), libraries)
      if (measured.has(mediaType)) return { mediaType, ...(await sidesOf(file, libraries)) }
      return isoMedia.has(mediaType) ? { mediaType, ...(await inspectMp4(file)) } : { mediaType }
    },
  }
}
