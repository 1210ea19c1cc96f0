import type { Emoji } from '../model/content.ts'
import { isShortcode } from '../model/emoji.ts'
import { element, renderHtml, textOf } from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'

/** Pictures in one text; more of them stay words, or a message of nothing else would be too large. */
export const mostEmoticons = 50
/** A longer address would be counted as text that the message has no room for. */
const longestUrl = 500

/** A custom emoji as Matrix clients show it (MSC2545); those that show no pictures read its name. */
const emoticon = ({ shortcode, url }: Emoji): Element => {
  const name = `:${shortcode}:`
  return element('img', [], {
    'data-mx-emoticon': '',
    src: url,
    alt: name,
    title: name,
    height: '32',
  })
}

const isUsable = ({ url }: Emoji): boolean => url.length <= longestUrl

/** An image inside of a text that stands for a name there: some servers write them so. */
export function inlineEmoticon(name: string, url: string): Element | undefined {
  const shortcode = name.replace(/^:|:$/g, '')
  const isOne = name === `:${shortcode}:` && isShortcode(shortcode) && /^https?:\/\//i.test(url)
  return isOne && isUsable({ shortcode, url }) ? emoticon({ shortcode, url }) : undefined
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Addresses and names of people are shown as they are. */
const isName = (node: Element): boolean =>
  node.tag === 'a' &&
  node.children.some((child) => typeof child === 'string' && /^@|\//.test(child))

const keepsText = (node: Element): boolean =>
  node.tag === 'code' || node.tag === 'pre' || isName(node)

const hasImage = (node: Html): boolean =>
  typeof node !== 'string' && (node.tag === 'img' || node.children.some(hasImage))

/**
 * Puts the pictures of `emojis` where the text has their names, but not into code. What is a picture
 * already counts, too.
 */
export function withEmoticons(nodes: readonly Html[], emojis: readonly Emoji[]): readonly Html[] {
  const usable = emojis.filter(isUsable)
  if (usable.length === 0 && !nodes.some(hasImage)) return nodes
  const byName = new Map(usable.map((emoji) => [`:${emoji.shortcode}:`, emoji]))
  // The longest first: of `:a:b:`, where both are names, that one is meant.
  const names = [...byName.keys()].sort((a, b) => b.length - a.length)
  const form = names.length === 0 ? undefined : new RegExp(`(${names.map(escaped).join('|')})`, 'u')
  let left = mostEmoticons
  const split = (text: string): Html[] =>
    (form === undefined ? [text] : text.split(form)).map((part): Html => {
      const emoji = left > 0 ? byName.get(part) : undefined
      if (emoji === undefined) return part
      left -= 1
      return emoticon(emoji)
    })
  const visit = (list: readonly Html[]): Html[] =>
    list.flatMap((node): Html[] => {
      if (typeof node === 'string') return split(node).filter((part) => part !== '')
      if (node.tag !== 'img')
        return [keepsText(node) ? node : { ...node, children: visit(node.children) }]
      left -= 1
      return [left < 0 ? textOf([node]) : node]
    })
  return visit(nodes)
}

const written = (emoji: Emoji): string => renderHtml([emoticon(emoji)])

const beginning = '<img data-mx-emoticon="" src="'
const form = new RegExp(`${beginning}([^"]*)" alt=":([^"]*):" title="[^"]*" height="32">`, 'g')
const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** The pictures that HTML of ours shows, each once. In its text no tag can stand. */
export function emoticonsIn(html: string): readonly Emoji[] {
  if (!html.includes(beginning)) return []
  const emojis = new Map<string, Emoji>()
  for (const [tag, url = '', shortcode = ''] of html.matchAll(form))
    emojis.set(tag, { shortcode: unescaped(shortcode), url: unescaped(url) })
  return [...emojis.values()]
}

/** HTML of ours with each of these pictures at another address; without one, its name stands there. */
export function moveEmoticons(
  html: string,
  emojis: readonly Emoji[],
  addressOf: (emoji: Emoji) => string | undefined,
): string {
  return emojis.reduce((moved, emoji) => {
    const url = addressOf(emoji)
    const now = url === undefined ? `:${emoji.shortcode}:` : written({ ...emoji, url })
    return moved.replaceAll(written(emoji), () => now)
  }, html)
}
