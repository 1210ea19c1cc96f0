import type { Change } from '../model/change.ts'
import type { FileFacts } from '../model/file.ts'
import type { KnownForFediverse } from './known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Media, MediaKind, PublishedMedia, Thumbnail } from '../model/media.ts'
import type { ObjectId } from '../model/ids.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { OutgoingAttachment, OutgoingNote } from '../model/outgoing.ts'
import { safeName } from '../model/target.ts'
import { element, renderHtml } from './html-tree.ts'

/** As many as receivers read at all. */
export const maxFiles = 32
/** As many as Mastodon keeps. */
const shownFiles = 4
/** Pixelfed refuses a file that claims to be larger, pixels; nobody needs to be told. */
const maxPixels = 5_000
const maxLabel = 100

/** What the ends of file names mean, for clients that do not tell the type. */
const typesByEnd: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pdf: 'application/pdf',
}

const kindTypes: Readonly<Record<MediaKind, OutgoingAttachment['type']>> = {
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  file: 'Document',
}

function mediaTypeOf({ mediaType, name = '' }: Media): string | undefined {
  if (mediaType !== undefined && mediaType !== 'application/octet-stream') return mediaType
  const end = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(typesByEnd, end) ? typesByEnd[end] : mediaType
}

/** The type counts, not how the client sent it: a picture sent as a file is a picture. */
function typeOf(media: Media): OutgoingAttachment['type'] {
  const mediaType = mediaTypeOf(media)
  if (mediaType === undefined) return kindTypes[media.kind]
  // A program in the guise of a picture is shown by nobody.
  if (mediaType.startsWith('image/')) return /svg/.test(mediaType) ? 'Document' : 'Image'
  if (mediaType.startsWith('video/')) return 'Video'
  return mediaType.startsWith('audio/') ? 'Audio' : 'Document'
}

/** What its client says of it, else what was found by looking at it. */
function measured(media: Media, found: FileFacts | undefined): Media {
  const { width, height, duration } = found ?? {}
  const hasSides = media.width !== undefined && media.height !== undefined
  return {
    ...media,
    ...(duration === undefined || media.duration !== undefined ? {} : { duration }),
    ...(width === undefined || height === undefined || hasSides ? {} : { width, height }),
  }
}

type Icon = NonNullable<OutgoingAttachment['icon']>

function toIcon({ mediaType, width, height }: Thumbnail, url: string): Icon {
  const hasSides = width !== undefined && height !== undefined
  return {
    url,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(hasSides ? { width, height } : {}),
  }
}

type Urls = { readonly url: string; readonly iconUrl?: string }

function toAttachment(media: Media, { url, iconUrl }: Urls): OutgoingAttachment {
  const { width, height, duration, blurhash, thumbnail } = media
  const type = typeOf(media)
  const mediaType = mediaTypeOf(media)
  // A file that is only a link needs words to be clicked on.
  const label = type === 'Document' && media.name !== undefined ? safeName(media.name, 255) : ''
  const name = media.alt ?? (label === '' ? undefined : label)
  const hasSize = width !== undefined && height !== undefined && type !== 'Audio'
  const isSmall = hasSize && width <= maxPixels && height <= maxPixels
  return {
    type,
    url,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(name === undefined ? {} : { name }),
    ...(isSmall ? { width, height } : {}),
    ...(duration !== undefined && (type === 'Audio' || type === 'Video') ? { duration } : {}),
    ...(blurhash === undefined ? {} : { blurhash }),
    ...(thumbnail === undefined || iconUrl === undefined
      ? {}
      : { icon: toIcon(thumbnail, iconUrl) }),
  }
}

const mediaUrl = (id: string, { publicUrl }: KnownForFediverse): string =>
  `${publicUrl}/media/${id}`

/** A file that comes with one part of a note. */
export type PartFile = { readonly media: Media; readonly part: number }

/** How many ids it takes to publish them. */
export const idsFor = (media: readonly Media[]): number =>
  media.reduce((sum, { thumbnail }) => sum + (thumbnail === undefined ? 1 : 2), 0)

export type Files = {
  readonly attachments: readonly OutgoingAttachment[]
  readonly changes: readonly Change[]
}

/**
 * The files of a note, each under a URL that is made with it. `had`: those it has already, which
 * keep their URLs.
 */
export function filesOf(
  object: ObjectId,
  files: readonly PartFile[],
  { known, had = [] }: { known: KnownForFediverse; had?: readonly PublishedMedia[] },
): Files {
  const kept = new Set<string>()
  const fresh: Change[] = []
  const unused = known.ids.media.values()
  const urlOf = (media: Media | Thumbnail, part: number): string => {
    const before = had.find(({ id, mxc }) => mxc === media.mxc && !kept.has(id))
    const id = before?.id ?? unused.next().value
    if (id === undefined) throw new Error(`no id for a file of ${object}`)
    kept.add(id)
    if (before === undefined)
      fresh.push({ change: 'put-media', media: publish(id, { media, part }, { object, known }) })
    return mediaUrl(id, known)
  }
  const attachments = files.slice(0, maxFiles).map(({ media, part }) => {
    const url = urlOf(media, part)
    const { thumbnail } = media
    const icon = thumbnail === undefined ? {} : { iconUrl: urlOf(thumbnail, part) }
    return toAttachment(measured(media, known.looks.get(media.mxc)), { url, ...icon })
  })
  const dropped = had
    .filter(({ id }) => !kept.has(id))
    .map(({ id }): Change => ({ change: 'drop-media', id, at: known.now }))
  return { attachments, changes: [...fresh, ...dropped] }
}

type Published = { readonly media: Media | Thumbnail; readonly part: number }

function publish(
  id: string,
  { media, part }: Published,
  { object, known }: { object: ObjectId; known: KnownForFediverse },
): PublishedMedia {
  const { mxc, size } = media
  const name = 'name' in media ? media.name : undefined
  const mediaType = 'kind' in media ? mediaTypeOf(media) : media.mediaType
  return {
    ...{ id, mxc, object, part, createdAt: known.now },
    ...(name === undefined ? {} : { name }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(size === undefined ? {} : { size }),
  }
}

/** Whose files they are that a note has: the part that each came with. */
function partsIn(known: KnownForFediverse): (file: OutgoingAttachment) => number {
  const { media: had = [], mapping: { part = 0 } = {} } = known.target ?? {}
  const parts = new Map(had.map((file) => [mediaUrl(file.id, known), file.part]))
  return ({ url }) => parts.get(url) ?? part
}

/** The files of a note without those of one of the messages that it was made of. */
export function filesWithout(
  part: number,
  attachments: readonly OutgoingAttachment[],
  known: KnownForFediverse,
): Files {
  const partOf = partsIn(known)
  const gone = known.target?.media.filter((file) => file.part === part) ?? []
  return {
    attachments: attachments.filter((file) => partOf(file) !== part),
    changes: [
      ...gone.map(({ id }): Change => ({ change: 'drop-media', id, at: known.now })),
      ...forgetFiles(
        gone.map(({ id }) => id),
        known.ids.activity,
      ),
    ],
  }
}

/**
 * The files of a note after one of the messages it was made of was edited: those of other messages
 * stay, and words edited alone change no file.
 */
export function editedFiles(
  { kind, media }: MatrixEvent & { type: 'edit' },
  { id, note }: ObjectRecord,
  known: KnownForFediverse,
): Files {
  const before = note?.attachments ?? []
  if (kind !== 'media') return { attachments: before, changes: [] }
  const { media: had = [], mapping: { part = 0 } = {} } = known.target ?? {}
  const partOf = partsIn(known)
  const others = before.filter((file) => partOf(file) !== part)
  const first = before.findIndex((file) => partOf(file) === part)
  const at = first === -1 ? others.length : first
  const mine = had.filter((file) => file.part === part)
  const files = media.map((one) => ({ media: one, part }))
  const { attachments, changes } = filesOf(id, files, { known, had: mine })
  const dropped = changes.flatMap((one) => (one.change === 'drop-media' ? [one.id] : []))
  return {
    attachments: [...others.slice(0, at), ...attachments, ...others.slice(at)],
    changes: [...changes, ...forgetFiles(dropped, known.ids.activity)],
  }
}

/** Links to the files that many servers leave out, to stand below the text: one a line. */
export const linksToMore = (attachments: readonly OutgoingAttachment[]): string =>
  linksToFiles(attachments.slice(shownFiles))

export function linksToFiles(attachments: readonly OutgoingAttachment[]): string {
  const links = attachments.map(({ url, name }) => {
    const label = name === undefined ? '' : safeName(name, maxLabel)
    return element('p', [element('a', [label === '' ? url : label], { href: url })])
  })
  return renderHtml(links)
}

/** The text of a note without those links. */
export function withoutLinks({ content, attachments }: OutgoingNote): string {
  const links = linksToMore(attachments)
  return links !== '' && content.endsWith(links) ? content.slice(0, -links.length) : content
}

/** Removes the copies of files that nobody may have any more; committed with what takes them away. */
export function forgetFiles(ids: readonly string[], why: string): Change[] {
  if (ids.length === 0) return []
  const key = `forget-media ${why}`
  const payload = JSON.stringify({ type: 'forget-media', ids })
  return [{ change: 'enqueue', job: { kind: 'upkeep', key, lane: `upkeep:${key}`, payload } }]
}
