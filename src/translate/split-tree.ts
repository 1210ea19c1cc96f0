import { element, isBlock, textOf, type Element, type Html } from './html-tree.ts'

/** As far back as a space is looked for. */
const longestWord = 200
/** So much of what fits may be left unused rather than to cut a block in two. */
const wasted = 0.3

type Split = { readonly head: Html[]; readonly tail: Html[] }
type Taken = Split & { readonly left: number }

/** Where a text of which `max` characters fit is cut: behind a space, and never inside of a character. */
function cutAt(text: string, max: number): number {
  const space = text.slice(Math.max(0, max - longestWord), max).search(/\s\S*$/)
  if (space >= 0) return Math.max(0, max - longestWord) + space + 1
  const isInside = /[\udc00-\udfff]/.test(text.charAt(max)) && max > 0
  return isInside ? max - 1 : max
}

/** What goes on in the next tree: a numbered list with its next number. */
function goneOn(node: Element, children: readonly Html[], taken: number): Element {
  if (node.tag !== 'ol' || taken === 0) return { ...node, children }
  const start = Number(node.attributes['start'] ?? '1') + taken
  return element('ol', children, { ...node.attributes, start: String(start) })
}

/** `spare`: how much may be left unused so that a block stays whole. */
function take(nodes: readonly Html[], max: number, spare: number): Taken {
  const head: Html[] = []
  let left = max
  for (const [at, node] of nodes.entries()) {
    if (left <= 0) return { head, tail: nodes.slice(at), left }
    if (typeof node === 'string') {
      if (node.length <= left) {
        head.push(node)
        left -= node.length
        continue
      }
      const cut = cutAt(node, left)
      if (cut > 0) head.push(node.slice(0, cut))
      return { head, tail: [node.slice(cut), ...nodes.slice(at + 1)], left: 0 }
    }
    const inner = take(node.children, left - 1, spare)
    if (inner.tail.length === 0) {
      head.push(node)
      left = inner.left
      continue
    }
    const rest = nodes.slice(at + 1)
    const isKept = at > 0 && isBlock(node) && textOf([node]).length <= spare
    if (isKept) return { head, tail: [node, ...rest], left: 0 }
    if (inner.head.length > 0) head.push({ ...node, children: inner.head })
    const whole = inner.head.filter((one, index) => one === node.children[index]).length
    return { head, tail: [goneOn(node, inner.tail, whole), ...rest], left: 0 }
  }
  return { head, tail: [], left }
}

/**
 * Two trees that together say the same, of which the first has at most `max` characters of text
 * (markup costs a little too). Blocks stay whole where that wastes little.
 */
export function splitTree(nodes: readonly Html[], max: number): Split {
  const { head, tail } = take(nodes, max, max * wasted)
  return { head, tail }
}
