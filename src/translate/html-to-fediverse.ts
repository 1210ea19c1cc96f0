import type { Emoji } from '../model/content.ts'
import type { UserId } from '../model/ids.ts'
import { matrixIdOf } from '../model/target.ts'
import {
  br,
  element,
  hasBlock,
  isBlank,
  isBlock,
  renderHtml,
  textOf,
  textToTree,
  tidy,
} from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'
import type { KnownMention } from './known.ts'
import { handleKey, handleOfLink, messageTree, pillOf, tokenize } from './mentions.ts'
import type { MessageBody, Token } from './mentions.ts'
import { imageText, nameEmojis } from './own-emojis.ts'
import type { KnownEmojis } from './own-emojis.ts'

type Hashtag = { readonly name: string; readonly href: string }

export type FediverseHtmlOptions = MessageBody & {
  /** Stands before the text: `* Alice ` of a `/me`. Plain text. */
  readonly prefix?: string
  readonly pills?: ReadonlyMap<UserId, KnownMention>
  /** By `handleKey`. A handle that is not here stays text. */
  readonly handles?: ReadonlyMap<string, KnownMention>
  /** Where a hashtag leads; hashtags stay text without it. */
  readonly hashtagUrl?: (name: string) => string
  readonly emojis?: KnownEmojis
}

export type FediverseHtml = {
  readonly html: string
  /** Whom the text links, each once, in order. */
  readonly mentioned: readonly KnownMention[]
  /** `name` with its `#`. */
  readonly hashtags: readonly Hashtag[]
  /** Whose names stand in it, each once, in order. */
  readonly emojis: readonly Emoji[]
}

type Context = {
  readonly options: FediverseHtmlOptions
  readonly mentioned: Map<string, KnownMention>
  readonly hashtags: Map<string, Hashtag>
  readonly emojis: Map<string, Emoji>
  /** Further words that may become links. */
  links: number
}

/** A link is much longer than its word: a note of nothing else would be refused for its size. */
const maxLinks = 500

/** The microformat that Mastodon-like software recognises as a mention. */
function mentionLink(mention: KnownMention, context: Context): Element {
  context.mentioned.set(mention.actorId, mention)
  const name = mention.handle.replace(/^@/, '').replace(/@.*$/s, '')
  const link = element('a', ['@', element('span', [name])], {
    href: mention.url,
    class: 'u-url mention',
  })
  return element('span', [link], { class: 'h-card' })
}

function hashtagLink(name: string, href: string, context: Context): Element {
  context.hashtags.set(name.toLowerCase(), { name: `#${name}`, href })
  return element('a', ['#', element('span', [name])], {
    href,
    class: 'mention hashtag',
    rel: 'tag',
  })
}

const noEmojis: KnownEmojis = new Map()

function named(text: string, context: Context): string {
  const found = nameEmojis(text, context.options.emojis ?? noEmojis)
  for (const emoji of found.emojis) context.emojis.set(emoji.shortcode, emoji)
  return found.text
}

function image(siblings: readonly Html[], index: number, context: Context): string {
  const { text, emoji } = imageText(siblings, index, context.options.emojis ?? noEmojis)
  if (emoji !== undefined) context.emojis.set(emoji.shortcode, emoji)
  return text
}

function fromToken(token: Token, context: Context): Html {
  if (token.kind === 'text') return named(token.text, context)
  context.links -= 1
  if (context.links < 0) return token.text
  const { pills, handles, hashtagUrl } = context.options
  switch (token.kind) {
    case 'url': {
      const pill = pillOf(token.href)
      const mention = pill && pills?.get(pill)
      return mention
        ? mentionLink(mention, context)
        : element('a', [token.text], { href: token.href })
    }
    case 'handle': {
      const mention = handles?.get(handleKey(token.handle))
      return mention ? mentionLink(mention, context) : token.text
    }
    case 'hashtag':
      return hashtagUrl ? hashtagLink(token.name, hashtagUrl(token.name), context) : token.text
  }
}

/** Only http(s) survives on the fediverse: `matrix:` becomes matrix.to, an address stays text. */
function link(node: Element, context: Context): Html[] {
  const { href = '' } = node.attributes
  if (!/^(?:https?:\/\/|mailto:|matrix:)/i.test(href)) return inline(node.children, context)
  const { pills, handles } = context.options
  const text = textOf(node.children).trim()
  const pill = pillOf(href)
  const handle = pill === undefined ? handleOfLink(text) : undefined
  const mention = pill ? pills?.get(pill) : handle && handles?.get(handleKey(handle))
  if (mention) return [mentionLink(mention, context)]
  if (/^mailto:/i.test(href)) {
    const address = href.slice('mailto:'.length)
    return [text === address || text === '' ? address : `${text} (${address})`]
  }
  const id = /^matrix:/i.test(href) ? matrixIdOf(href) : undefined
  if (/^matrix:/i.test(href) && id === undefined) return [text]
  const target = id === undefined ? href : `https://matrix.to/#/${encodeURIComponent(id)}`
  const inner = inline(node.children, context, true)
  return [element('a', isBlank(inner) ? [target] : inner, { href: target })]
}

const emphasis: ReadonlyMap<string, string> = new Map([
  ...['b', 'i', 'u', 'strong', 'em', 'del'].map((tag): [string, string] => [tag, tag]),
  ['s', 'del'],
  ['strike', 'del'],
])

/** `[spoiler: …]` or `[spoiler, reason: …]`: the fediverse hides whole notes only. */
function spoilerStart(node: Element): string | undefined {
  const reason = node.tag === 'span' ? node.attributes['data-mx-spoiler'] : undefined
  if (reason === undefined) return undefined
  return reason === '' ? '[spoiler: ' : `[spoiler, ${reason}: `
}

/** A formula: its TeX is what everybody can read. */
function texOf({ attributes }: Element): string | undefined {
  const tex = attributes['data-mx-maths']?.trim()
  return tex === '' ? undefined : tex
}

function inline(nodes: readonly Html[], context: Context, isLink = false): Html[] {
  return nodes.flatMap((node, index): Html[] => {
    if (typeof node === 'string') {
      return isLink
        ? [named(node, context)]
        : tokenize(node).map((token) => fromToken(token, context))
    }
    if (node.tag === 'br') return [br]
    if (node.tag === 'code') return isBlank([node]) ? [] : [element('code', [textOf([node])])]
    const tex = texOf(node)
    if (tex !== undefined) return [element('code', [tex])]
    if (node.tag === 'a' && !isLink) return link(node, context)
    if (node.tag === 'img') return [image(nodes, index, context)]
    const inner = inline(node.children, context, isLink)
    const spoiler = spoilerStart(node)
    if (spoiler !== undefined) return [spoiler, ...inner, ']']
    const tag = emphasis.get(node.tag)
    if (tag !== undefined) return isBlank(inner) ? inner : [element(tag, inner)]
    return isBlock(node) ? [' ', ...inner, ' '] : inner
  })
}

const isBreak = (node: Html | undefined): boolean =>
  typeof node === 'string' ? node.trim() === '' : node?.tag === 'br'

/** One paragraph without line breaks at its ends; none for nothing. */
function paragraph(run: readonly Html[]): Html[] {
  let start = 0
  let end = run.length
  while (start < end && isBreak(run[start])) start += 1
  while (end > start && isBreak(run[end - 1])) end -= 1
  const kept = run.slice(start, end)
  return isBlank(kept) ? [] : [element('p', kept)]
}

function rows(table: Element, context: Context): Html[][] {
  return table.children.flatMap((row): Html[][] => {
    if (typeof row === 'string') return []
    if (row.tag !== 'tr') return row.tag === 'caption' ? [] : rows(row, context)
    const cells = row.children.flatMap((cell): Html[][] => {
      if (typeof cell === 'string') return []
      const inner = inline(cell.children, context)
      return [cell.tag === 'th' && !isBlank(inner) ? [element('strong', inner)] : inner]
    })
    return [cells.flatMap((cell, index) => (index === 0 ? cell : [' | ', ...cell]))]
  })
}

function table(node: Element, context: Context): Html[] {
  const captions = node.children.filter((n) => typeof n !== 'string' && n.tag === 'caption')
  const lines = rows(node, context).filter((row) => !isBlank(row))
  return [
    ...paragraph(inline(captions, context)),
    ...paragraph(lines.flatMap((line, index) => (index === 0 ? line : [br, ...line]))),
  ]
}

function list(node: Element, context: Context): Html[] {
  const items = node.children.flatMap((item): Html[] => {
    const children = typeof item === 'string' ? [item] : item.children
    const [first, ...rest] = toBlocks(children, context)
    if (first === undefined) return []
    const isParagraph = typeof first !== 'string' && first.tag === 'p'
    return [element('li', isParagraph ? [...first.children, ...rest] : [first, ...rest])]
  })
  const start = node.attributes['start'] ?? ''
  const attributes = node.tag === 'ol' && /^\d{1,9}$/.test(start) ? { start } : {}
  return items.length === 0 ? [] : [element(node.tag, items, attributes)]
}

function block(node: Element, context: Context): Html[] {
  switch (node.tag) {
    case 'h1':
    case 'h2':
    case 'h3':
    case 'h4':
    case 'h5':
    case 'h6':
    case 'summary': {
      const inner = inline(node.children, context)
      return isBlank(inner) ? [] : [element('p', [element('strong', inner)])]
    }
    case 'blockquote': {
      const inner = toBlocks(node.children, context)
      return inner.length === 0 ? [] : [element('blockquote', inner)]
    }
    case 'ul':
    case 'ol':
      return list(node, context)
    case 'pre':
      return isBlank([node]) ? [] : [element('pre', [element('code', [textOf(node.children)])])]
    case 'hr':
      return [element('p', ['---'])]
    case 'table':
      return table(node, context)
  }
  const tex = texOf(node)
  if (tex !== undefined) return [element('p', [element('code', [tex])])]
  const inner = toBlocks(node.children, context)
  const spoiler = spoilerStart(node)
  if (spoiler === undefined) return inner
  return [element('p', [`${spoiler.slice(0, -2)}]`]), ...inner, element('p', ['[end of spoiler]'])]
}

/** Everything in paragraphs, lists, quotes and code, as `<p>` is what Mastodon-like software spaces. */
function toBlocks(nodes: readonly Html[], context: Context): Html[] {
  const written: Html[] = []
  let run: Html[] = []
  for (const node of nodes) {
    if (typeof node === 'string' || node.tag === 'a' || !hasBlock(node)) {
      run.push(node)
      continue
    }
    written.push(...paragraph(inline(run, context)), ...block(node, context))
    run = []
  }
  return [...written, ...paragraph(inline(run, context))]
}

function withPrefix(nodes: readonly Html[], prefix: string): Html[] {
  const [first, ...rest] = nodes
  if (prefix === '') return [...nodes]
  return first !== undefined && typeof first !== 'string' && first.tag === 'p'
    ? [element('p', [prefix, ...first.children]), ...rest]
    : [element('p', [prefix.trim()]), ...nodes]
}

/**
 * A Matrix message as HTML that every fediverse server keeps, with whom and what it links. Empty
 * only when body and HTML have no text at all.
 */
export function toFediverseHtml(options: FediverseHtmlOptions): FediverseHtml {
  const context: Context = {
    options,
    mentioned: new Map(),
    hashtags: new Map(),
    emojis: new Map(),
    links: maxLinks,
  }
  const rendered = toBlocks(messageTree(options), context)
  const nodes = rendered.length > 0 ? rendered : toBlocks(textToTree(options.body), context)
  return {
    html: renderHtml(
      withPrefix(options.html === undefined ? nodes : tidy(nodes), options.prefix ?? ''),
    ),
    mentioned: [...context.mentioned.values()],
    hashtags: [...context.hashtags.values()],
    emojis: [...context.emojis.values()],
  }
}
