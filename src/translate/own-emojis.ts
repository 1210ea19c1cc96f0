import type { Emoji } from '../model/content.ts'
import type { NamedPicture } from '../model/emoji.ts'
import { mxcOf } from '../model/mxc.ts'
import type { Html } from './html-tree.ts'
import { messageTree } from './mentions.ts'
import type { MessageBody } from './mentions.ts'

/**
 * Custom emoji that a text may show, found: by the address of the picture, `mxc://…`, and by the
 * name that it has where it comes from, `:name:`.
 */
export type KnownEmojis = ReadonlyMap<string, Emoji>

/** In one text; what is beyond stays a name. */
const most = 50

/** A name that follows a letter or digit is a part of a word, or of a time. */
const nameForm = /(?<![\p{L}\p{N}]):([^\s:<>"'&@]{1,100})(?=:)/gu

/** `blob` of `:blob:`. */
export const bareName = (text: string | undefined): string =>
  (text ?? '').trim().replace(/^:|:$/g, '')

export type FoundEmojis = {
  readonly pictures: readonly NamedPicture[]
  /** Without colons; most of them are none. */
  readonly names: readonly string[]
}

function pictureIn({ attributes }: Exclude<Html, string>): NamedPicture | undefined {
  const mxc = mxcOf(attributes['src'])
  const said = attributes['alt'] ?? attributes['title']
  const isEmoji = attributes['data-mx-emoticon'] !== undefined || /^:\S+:$/.test(said ?? '')
  return mxc === undefined || !isEmoji ? undefined : { mxc, shortcode: bareName(said) }
}

/** What may be custom emoji in a message, each once, before anybody knows whether it is. */
export function findEmojis(message: MessageBody): FoundEmojis {
  const pictures = new Map<string, NamedPicture>()
  const names = new Set<string>()
  const visit = (nodes: readonly Html[]): void => {
    for (const node of nodes) {
      if (typeof node === 'string') {
        for (const [, name = ''] of node.matchAll(nameForm)) names.add(name)
        continue
      }
      const picture = node.tag === 'img' ? pictureIn(node) : undefined
      if (picture !== undefined && !pictures.has(picture.mxc)) pictures.set(picture.mxc, picture)
      if (node.tag !== 'code' && node.tag !== 'pre') visit(node.children)
    }
  }
  visit(messageTree(message))
  return { pictures: [...pictures.values()].slice(0, most), names: [...names].slice(0, most) }
}

/** Text with the names that its emoji have on the fediverse, and which those are. */
export type NamedEmojis = { readonly text: string; readonly emojis: readonly Emoji[] }

/** Mastodon reads no name that a letter or another name touches. */
const gap = '\u200B'

/** Names of emoji in plain text become those that they have on the fediverse. */
export function nameEmojis(text: string, known: KnownEmojis): NamedEmojis {
  const emojis = new Map<string, Emoji>()
  let named = ''
  let end = 0
  for (const match of text.matchAll(nameForm)) {
    const emoji = known.get(`:${match[1] ?? ''}:`)
    // The colon that ends one name does not begin the next.
    if (emoji === undefined || match.index < end) continue
    emojis.set(emoji.shortcode, emoji)
    const isTouched = match.index === end && end > 0
    named += `${text.slice(end, match.index)}${isTouched ? gap : ''}:${emoji.shortcode}:`
    end = match.index + match[0].length + 1
  }
  return { text: named + text.slice(end), emojis: [...emojis.values()] }
}

/** A line of plain text for one that may show pictures, in which emoji are names. */
export function nameEmojisOf(message: MessageBody, known: KnownEmojis): NamedEmojis {
  if (!findEmojis(message).pictures.some(({ mxc }) => known.has(mxc)))
    return nameEmojis(message.body, known)
  const emojis = new Map<string, Emoji>()
  const say = (nodes: readonly Html[]): string =>
    nodes
      .map((node, index) => {
        if (typeof node !== 'string' && node.tag !== 'img') return say(node.children)
        const said =
          typeof node === 'string' ? nameEmojis(node, known) : imageText(nodes, index, known)
        const found = 'emojis' in said ? said.emojis : said.emoji === undefined ? [] : [said.emoji]
        for (const emoji of found) emojis.set(emoji.shortcode, emoji)
        return said.text
      })
      .join('')
  const text = say(messageTree(message)).replace(/\s+/g, ' ').trim()
  return { text, emojis: [...emojis.values()] }
}

const touches = /[\p{L}\p{N}:]$/u
const touched = /^[\p{L}\p{N}:]/u

const isPicture = (node: Html | undefined): boolean =>
  node !== undefined && typeof node !== 'string' && node.tag === 'img'

/** What stands in HTML of the fediverse for an image of a message: a name, or its description. */
export function imageText(
  siblings: readonly Html[],
  index: number,
  known: KnownEmojis,
): { readonly text: string; readonly emoji?: Emoji } {
  const node = siblings[index]
  if (node === undefined || typeof node === 'string') return { text: '' }
  const emoji = known.get(node.attributes['src'] ?? '')
  if (emoji === undefined) return { text: node.attributes['alt'] ?? node.attributes['title'] ?? '' }
  const [before, after] = [siblings[index - 1], siblings[index + 1]]
  const isTouched = isPicture(before) || (typeof before === 'string' && touches.test(before))
  const isTouching = typeof after === 'string' && touched.test(after)
  const name = `:${emoji.shortcode}:`
  return { text: `${isTouched ? gap : ''}${name}${isTouching ? gap : ''}`, emoji }
}

/** A name that is one everywhere: Mastodon knows letters, digits and lines alone, two at least. */
export function plainShortcode(name: string): string | undefined {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 50)
  return plain.length >= 2 ? plain : undefined
}
