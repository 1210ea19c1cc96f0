import { hasClass, textOf, type Element, type Html } from './html-tree.ts'

/** Friendica, Hubzilla and their relatives write the sign of a name in front of the link of the name. */
const signed = /[@!#]<(?:a|span)\b/i

const lastSign = /(?:^|[^\p{L}\p{N}])([@!#])$/u
/** Their link of a search for a hashtag. */
const search = /[/?&]tags?[=/]/i

const words = (node: Element, name: string): readonly string[] =>
  (node.attributes[name] ?? '').split(/\s+/)

function isNamed(link: Element, sign: string): boolean {
  const isHashtag = hasClass(link, 'hashtag') || words(link, 'rel').includes('tag')
  if (sign === '#') return isHashtag || search.test(link.attributes['href'] ?? '')
  return !isHashtag && (hasClass(link, 'mention') || hasClass(link, 'zrl'))
}

/** With the sign in the link that it begins with; a group's `!` is a name's `@` to everybody else. */
function withSign(node: Html | undefined, sign: string): Element | undefined {
  if (node === undefined || typeof node === 'string') return undefined
  if (node.tag === 'span' && node.children.length === 1) {
    const inner = withSign(node.children[0], sign)
    return inner && { ...node, children: [inner] }
  }
  if (node.tag !== 'a' || !isNamed(node, sign)) return undefined
  const mark = sign === '#' ? '#' : '@'
  const isThere = textOf(node.children).trimStart().startsWith(mark)
  return isThere ? node : { ...node, children: [mark, ...node.children] }
}

function join(nodes: readonly Html[]): Html[] {
  const joined: Html[] = []
  for (const node of nodes) {
    const before = joined.at(-1)
    const sign = typeof before === 'string' ? lastSign.exec(before)?.[1] : undefined
    const link = sign === undefined ? undefined : withSign(node, sign)
    if (typeof before === 'string' && link !== undefined) {
      joined[joined.length - 1] = before.slice(0, -1)
      joined.push(link)
    } else joined.push(typeof node === 'string' ? node : { ...node, children: join(node.children) })
  }
  return joined
}

/** Names whose sign stands in front of their link have it inside, as with all others. */
export const joinSigils = (nodes: readonly Html[], html: string): readonly Html[] =>
  signed.test(html) ? join(nodes) : nodes
