import { safeName } from '../model/names.ts'

/** Extensions of what posts usually carry; the first of several is the usual one. */
const extensions: readonly (readonly [mediaType: string, extensions: string])[] = [
  ['image/png', 'png'],
  ['image/apng', 'png apng'],
  ['image/jpeg', 'jpg jpeg jfif'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
  ['image/avif', 'avif'],
  ['video/mp4', 'mp4 m4v'],
  ['video/x-m4v', 'm4v mp4'],
  ['video/webm', 'webm'],
  ['video/quicktime', 'mov qt'],
  ['video/matroska', 'mkv'],
  ['video/ogg', 'ogv ogg'],
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg oga opus'],
  ['audio/mp4', 'm4a mp4'],
  ['audio/x-m4a', 'm4a'],
  ['audio/aac', 'aac'],
  ['audio/flac', 'flac'],
  ['audio/wav', 'wav'],
  ['audio/webm', 'weba webm'],
  ['application/pdf', 'pdf'],
  ['application/zip', 'zip docx xlsx pptx odt ods odp epub cbz apk jar'],
]

const usual = new Map(extensions.map(([type, names]) => [type, names.split(' ')]))

const extensionOf = (name: string): string | undefined =>
  /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase()

function lastSegment(url: string): string {
  const segment =
    URL.parse(url)
      ?.pathname.split('/')
      .findLast((part) => part !== '') ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/**
 * A name under which the file can be saved: its own, and with an extension that fits what it is,
 * because systems open files by that.
 */
export function fileName(
  file: { readonly url: string; readonly name?: string },
  mediaType: string,
): string {
  // Some software puts the name of a file into its description.
  const stated =
    file.name !== undefined && isFileName(file.name) ? file.name : lastSegment(file.url)
  const name = safeName(stated.replace(/[/\\:*?"<>|]/g, '_'), 120) || 'file'
  const fitting = usual.get(mediaType)
  if (fitting === undefined || fitting.includes(extensionOf(name) ?? '')) return name
  return `${name}.${fitting[0] ?? ''}`
}

/** With its dot, of what the file is said to be, or else of its name; empty where neither says it. */
export function usualExtension(file: {
  readonly name?: string | undefined
  readonly mediaType?: string | undefined
}): string {
  const extension = usual.get(file.mediaType ?? '')?.[0] ?? extensionOf(file.name ?? '')
  return extension === undefined ? '' : `.${extension}`
}

/** Words with an extension, and no sentence that ends in one. */
export const isFileName = (text: string): boolean =>
  /^[^\n/\\]{1,100}\.(?=[a-z0-9]*[a-z])[a-z0-9]{2,5}$/i.test(text) && text.split(' ').length <= 6
