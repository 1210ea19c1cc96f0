import { LinkifyIt } from 'linkify-it'
import { formatHandle } from '../model/handle.ts'
import type { Handle } from '../model/handle.ts'
import { asUserId } from '../model/ids.ts'
import type { UserId } from '../model/ids.ts'
import { matrixIdOf, parseHandle } from '../model/target.ts'
import { isBlank, textOf, textToTree } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { hasMoreTags, sanitizeToTree } from './sanitize.ts'
import type { Allowed } from './sanitize.ts'

/** What a Matrix client sent: `html` is untrusted. */
export type MessageBody = { readonly body: string; readonly html?: string }

/** Running text, cut at what becomes a link. */
export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'url'; readonly text: string; readonly href: string }
  | { readonly kind: 'handle'; readonly text: string; readonly handle: Handle }
  | { readonly kind: 'hashtag'; readonly text: string; readonly name: string }

/** Client-server API, `org.matrix.custom.html`, and the older `font` and `strike`. */
export const allowedInMessages: Allowed = {
  tags: new Set(
    (
      'font del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s strike code hr ' +
      'br div table thead tbody tr th td caption pre span img details summary'
    ).split(' '),
  ),
  attributes: {
    a: ['href'],
    img: ['alt', 'title', 'src', 'data-mx-emoticon'],
    ol: ['start'],
    span: ['data-mx-spoiler', 'data-mx-maths'],
    div: ['data-mx-maths'],
  },
  schemes: ['http', 'https', 'mailto', 'matrix', 'mxc'],
  // A reply's quotation of what it answers: the fediverse shows the parent itself.
  removed: ['mx-reply', 'head', 'svg', 'object', 'template'],
}

const isImage = (node: Html): boolean =>
  typeof node !== 'string' &&
  (node.tag === 'img'
    ? node.attributes['alt'] !== undefined || node.attributes['data-mx-emoticon'] !== undefined
    : node.children.some(isImage))

/** On its way a message is read half a dozen times, which costs more than all else: the last tree is kept. */
let last: { readonly html: string; readonly tree: readonly Html[] } = { html: '', tree: [] }

function treeOf(html: string): readonly Html[] {
  if (html !== last.html) last = { html, tree: sanitizeToTree(html, allowedInMessages) }
  return last.tree
}

/** Of what has more, the plain body says the same and is read in a moment. */
const mostTags = 3_000

/** A Matrix message as a tree; its plain body where the HTML says nothing, or too much. */
export function messageTree({ body, html }: MessageBody): readonly Html[] {
  if (html === undefined) return textToTree(body)
  if (body.trim() !== '' && hasMoreTags(html, mostTags)) return textToTree(body)
  const tree = treeOf(html)
  return isBlank(tree) && !tree.some(isImage) ? textToTree(body) : tree
}

const linkify = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
for (const schema of ['ftp:', 'mailto:', '//']) linkify.add(schema, null)

/** Handles, and hashtags that are neither numbers nor the alias of a Matrix room. */
const nameParts = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}_@/.&=-])@([\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]{0,63})@([\p{L}\p{N}][\p{L}\p{M}\p{N}.-]{0,252}(?::\d{1,5})?)`,
    String.raw`(?<![\p{L}\p{N}_&/#])#([\p{L}\p{M}\p{N}_·・]{1,100})(?![\p{L}\p{M}\p{N}_·・]|:[\p{L}\p{N}])`,
  ].join('|'),
  'gu',
)

function nameToken(match: RegExpExecArray): Token | undefined {
  const [, username, host, tag] = match
  if (tag !== undefined) {
    return /[^\p{N}_·・]/u.test(tag) ? { kind: 'hashtag', text: `#${tag}`, name: tag } : undefined
  }
  const trimmed = host?.replace(/[.-]+$/, '') ?? ''
  const handle = parseHandle(`${username ?? ''}@${trimmed}`)
  return handle && { kind: 'handle', text: `@${username ?? ''}@${trimmed}`, handle }
}

function namesIn(text: string): Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const match of text.matchAll(nameParts)) {
    const token = nameToken(match)
    if (token === undefined) continue
    if (match.index > end) tokens.push({ kind: 'text', text: text.slice(end, match.index) })
    tokens.push(token)
    end = match.index + token.text.length
  }
  if (end < text.length) tokens.push({ kind: 'text', text: text.slice(end) })
  return tokens
}

/** Cuts running text; the texts of all tokens together are the text. */
export function tokenize(text: string): Token[] {
  if (!/[@#]|:\/\//.test(text)) return text === '' ? [] : [{ kind: 'text', text }]
  const links = text.includes('://') ? (linkify.match(text) ?? []) : []
  const tokens: Token[] = []
  let end = 0
  for (const link of links) {
    tokens.push(...namesIn(text.slice(end, link.index)))
    tokens.push({ kind: 'url', text: link.raw, href: link.url })
    end = link.lastIndex
  }
  tokens.push(...namesIn(text.slice(end)))
  return tokens
}

/** The Matrix user that a pill or a typed link stands for. */
export function pillOf(href: string): UserId | undefined {
  const id = matrixIdOf(href)
  return id?.startsWith('@') && id.includes(':') ? asUserId(id) : undefined
}

/** A link whose whole text is a handle means that account, wherever it leads. */
export function handleOfLink(text: string): Handle | undefined {
  const [token, ...more] = tokenize(text.trim())
  return token?.kind === 'handle' && more.length === 0 ? token.handle : undefined
}

export type FoundMentions = {
  readonly pills: readonly UserId[]
  readonly handles: readonly Handle[]
  readonly hashtags: readonly string[]
}

type Collector = {
  readonly pills: Set<UserId>
  readonly handles: Map<string, Handle>
  readonly hashtags: Set<string>
}

function collectText(text: string, found: Collector): void {
  for (const token of tokenize(text)) {
    if (token.kind === 'handle') {
      found.handles.set(handleKey(token.handle), token.handle)
    } else if (token.kind === 'hashtag') {
      found.hashtags.add(token.name)
    } else if (token.kind === 'url') {
      const pill = pillOf(token.href)
      if (pill) found.pills.add(pill)
    }
  }
}

function collect(nodes: readonly Html[], found: Collector): void {
  for (const node of nodes) {
    if (typeof node === 'string') collectText(node, found)
    else if (node.tag === 'a' && node.attributes['href'] !== undefined) {
      const pill = pillOf(node.attributes['href'])
      const handle = pill === undefined ? handleOfLink(textOf(node.children)) : undefined
      if (pill) found.pills.add(pill)
      if (handle) found.handles.set(handleKey(handle), handle)
    } else if (node.tag !== 'code' && node.tag !== 'pre') collect(node.children, found)
  }
}

/** How `toFediverseHtml` looks a typed handle up. */
export const handleKey = (handle: Handle): string => formatHandle(handle).toLowerCase()

/**
 * Whom a Matrix message names, before anybody knows whether they exist: pills, typed handles,
 * hashtags (without `#`), each once, in order. Nothing in code counts.
 */
export function findMentions(message: MessageBody): FoundMentions {
  const found: Collector = { pills: new Set(), handles: new Map(), hashtags: new Set() }
  collect(messageTree(message), found)
  return {
    pills: [...found.pills],
    handles: [...found.handles.values()],
    hashtags: [...found.hashtags],
  }
}
