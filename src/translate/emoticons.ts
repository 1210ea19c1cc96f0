import type { Emoji } from '../model/content.ts'
import { element, renderHtml } from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'

/** Pictures in one text; more of them stay words, or a message of nothing else would be too large. */
const most = 50
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

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Addresses and names of people are shown as they are. */
const isName = (node: Element): boolean =>
  node.tag === 'a' &&
  node.children.some((child) => typeof child === 'string' && /^@|\//.test(child))

const keepsText = (node: Element): boolean =>
  node.tag === 'code' || node.tag === 'pre' || isName(node)

/** Puts the pictures of `emojis` where the text has their names, but not into code. */
export function withEmoticons(nodes: readonly Html[], emojis: readonly Emoji[]): readonly Html[] {
  const usable = emojis.filter(({ url }) => url.length <= longestUrl)
  if (usable.length === 0) return nodes
  const byName = new Map(usable.map((emoji) => [`:${emoji.shortcode}:`, emoji]))
  // The longest first: of `:a:b:`, where both are names, that one is meant.
  const names = [...byName.keys()].sort((a, b) => b.length - a.length)
  const form = new RegExp(`(${names.map(escaped).join('|')})`, 'u')
  let left = most
  const split = (text: string): Html[] =>
    text.split(form).map((part): Html => {
      const emoji = left > 0 ? byName.get(part) : undefined
      if (emoji === undefined) return part
      left -= 1
      return emoticon(emoji)
    })
  const visit = (list: readonly Html[]): Html[] =>
    list.flatMap((node): Html[] => {
      if (typeof node === 'string') return split(node).filter((part) => part !== '')
      return [keepsText(node) ? node : { ...node, children: visit(node.children) }]
    })
  return visit(nodes)
}

const written = (emoji: Emoji): string => renderHtml([emoticon(emoji)])

/** Which of them that HTML of ours shows. */
export const emoticonsIn = (html: string, emojis: readonly Emoji[]): readonly Emoji[] =>
  html.includes('data-mx-emoticon') ? emojis.filter((emoji) => html.includes(written(emoji))) : []

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
