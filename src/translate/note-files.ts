import type { Attachment, Note } from '../model/note.ts'
import type { MatrixText } from './html-to-matrix.ts'
import type { NoteTextOptions } from './note-text.ts'
import type { SensitiveMedia } from '../model/upload.ts'
import { safeName } from '../model/names.ts'
import { isFileName } from './file-name.ts'
import { toMatrixTree } from './html-to-matrix.ts'
import { isBlank, textOf } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { attachmentKind, isWarned, isWebUrl, noteToTexts, wordsOf } from './note-text.ts'

/** One message of a post: its text, with its first file where there is one, or a further file. */
export type NotePart = {
  readonly text: MatrixText
  readonly file?: {
    readonly attachment: Attachment
    readonly spoiler?: string
    readonly fallback: MatrixText
  }
}

export const mostFiles = 32

const isSensitive = (note: Note): boolean => note.sensitive || isWarned(note)

/** A link to a page is no file. */
const isFile = ({ type, mediaType = '', url }: Attachment): boolean =>
  isWebUrl(url) &&
  !/^(?:text\/html|application\/xhtml\+xml)\b/i.test(mediaType) &&
  (type.toLowerCase() !== 'link' || /^(?:image|video|audio)\//i.test(mediaType))

/** The attachments that are shown as files, each once and in order; all others are links in the text. */
export function filesOf(note: Note, sensitive: SensitiveMedia): readonly Attachment[] {
  if (isSensitive(note) && sensitive === 'link') return []
  const files = new Map<string, Attachment>()
  for (const attachment of note.attachments)
    if (isFile(attachment) && !files.has(attachment.url)) files.set(attachment.url, attachment)
  return [...files.values()].slice(0, mostFiles)
}

/** What the picture shows, for those who cannot see it; a mere file name is none. */
function altOf({ name = '' }: Attachment): string {
  const alt = safeName(name, 1500)
  return isFileName(alt) ? '' : alt
}

const veil = (note: Note, sensitive: SensitiveMedia): { readonly spoiler?: string } =>
  isSensitive(note) && sensitive === 'spoiler'
    ? { spoiler: isWarned(note) ? safeName(note.summary ?? '', 500) : '' }
    : {}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Whether the post says nothing but its files. */
export const isBare = (note: Note, words: readonly Html[] = toMatrixTree(note.content)): boolean =>
  isBlank(words) &&
  note.poll === undefined &&
  note.quote === undefined &&
  /^(?:Note|ChatMessage)$/.test(note.type)

/** Clients that know no veil have to read what others see; some people describe a picture by the words of the post. */
function linesBelow(
  note: Note,
  file: Attachment,
  { sensitive, words }: { readonly sensitive: SensitiveMedia; readonly words: readonly Html[] },
): readonly string[] {
  const alt = altOf(file)
  if (note.sensitive && !isWarned(note) && sensitive === 'spoiler')
    return [`Sensitive: ${alt === '' ? attachmentKind(file) : alt}`]
  if (alt === '' || squeezed(textOf(words)) === squeezed(alt)) return []
  return [isBare(note, words) ? alt : `🖼 ${alt}`]
}

type Options = { readonly text: NoteTextOptions; readonly sensitive: SensitiveMedia }

/** The text of a post, as the caption of its file `first` where that is given, and what of it needs further messages. */
export function textParts(
  note: Note,
  first: Attachment | undefined,
  { text, sensitive }: Options,
): readonly [NotePart, ...NotePart[]] {
  const files = new Set(filesOf(note, sensitive).map(({ url }) => url))
  const attachments = note.attachments.filter(({ url }) => !files.has(url))
  const rest = { ...note, attachments }
  if (first === undefined) return asParts(noteToTexts(rest, text))
  const words = wordsOf(note, text)
  const below = linesBelow(note, first, { sensitive, words })
  const all = [...attachments, first]
  const [fallback] = noteToTexts({ ...rest, attachments: all }, { ...text, words })
  const [caption, ...further] = asParts(noteToTexts(rest, { ...text, words, below }))
  const file = { attachment: first, ...veil(note, sensitive), fallback }
  return [{ ...caption, file }, ...further]
}

const asParts = ([first, ...rest]: ReturnType<typeof noteToTexts>): [NotePart, ...NotePart[]] => [
  { text: first },
  ...rest.map((text) => ({ text })),
]

/** Of the post nothing but whose it is, and its warning. */
const withoutText = ({ id, author, to, cc, sensitive, summary, url }: Note): Note => ({
  ...{ id, author, to, cc, sensitive },
  ...{ type: 'Note', content: '', mentions: [], attachments: [], emojis: [] },
  ...(summary === undefined ? {} : { summary }),
  ...(url === undefined ? {} : { url }),
})

/** A further file of a post, with what it shows as its caption. */
export function filePart(note: Note, file: Attachment, sensitive: SensitiveMedia): NotePart {
  const alone = withoutText(note)
  const options = { pills: new Map() }
  const below = linesBelow(alone, file, { sensitive, words: [] })
  return {
    text: noteToTexts(alone, { ...options, below })[0],
    file: {
      attachment: file,
      ...veil(note, sensitive),
      fallback: noteToTexts({ ...alone, attachments: [file] }, options)[0],
    },
  }
}
