import { safeName } from '../model/names.ts'
import type { Attachment, Note } from '../model/note.ts'
import { factsOf } from './cards.ts'
import { withEmoticons } from './emoticons.ts'
import { matrixText, toMatrixTree } from './html-to-matrix.ts'
import type { MatrixText, Pill } from './html-to-matrix.ts'
import {
  br,
  cutTree,
  element,
  isBlank,
  isBlock,
  renderHtml,
  textOf,
  textToTree,
} from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { toPlainText } from './plain-text.ts'

export type { Pill } from './html-to-matrix.ts'

export type NoteTextOptions = {
  /** By actor id, and by profile page where that differs. */
  readonly pills: ReadonlyMap<string, Pill>
  /** A line of small marks above the text (visibility). */
  readonly mark?: string
  /** Whose post this is, where another account boosted it: a handle. */
  readonly boosted?: string
  /** A file stands with this text, which may be empty then: lines about it that follow. */
  readonly below?: readonly string[]
  /** Page of the post this one answers, where that does not stand in the room. */
  readonly answers?: string
}

const maxText = 50_000
/** An event may have 65,536 bytes; what is around the text needs its share. */
const maxBytes = 56_000
const maxOptions = 100
const maxAttachments = 32

/** Types whose `content` is the post; all others are shown as a card with a link. */
const notes = new Set(['Note', 'Question', 'ChatMessage'])

const link = (text: string, href: string): Html => element('a', [text], { href })
export const isWebUrl = (url: string): boolean => /^https?:\/\//i.test(url)
const page = (note: Note): string => (isWebUrl(note.url ?? '') ? (note.url ?? '') : note.id)

export function attachmentKind(attachment: Attachment): string {
  const kind = (attachment.mediaType ?? '').split('/')[0]?.toLowerCase()
  if (kind === 'image' || kind === 'video' || kind === 'audio') return kind
  const type = attachment.type.toLowerCase()
  return ['image', 'video', 'audio', 'link'].includes(type) ? type : 'file'
}

function attachmentLine(attachment: Attachment, isSensitive: boolean): Html {
  const alt = safeName(attachment.name ?? '', 1500)
  const label = alt === '' ? attachmentKind(attachment) : alt
  return element('p', [isSensitive ? '📎 sensitive: ' : '📎 ', link(label, attachment.url)])
}

/** What the text itself does not link already. */
function attachmentLines(note: Note, text: readonly Html[]): Html[] {
  const linked = new Set<string>()
  const visit = (node: Html) => {
    if (typeof node === 'string') return
    if (node.attributes['href'] !== undefined) linked.add(node.attributes['href'])
    node.children.forEach(visit)
  }
  text.forEach(visit)
  return note.attachments
    .filter(({ url }) => isWebUrl(url) && !linked.has(url))
    .slice(0, maxAttachments)
    .map((attachment) => attachmentLine(attachment, note.sensitive))
}

function poll(question: Note['poll']): Html[] {
  const items = (question?.options ?? [])
    .slice(0, maxOptions)
    .map(({ name }) => safeName(name, 500))
    .filter((option) => option !== '')
    .map((option) => element('li', [option]))
  return items.length === 0 ? [] : [element('ul', items)]
}

/** The text of a post without what the caller puts around it. */
function contentOf(note: Note, options: NoteTextOptions): Html[] {
  const content = toMatrixTree(note.content, { pills: options.pills, mentions: note.mentions })
  const isCard = !notes.has(note.type)
  const name = safeName(note.name ?? '', 500)
  const hasHeading = name !== '' && (isCard || note.type === 'Question')
  const heading = hasHeading ? [element('p', [element('strong', [name])])] : []
  const summary = isCard ? textToTree((note.summary ?? '').slice(0, 5000)) : []
  const { nodes, isCut } = cutTree(isBlank(content) ? summary : content, maxText)
  const body = [...heading, ...factsOf(note), ...nodes, ...poll(note.poll)]
  const below = (options.below ?? []).map((line) => element('p', [line]))
  const all = [...body, ...attachmentLines(note, nodes), ...below]
  if (isCut) return [...all, element('p', [link('Read the rest', page(note))])]
  const needsLink = isCard || (all.length === 0 && options.below === undefined)
  return needsLink ? [...all, element('p', [link(page(note), page(note))])] : all
}

/** One span needs running text: paragraphs become lines, other blocks stand in it as they are. */
function spoiler(nodes: readonly Html[]): Html {
  const run = nodes.flatMap((node, index): Html[] => {
    const isParagraph = typeof node !== 'string' && node.tag === 'p'
    const inner = isParagraph ? node.children : [node]
    const previous = nodes[index - 1]
    const breaks = isParagraph && previous !== undefined && isBlock(previous)
    return breaks ? [br, br, ...inner] : [...inner]
  })
  return element('span', run, { 'data-mx-spoiler': '' })
}

export const isWarned = (note: Note): boolean =>
  notes.has(note.type) && (note.summary ?? '').trim() !== ''

/** The body is what notifications show, so it keeps what is warned of to itself. */
function warned(note: Note, content: readonly Html[], around: readonly Html[]): MatrixText {
  const line = [`CW: ${safeName(note.summary ?? '', 1000)}`]
  const warning = element('p', withEmoticons(line, note.emojis))
  if (content.length === 0) return matrixText([...around, warning])
  const hidden = element('p', ['Hidden text: ', link(page(note), page(note))])
  return {
    body: toPlainText([...around, warning, hidden]),
    html: renderHtml([...around, warning, spoiler(content)]),
  }
}

function surroundings(options: NoteTextOptions): Html[] {
  const { mark, answers, boosted } = options
  const lines: Html[] = []
  if (boosted !== undefined) lines.push(element('p', ['🔁 boosted ', element('strong', [boosted])]))
  if (mark !== undefined) lines.push(element('p', [mark]))
  if (answers !== undefined) lines.push(element('p', ['↩ ', link(answers, answers)]))
  return lines
}

const bytes = (text: string | undefined): number =>
  text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text))

function compose(note: Note, words: readonly Html[], options: NoteTextOptions): MatrixText {
  const around = surroundings(options)
  const content = withEmoticons(words, note.emojis)
  return isWarned(note) ? warned(note, content, around) : matrixText([...around, ...content])
}

/** Clients with HTML need of the body no more than a notification shows. */
function shortBody({ body, html }: MatrixText): MatrixText {
  return html === undefined || body.length <= 2000
    ? { body, ...(html === undefined ? {} : { html }) }
    : { body: `${body.slice(0, 2000).toWellFormed()}…`, html }
}

/**
 * What a person sees of a note in Matrix: never empty (but below a file), never larger than an event may be; text
 * beyond that, and beyond 50,000 characters, is left to a link.
 */
export function noteToText(note: Note, options: NoteTextOptions): MatrixText {
  const content = contentOf(note, options)
  const whole = compose(note, content, options)
  if (bytes(whole.body) + bytes(whole.html) <= maxBytes) return whole
  let text = shortBody(whole)
  for (
    let max = maxText;
    bytes(text.body) + bytes(text.html) > maxBytes;
    max = Math.floor(max / 1.5)
  ) {
    const rest = element('p', [link('Read the rest', page(note))])
    text = shortBody(compose(note, [...cutTree(content, max).nodes, rest], options))
  }
  return text
}

/** A note as one line with a link to it, where it only needs to be known that it exists. */
export function oneLine(note: Note, url: string, boosted?: string): MatrixText {
  const content = toMatrixTree(note.content, { mentions: note.mentions })
  const text = isWarned(note) ? `CW: ${note.summary ?? ''}` : textOf(content)
  const line = safeName(text, 200) || safeName(note.name ?? note.type, 200)
  const start = boosted === undefined ? '↪ ' : `🔁 boosted ${boosted}: `
  return matrixText([
    element('p', [start, ...withEmoticons([`${line} `], note.emojis), link(url, url)]),
  ])
}
