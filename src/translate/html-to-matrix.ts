import type { UserId } from '../model/ids.ts'
import { safeName } from '../model/names.ts'
import type { Mention } from '../model/note.ts'
import {
  br,
  element,
  hasBlock,
  hasClass,
  isBlank,
  joinTexts,
  renderHtml,
  textOf,
  tidy,
} from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'
import { inlineEmoticon } from './emoticons.ts'
import { speaksForItself, toPlainText } from './plain-text.ts'
import { withoutQuoteLine } from './quote-line.ts'
import { sanitizeToTree } from './sanitize.ts'
import { joinSigils } from './sigils.ts'
import type { Allowed } from './sanitize.ts'

/** The Matrix user that stands for somebody mentioned. */
export type Pill = { readonly userId: UserId; readonly name: string }

export type MatrixHtmlOptions = {
  /** By actor id, and by profile page where that differs. */
  readonly pills?: ReadonlyMap<string, Pill>
  /** The note's Mention tags: they tell whom a profile link means. */
  readonly mentions?: readonly Mention[]
  /** Custom emoji that are images are left to the caller, to bring them to the homeserver (`emoticonsIn`). */
  readonly hasEmoticons?: boolean
  /** Addresses of what the post quotes, which is shown beside it. */
  readonly quoted?: readonly string[]
}

type Context = Pick<MatrixHtmlOptions, 'pills' | 'hasEmoticons'> & {
  readonly mentions: readonly Named[]
  /** Inside a link, where no other may stand. */
  readonly isLink?: boolean
  /** The element that was written around this one. */
  readonly parent?: string
}

/** Parts of a list or table that stand alone would be moved by whoever parses them next. */
const parents: ReadonlyMap<string, readonly string[]> = new Map([
  ['li', ['ul', 'ol']],
  ['thead', ['table']],
  ['tbody', ['table']],
  ['caption', ['table']],
  ['tr', ['table', 'thead', 'tbody']],
  ['th', ['tr']],
  ['td', ['tr']],
  ['summary', ['details']],
])

const runningText = /^(?:p|h\d|summary)$/
const partsOfTables: ReadonlySet<string> = new Set(['table', 'thead', 'tbody', 'tr'])

function keptTag(tag: string, parent: string | undefined): string | undefined {
  const name = kept.get(tag)
  const allowedIn = name === undefined ? undefined : parents.get(name)
  return allowedIn === undefined || allowedIn.includes(parent ?? '') ? name : 'div'
}

export type MatrixText = {
  readonly body: string
  /** Absent when it would add nothing to the body. */
  readonly html?: string
}

const same =
  'h1 h2 h3 h4 h5 h6 p div blockquote ul ol li sup sub b i u strong em del code pre hr br ' +
  'table thead tbody tr th td caption details summary'
const asDiv = 'section article header footer main nav aside figure figcaption address center dl'

/** Elements of the Matrix subset, under the name we write them by. */
const kept: ReadonlyMap<string, string> = new Map([
  ...same.split(' ').map((tag): [string, string] => [tag, tag]),
  ...asDiv.split(' ').map((tag): [string, string] => [tag, 'div']),
  ['s', 'del'],
  ['strike', 'del'],
  ['ins', 'u'],
  ['cite', 'i'],
  ['dfn', 'i'],
  ['kbd', 'code'],
  ['samp', 'code'],
  ['tt', 'code'],
  ['dd', 'p'],
])

/** What is wanted of foreign posts. */
export const allowedInPosts: Allowed = {
  tags: new Set([
    ...kept.keys(),
    ...'a span img video audio iframe ruby rt rp q dt math semantics annotation'.split(' '),
  ]),
  attributes: {
    '*': ['class', 'hidden', 'style'],
    a: ['href', 'rel'],
    img: ['src', 'alt', 'title'],
    video: ['src', 'title'],
    audio: ['src', 'title'],
    iframe: ['src', 'title'],
    ol: ['start'],
    annotation: ['encoding'],
    math: ['display'],
  },
  schemes: ['http', 'https', 'mailto'],
  removed: ['head', 'svg', 'select', 'button', 'object', 'embed', 'template'],
}

const isHidden = (node: Element): boolean =>
  node.attributes['hidden'] !== undefined ||
  /display\s*:\s*none/i.test(node.attributes['style'] ?? '')

/** Relative addresses would lead to the homeserver. */
const isAbsolute = (url: string): boolean => /^(?:https?:\/\/|mailto:)/i.test(url)

const hostOf = (url: string): string => URL.parse(url)?.host ?? ''

/** A Mention tag with the parts of its name, taken apart once: there may be thousands of links. */
type Named = {
  readonly mention: Mention
  readonly user: string | undefined
  readonly host: string
  readonly actorHost: string
}

function namedOf(mention: Mention): Named {
  const actorHost = hostOf(mention.actorId)
  const [user, host = actorHost] = mention.name.replace(/^@/, '').toLowerCase().split('@')
  return { mention, user, host, actorHost }
}

/** The Mention tag that a profile link stands for: `@user` on the host that the tag names. */
function mentionOf(text: string, href: string, mentions: readonly Named[]): Mention | undefined {
  const linked = hostOf(href)
  const [user, host = linked] = text.replace(/^@/, '').toLowerCase().split('@')
  return mentions.find(
    (one) =>
      one.mention.actorId === href ||
      (user === one.user && (host === one.host || linked === one.actorHost)),
  )?.mention
}

const pillLink = (pill: Pill): Element =>
  element('a', [safeName(pill.name, 200) || pill.userId], {
    href: `https://matrix.to/#/${encodeURIComponent(pill.userId)}`,
  })

/** `@user@host` from what a mention's link says; other software writes only `@user`. */
function fullHandle(text: string, href: string, mention: Mention | undefined): string {
  const said = mention?.name.includes('@', 1) ? mention.name : text
  // The name that people see, not the one of the account.
  if (/\s/.test(said)) return safeName(said, 400)
  const handle = said.startsWith('@') ? said : `@${said}`
  return safeName(handle.includes('@', 1) ? handle : `${handle}@${hostOf(href)}`, 400)
}

/** Text that some software shortens itself: `example.org/a-long…`. */
const isShortened = (text: string, href: string): boolean =>
  /(?:…|\.\.\.)$/.test(text) &&
  href
    .replace(/^https?:\/\/(?:www\.)?/i, '')
    .startsWith(text.replace(/^https?:\/\/(?:www\.)?/i, '').replace(/(?:…|\.\.\.)$/, ''))

/** Text that is the address of another server than the one it leads to. */
function isDisguised(text: string, href: string): boolean {
  if (!/^(?:https?:\/\/|www\.)\S+$/i.test(text)) return false
  const bare = (url: string): string => hostOf(url).replace(/^www\./, '')
  return bare(/^www\./i.test(text) ? `http://${text}` : text) !== bare(href)
}

function link(node: Element, options: Context): Html[] {
  const { href = '' } = node.attributes
  if (options.isLink === true || !isAbsolute(href)) return shape(node.children, options)
  const inner = shape(node.children, { ...options, isLink: true, parent: 'a' })
  const text = textOf(inner).trim()
  const { pills, mentions } = options
  const exact = pills?.get(href) ?? pills?.get(href.replace(/\/$/, ''))
  if (exact) return [pillLink(exact)]
  const isMention = hasClass(node, 'mention') && !hasClass(node, 'hashtag')
  if (text.startsWith('@') || (isMention && !text.startsWith('#'))) {
    const mention = mentionOf(text, href, mentions)
    const pill = mention && pills?.get(mention.actorId)
    if (pill) return [pillLink(pill)]
    if (isMention || mention) return [element('a', [fullHandle(text, href, mention)], { href })]
  }
  const saysLess = text === '' || isShortened(text, href) || isDisguised(text, href)
  return [element('a', saysLess ? [href] : inner, { href })]
}

/** Media inside the text: its description, as a link to it. Custom emoji: the short code. */
function media(node: Element, options: Context): Html[] {
  const { src = '', alt = node.attributes['title'] ?? '' } = node.attributes
  const label = safeName(alt, 1500)
  const emoji = options.hasEmoticons === true ? inlineEmoticon(label, src) : undefined
  if (emoji !== undefined) return [emoji]
  if (/^:[^:\s]+:$/.test(label) || !isAbsolute(src)) return label === '' ? [] : [label]
  const kind = node.tag === 'img' ? 'image' : node.tag === 'iframe' ? 'embedded page' : node.tag
  const text = label === '' ? `[${kind}]` : `[${kind}: ${label}]`
  return [options.isLink === true ? text : element('a', [text], { href: src })]
}

/** FEP-dc88: the TeX annotation is the readable form. */
function findTex(nodes: readonly Html[]): string | undefined {
  for (const node of nodes) {
    if (typeof node === 'string') continue
    const isTex = node.tag === 'annotation' && /tex/i.test(node.attributes['encoding'] ?? '')
    const tex = isTex ? textOf(node.children).trim() : findTex(node.children)
    if (tex !== undefined && tex !== '') return tex
  }
  return undefined
}

/** A client that draws no formulas shows what is inside. */
function math(node: Element, inner: () => Html[]): Html[] {
  const tex = findTex(node.children)
  if (tex === undefined) return inner()
  const isBlock = node.attributes['display'] === 'block'
  return [element(isBlock ? 'div' : 'span', [element('code', [tex])], { 'data-mx-maths': tex })]
}

function keptAttributes(node: Element): Record<string, string> {
  const { start, class: className = '' } = node.attributes
  if (node.tag === 'ol' && start !== undefined && /^-?\d{1,9}$/.test(start)) return { start }
  const language = /(?:^|\s)(language-[\w+#.-]{1,40})(?:\s|$)/.exec(className)?.[1]
  return node.tag === 'code' && language !== undefined ? { class: language } : {}
}

function shapeElement(node: Element, options: Context): Html[] {
  if (isHidden(node)) return []
  const inner = () => shape(node.children, options)
  switch (node.tag) {
    case 'a':
      return link(node, options)
    case 'img':
    case 'video':
    case 'audio':
    case 'iframe':
      return media(node, options)
    case 'rt':
      return ['(', ...inner(), ')']
    case 'rp':
    case 'annotation':
      return []
    case 'q':
      return ['“', ...inner(), '”']
    case 'dt': {
      const term = inner()
      return isBlank(term) ? [] : [element('div', [element('strong', term)])]
    }
    case 'br':
      return [br]
    case 'math':
      return math(node, inner)
  }
  const tag = keptTag(node.tag, options.parent)
  if (tag === undefined) return inner()
  const children = shape(node.children, { ...options, parent: tag })
  const isEmpty = tag !== 'hr' && !/^t[hd]$/.test(tag) && isBlank(children)
  if (isEmpty) return []
  if (partsOfTables.has(tag)) return tableOf(tag, children)
  const isMisused = runningText.test(tag) && children.some(hasBlock)
  return [element(isMisused ? 'div' : tag, children, keptAttributes(node))]
}

/** What else stands between the parts of a table stands before it, as where browsers read it. */
function tableOf(tag: string, children: readonly Html[]): Html[] {
  const isPart = (node: Html): boolean =>
    typeof node !== 'string' && parents.get(node.tag)?.includes(tag) === true
  const parts = children.filter(isPart)
  const strays = children.filter((node) => !isPart(node))
  const kept = parts.length === 0 ? [] : [element(tag, parts)]
  return isBlank(strays) ? kept : [...strays, ...kept]
}

const shape = (nodes: readonly Html[], options: Context): Html[] =>
  nodes.flatMap((node) => (typeof node === 'string' ? [node] : shapeElement(node, options)))

/** Untrusted fediverse HTML as a tree inside the subset of `org.matrix.custom.html`. */
export function toMatrixTree(
  html: string,
  { mentions = [], quoted, ...options }: MatrixHtmlOptions = {},
): Html[] {
  const tree = joinSigils(sanitizeToTree(html, allowedInPosts), html)
  const own = quoted === undefined ? tree : withoutQuoteLine(tree, quoted)
  return joinTexts(tidy(shape(own, { ...options, mentions: mentions.map(namedOf) })))
}

const addsNothing = (nodes: readonly Html[], isTop = true): boolean =>
  nodes.every((node) => {
    if (typeof node === 'string' || node.tag === 'br') return true
    if (node.tag === 'p') return isTop && addsNothing(node.children, false)
    if (node.tag !== 'a') return false
    const text = textOf(node.children)
    const { href = '' } = node.attributes
    return /^https?:/.test(text) && speaksForItself(text, href)
  })

/** A tree as message text: both forms say the same. */
export function matrixText(nodes: readonly Html[]): MatrixText {
  const body = toPlainText(nodes)
  return addsNothing(nodes) ? { body } : { body, html: renderHtml(nodes) }
}

/**
 * Untrusted fediverse HTML as Matrix message text. `body` is empty when there is nothing to read;
 * time and size are bounded whatever the input.
 */
export const toMatrixHtml = (html: string, options: MatrixHtmlOptions = {}): MatrixText =>
  matrixText(toMatrixTree(html, options))
