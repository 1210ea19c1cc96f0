import { safeName } from '../model/names.ts'
import type { Attachment, Note } from '../model/note.ts'
import { factsOf, headed, typeInWords } from './cards.ts'
import { withEmoticons } from './emoticons.ts'
import { allowedInPosts, matrixText, toMatrixTree } from './html-to-matrix.ts'
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
import { isTooLong } from './sanitize.ts'
import { splitTree } from './split-tree.ts'
import type { ShownQuote } from './quotations.ts'

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
  /** `wordsOf` the post, where they are at hand. */
  readonly words?: readonly Html[]
  /** Page of the post this one answers, where that does not stand in the room. */
  readonly answers?: string
  readonly quote?: ShownQuote
  /** Its poll is a message of its own. */
  readonly isPollApart?: boolean
}

const maxText = 50_000
/** An event may have 65,536 bytes; what is around the text needs its share. */
const maxBytes = 56_000
/** Of that, for the lines below the text. */
const maxBelow = 16_000
/** Who wants all of what is quoted follows its link. */
const maxQuoted = 5_000
/** Of one post. */
const maxMessages = 10
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

/** What it shows; a link to a page without a name is its address. */
function labelOf(attachment: Attachment): string {
  const alt = safeName(attachment.name ?? '', 1500)
  if (alt !== '') return alt
  const kind = attachmentKind(attachment)
  return kind === 'link' ? attachment.url : kind
}

const attachmentLine = (attachment: Attachment, isSensitive: boolean): Html =>
  element('p', [isSensitive ? '📎 sensitive: ' : '📎 ', link(labelOf(attachment), attachment.url)])

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

/** What could be chosen, and how often it was where that is known for good. */
function poll(question: Note['poll']): Html[] {
  const isClosed = question?.isClosed === true
  const items = (question?.options ?? [])
    .slice(0, maxOptions)
    .map(({ name, votes }) => ({ option: safeName(name, 500), votes }))
    .filter(({ option }) => option !== '')
    .map(({ option, votes }) => element('li', [isClosed ? `${option}: ${votes}` : option]))
  return items.length === 0 ? [] : [element('ul', items)]
}

/** A post's text; what stands below its beginning; and links that stand behind all, veiled or not. */
type Content = {
  readonly text: readonly Html[]
  readonly below: readonly Html[]
  readonly links: readonly Html[]
}

const pageLink = (note: Note): Html => element('p', [link(page(note), page(note))])
const restLink = (note: Note): Html => element('p', [link('Read the rest', page(note))])

/** Of what is quoted: whose it is, where, and its words; not what it quotes itself. */
function quotation({ url, post }: ShownQuote): Html {
  if (post === undefined) return element('p', ['💬 ', link(url, url)])
  const { note, handle } = post
  const head = element('p', ['💬 ', element('strong', [handle]), ' · ', link(url, url)])
  if (isWarned(note)) return element('blockquote', [head, warningLine(note)])
  const { text, below } = contentOf(note, { pills: new Map() })
  const { nodes } = cutTree(withEmoticons([...text, ...below], note.emojis), maxQuoted)
  return element('blockquote', [head, ...nodes])
}

/** What the author wrote, as it is shown. */
export function wordsOf(note: Note, { pills, quote }: NoteTextOptions): Html[] {
  const quoted = quote === undefined ? {} : { quoted: quote.addresses }
  return toMatrixTree(note.content, {
    ...{ pills, mentions: note.mentions, hasEmoticons: true },
    ...quoted,
  })
}

/** As many lines as leave room for the post itself: an address may be as long as ten thousand bytes. */
function linesThatFit(lines: readonly Html[]): readonly Html[] {
  let left = maxBelow
  const end = lines.findIndex((line) => (left -= sizeOf(matrixText([line]))) < 0)
  return end === -1 ? lines : lines.slice(0, end)
}

/** The text of a post without what the caller puts around it. */
function contentOf(note: Note, options: NoteTextOptions): Content {
  const { quote, words: content = wordsOf(note, options) } = options
  const isCard = !notes.has(note.type)
  const summary = isCard ? textToTree((note.summary ?? '').slice(0, 5000)) : []
  const { nodes, isCut } = cutTree(isBlank(content) ? summary : content, maxText)
  const { heading, words } = headed(note, nodes)
  const facts = factsOf(note, nodes.slice(0, 3))
  const quotes = quote === undefined ? [] : [quotation(quote)]
  const lines = (options.below ?? []).map((line) => element('p', [line]))
  const allBelow = [...attachmentLines(note, nodes), ...lines]
  const below = linesThatFit(allBelow)
  const asked = options.isPollApart === true ? [] : poll(note.poll)
  const said = [...heading, ...facts, ...words, ...asked, ...quotes]
  const isBare = said.length + allBelow.length === 0 && options.below === undefined
  const text = isBare && isCard ? [element('p', [typeInWords(note.type)])] : said
  const isShort = isCut || below.length < allBelow.length
  if (isShort || isTooLong(note.content, allowedInPosts))
    return { text, below, links: [restLink(note)] }
  // Where nobody can vote in the room, its page takes the votes.
  const isAsking = asked.length > 0 && note.poll?.isClosed !== true
  const needsLink = isCard || isBare || isAsking || options.boosted !== undefined
  return { text, below, links: needsLink ? [pageLink(note)] : [] }
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

const warningLine = (note: Note): Html =>
  element('p', withEmoticons([`CW: ${safeName(note.summary ?? '', 1000)}`], note.emojis))

type Frame = { readonly around: readonly Html[]; readonly links: readonly Html[] }

/** The body is what notifications show, so it keeps what is warned of to itself. */
function warned(note: Note, text: readonly Html[], { around, links }: Frame): MatrixText {
  const warning = warningLine(note)
  if (text.length === 0) return matrixText([...around, warning, ...links])
  const hidden = element('p', ['Hidden text: ', link(page(note), page(note))])
  return {
    body: toPlainText([...around, warning, hidden]),
    html: renderHtml([...around, warning, spoiler(text), ...links]),
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

function compose(note: Note, { text, below, links }: Content, around: readonly Html[]): MatrixText {
  const said = withEmoticons([...text, ...below], note.emojis)
  if (isWarned(note)) return warned(note, said, { around, links })
  return matrixText([...around, ...said, ...links])
}

const sizeOf = ({ body, html }: MatrixText): number => bytes(body) + bytes(html)

/** A letter has at most six bytes in JSON: what is short enough is not written to be measured. */
const fits = (text: MatrixText): boolean =>
  (text.body.length + (text.html?.length ?? 0)) * 6 + 4 <= maxBytes || sizeOf(text) <= maxBytes

/** What one event holds of the content, and what is left of it. */
type Beginning = {
  readonly shown: MatrixText
  readonly head: readonly Html[]
  readonly tail: readonly Html[]
  /** Letters that were let in. */
  readonly max: number
}

type Whole = { readonly content: Content; readonly around: readonly Html[] }

/** Nearly as many letters as fit, where so many came to that size: what is cut off is about as dense as what stays. */
const fitting = (letters: number, size: number): number =>
  Math.floor(Math.min(letters * 0.97, (letters * maxBytes * 0.99) / size))

/** As much of the content as one event holds, of the first `most` letters: more would be written in vain. */
function begin(note: Note, { content, around }: Whole, most: number): Beginning {
  let max = Math.min(most, textOf(content.text).length)
  let split = { head: content.text, tail: [] as readonly Html[] }
  if (max === most) split = splitTree(content.text, max)
  for (;;) {
    const isWhole = split.tail.length === 0
    const part = isWhole ? content : { ...content, text: split.head, links: [] }
    const shown = compose(note, part, around)
    const size = sizeOf(shown)
    if (size <= maxBytes || max === 0) return { shown, ...split, max }
    max = fitting(max, size)
    split = splitTree(content.text, max)
  }
}

/** The last message that there is room for, with a link to what is left. With a link, plain words are HTML as well. */
function endWithLink(note: Note, { content, around }: Whole): MatrixText {
  const end = { ...content, links: [restLink(note)] }
  for (let max = textOf(content.text).length; ;) {
    const shown = compose(note, { ...end, text: splitTree(content.text, max).head }, around)
    const size = sizeOf(shown)
    if (size <= maxBytes || max === 0) return shown
    max = fitting(max, size)
  }
}

/**
 * What a person sees of a note in Matrix, in as many messages as it takes: never empty (but below a
 * file), none larger than an event may be. Beyond 50,000 characters, and beyond ten messages, the
 * text is left to a link.
 */
export function noteToTexts(
  note: Note,
  options: NoteTextOptions,
): readonly [MatrixText, ...MatrixText[]] {
  let content = contentOf(note, options)
  let around = surroundings(options)
  const whole = compose(note, content, around)
  if (fits(whole)) return [whole]
  let most = fitting(textOf(content.text).length, sizeOf(whole))
  const texts: MatrixText[] = []
  for (;;) {
    const { shown, head, tail, max } = begin(note, { content, around }, most)
    const isEnd = tail.length === 0 || isBlank(head) || texts.length === maxMessages - 1
    if (!isEnd) texts.push(shown)
    else {
      const last = { content: { ...content, text: head }, around }
      const end = tail.length === 0 ? shown : endWithLink(note, last)
      const [first, ...others] = [...texts, end]
      return [first, ...others]
    }
    content = { text: tail, below: [], links: content.links }
    around = []
    most = max
  }
}

/** A note as one line with a link to it, where it only needs to be known that it exists. */
export function oneLine(note: Note, url: string, boosted?: string): MatrixText {
  const quoted = note.quote === undefined ? {} : { quoted: [note.quote] }
  const content = toMatrixTree(note.content, { mentions: note.mentions, ...quoted })
  const text = isWarned(note) ? `CW: ${note.summary ?? ''}` : textOf(content)
  const line = safeName(text, 200) || safeName(note.name ?? note.type, 200)
  const start = boosted === undefined ? '↪ ' : `🔁 boosted ${boosted}: `
  return matrixText([
    element('p', [start, ...withEmoticons([`${line} `], note.emojis), link(url, url)]),
  ])
}
