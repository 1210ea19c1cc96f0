import type { Attachment } from '../model/note.ts'
import type { FoundMedia } from './fetch-media.ts'
import type { MatrixAction, MessageMedia, MessageText } from '../model/action.ts'
import type { EventId, Mxc } from '../model/ids.ts'
import type { UploadedFile } from '../model/upload.ts'
import { moveEmoticons } from '../translate/emoticons.ts'
import { fileName } from '../translate/file-name.ts'

type Content = Readonly<Record<string, unknown>>

/** Matrix has no place for the language of a text yet; who translates or reads aloud needs it. */
const languageField = 'org.footbridge.language'

/** Content of a message that is text alone. */
export function textContent(text: MessageText): Content {
  return {
    msgtype: text.msgtype,
    body: text.body,
    ...(text.html === undefined
      ? {}
      : { format: 'org.matrix.custom.html', formatted_body: text.html }),
    'm.mentions': text.mentions.length === 0 ? {} : { user_ids: text.mentions },
    ...(text.url === undefined ? {} : { external_url: text.url }),
    ...(text.language === undefined ? {} : { [languageField]: text.language }),
  }
}

/** Content of a notice that names nobody: no phone rings. */
export const noticeContent = (body: string, html?: string): Content =>
  textContent({ msgtype: 'm.notice', body, mentions: [], ...(html === undefined ? {} : { html }) })

/** Such a notice in place of an event; `shown` is for clients that know no edits. */
export const noticeInPlaceOf = (eventId: EventId, notice: Content, shown: string): Content => ({
  ...noticeContent(`* ${shown}`),
  'm.new_content': notice,
  'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
})

/** The text with its pictures as they stand on our homeserver; those that could not be had stay names. */
export function withPictures(text: MessageText, found: FoundMedia): MessageText {
  const { html, emojis } = text
  if (html === undefined || emojis === undefined) return text
  return { ...text, html: moveEmoticons(html, emojis, ({ url }) => found.get(url)?.mxc) }
}

/** Content of a reaction; with a picture in place of its key (MSC4027, not merged) where there is one. */
export function reactionContent(
  { target, key }: Extract<MatrixAction, { do: 'react' }>,
  picture: Mxc | undefined,
): Content {
  const relation = { rel_type: 'm.annotation', event_id: target, key: picture ?? key }
  const name = picture === undefined ? {} : { 'com.beeper.reaction.shortcode': key, shortcode: key }
  return { ...name, 'm.relates_to': relation }
}

type Form = {
  readonly msgtype: 'm.image' | 'm.video' | 'm.audio' | 'm.file'
  readonly mimetype: string
}

/** Opened, these are pages and programs. */
const markup = /^(?:text\/html|image\/svg\+xml|application\/xml)$/
/** What Matrix clients show and play by themselves; anything else of these kinds is a file. */
const images = /^image\/(?:png|apng|jpeg|gif|webp|avif)$/
const videos = /^video\/(?:mp4|x-m4v|webm|ogg|quicktime|matroska|3gpp)$/
const sounds = /^audio\/(?:mpeg|mp4|x-m4a|aac|ogg|flac|wav|webm)$/
/** Hold sound as well as films: what they were sent as decides. */
const containers = /^(?:video\/(?:mp4|webm|ogg|quicktime|matroska|3gpp)|application\/ogg)$/

/** What its server says that it is: something to see or to hear, or any file. */
function claimOf({ mediaType = '', type }: Attachment): string | undefined {
  const kinds = ['image', 'video', 'audio']
  const [kind = ''] = mediaType.toLowerCase().split('/')
  return kinds.find((one) => one === kind) ?? kinds.find((one) => one === type.toLowerCase())
}

/** By what it is. Undefined for what should not be opened, or claims to be shown and cannot. */
function formOf(attachment: Attachment, mimetype: string): Form | undefined {
  if (markup.test(mimetype)) return undefined
  const claim = claimOf(attachment)
  if (claim === 'audio' && containers.test(mimetype))
    return { msgtype: 'm.audio', mimetype: mimetype.replace(/^[a-z]+/, 'audio') }
  if (images.test(mimetype)) return { msgtype: 'm.image', mimetype }
  if (videos.test(mimetype)) return { msgtype: 'm.video', mimetype }
  if (sounds.test(mimetype)) return { msgtype: 'm.audio', mimetype }
  const isWhatItClaims = claim === undefined || /^(?:image|video|audio)\//.test(mimetype)
  return isWhatItClaims ? { msgtype: 'm.file', mimetype } : undefined
}

/** Cameras turn a JPEG by a note in its header, which its server has read; we have where we looked at it. */
function sidesOf(attachment: Attachment, file: UploadedFile): Content {
  const { width, height } = attachment
  const isRaw = file.mediaType === 'image/jpeg' && file.blurhash === undefined
  const isTurned = isRaw && width === file.height && height === file.width
  const sides = isTurned || file.width === undefined ? attachment : file
  return sides.width === undefined || sides.height === undefined
    ? {}
    : { w: sides.width, h: sides.height }
}

/** Longer ones are films without sound. */
const longestLoop = 60_000

/** What replaced the animated GIF: sent as a picture, or short and silent. No server says it in words. */
function isLoop({ type, mediaType, duration }: Attachment, file: UploadedFile): boolean {
  const isPicture = /^(?:image|gifv)$/i.test(type) || /^image\//i.test(mediaType ?? '')
  const length = file.duration ?? duration ?? Infinity
  return isPicture || (file.isSilent === true && length <= longestLoop)
}

const loopFlags: Content = {
  'fi.mau.gif': true,
  'fi.mau.loop': true,
  'fi.mau.autoplay': true,
  'fi.mau.hide_controls': true,
  'fi.mau.no_audio': true,
}

function thumbnailOf(thumbnail: UploadedFile | undefined): Content {
  if (thumbnail === undefined) return {}
  const { mediaType: mimetype, size, width: w, height: h } = thumbnail
  const sides = w === undefined || h === undefined ? {} : { w, h }
  return { thumbnail_url: thumbnail.mxc, thumbnail_info: { mimetype, size, ...sides } }
}

/** MSC4193, not merged: clients that do not know it show the text line above. */
const spoilerKey = 'page.codeberg.everypizza.msc4193.spoiler'

function spoilerOf(reason: string | undefined): Content {
  if (reason === undefined) return {}
  return { [spoilerKey]: true, ...(reason === '' ? {} : { [`${spoilerKey}.reason`]: reason }) }
}

export type MessageFiles = { readonly file: UploadedFile; readonly thumbnail?: UploadedFile }

/**
 * Content of a message that shows a file, with its caption (MSC2530). Undefined when the file is
 * nothing that can be shown: the fallback has to say it.
 */
export function fileContent(
  caption: MessageText,
  { attachment, spoiler }: MessageMedia,
  { file, thumbnail }: MessageFiles,
): Content | undefined {
  const form = formOf(attachment, file.mediaType)
  if (form === undefined) return undefined
  const { msgtype, mimetype } = form
  const duration = msgtype === 'm.image' ? undefined : (file.duration ?? attachment.duration)
  const blurhash = attachment.blurhash ?? file.blurhash
  const filename = fileName(attachment, mimetype)
  return {
    ...textContent(caption),
    msgtype,
    body: caption.body === '' ? filename : caption.body,
    filename,
    url: file.mxc,
    info: {
      mimetype,
      size: file.size,
      ...sidesOf(attachment, file),
      ...(duration === undefined ? {} : { duration }),
      ...(blurhash === undefined ? {} : { 'xyz.amorgan.blurhash': blurhash }),
      ...thumbnailOf(thumbnail),
      ...(msgtype === 'm.video' && isLoop(attachment, file) ? loopFlags : {}),
    },
    ...spoilerOf(spoiler),
  }
}
