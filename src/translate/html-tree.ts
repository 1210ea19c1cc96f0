import { Parser } from 'htmlparser2'

/** HTML as plain data: what the translators read, change and write. */
export type Element = {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Html[]
}
/** A string is text, not markup. */
export type Html = string | Element

export const element = (
  tag: string,
  children: readonly Html[],
  attributes: Readonly<Record<string, string>> = {},
): Element => ({ tag, attributes, children })

export const br: Element = element('br', [])

/** Elements that stand on lines of their own. */
const blocks = new Set(
  (
    'address article aside blockquote center details div dl dd dt figcaption figure footer form ' +
    'h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary ' +
    'table thead tbody tfoot tr th td caption ul'
  ).split(' '),
)
/** Neighbouring texts as one, everywhere: what a reader of the written HTML would see. */
export function joinTexts(nodes: readonly Html[]): Html[] {
  const joined: Html[] = []
  for (const node of nodes) {
    const last = joined.at(-1)
    if (typeof node !== 'string') joined.push({ ...node, children: joinTexts(node.children) })
    else if (typeof last === 'string') joined[joined.length - 1] = last + node
    else joined.push(node)
  }
  return joined
}

export const isBlock = (node: Html): boolean => typeof node !== 'string' && blocks.has(node.tag)

export const hasClass = (node: Element, name: string): boolean =>
  (node.attributes['class'] ?? '').split(/\s+/).includes(name)

/** NUL and its like are refused by databases behind homeservers and fediverse servers. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

/** Text without control characters and lone surrogates; line breaks and tabs stay. */
export const cleanText = (text: string): string => text.toWellFormed().replace(controls, '')

/** White space as browsers show it. Most spaces stand alone already: to replace each by itself would cost. */
export const singleSpaced = (text: string): string =>
  text.replace(/[ \t\r\n\f]{2,}|[\t\r\n\f]/g, ' ')

/** Elements and text as a reader comes upon them, in order: every element that it opens is closed. */
export type Reading = {
  text(data: string): void
  open(tag: string, attributes: Record<string, string>): void
  close(tag: string): void
}

/**
 * Grows a tree from what is read. White space is collapsed outside `pre`, as a browser would show it.
 * The tree is whole after `end`.
 */
export function growTree(): Reading & { end(): Html[] } {
  type Open = { tag: string; attributes: Record<string, string>; children: Html[] }
  const root: Open = { tag: '', attributes: {}, children: [] }
  const stack = [root]
  let text = ''
  let pre = 0
  const top = (): Open => stack.at(-1) ?? root
  const flush = () => {
    if (text === '') return
    const clean = cleanText(text)
    top().children.push(pre > 0 ? clean : singleSpaced(clean))
    text = ''
  }
  return {
    text(data) {
      text += data
    },
    open(tag, attributes) {
      flush()
      for (const [name, value] of Object.entries(attributes)) attributes[name] = cleanText(value)
      const open = { tag, attributes, children: [] }
      top().children.push(open)
      stack.push(open)
      if (tag === 'pre') pre += 1
    },
    close(tag) {
      flush()
      if (stack.length > 1) stack.pop()
      if (tag === 'pre') pre -= 1
    },
    end() {
      flush()
      return root.children
    },
  }
}

/** Parses HTML that a sanitiser wrote (so its depth is bounded). */
export function parseHtml(html: string): Html[] {
  const tree = growTree()
  const parser = new Parser({ ontext: tree.text, onopentag: tree.open, onclosetag: tree.close })
  parser.write(html)
  parser.end()
  return tree.end()
}

const escapeText = (text: string): string =>
  /[&<>]/.test(text)
    ? text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    : text
const escapeAttribute = (text: string): string => escapeText(text).replace(/"/g, '&quot;')

const voids = new Set(['br', 'hr', 'img'])

/** Writes HTML; text and attribute values are escaped here and nowhere else. */
export function renderHtml(nodes: readonly Html[]): string {
  let html = ''
  for (const node of nodes) {
    if (typeof node === 'string') {
      html += escapeText(node)
      continue
    }
    html += `<${node.tag}`
    for (const [name, value] of Object.entries(node.attributes)) {
      html += ` ${name}="${escapeAttribute(value)}"`
    }
    html += '>'
    if (voids.has(node.tag)) continue
    html += `${renderHtml(node.children)}</${node.tag}>`
  }
  return html
}

/** All text below, on one line; of a picture its description. */
export function textOf(nodes: readonly Html[]): string {
  let text = ''
  for (const node of nodes) {
    if (typeof node === 'string') text += node
    else if (node.tag === 'br') text += ' '
    else if (node.tag === 'img') text += node.attributes['alt'] ?? ''
    else text += isBlock(node) ? ` ${textOf(node.children)} ` : textOf(node.children)
  }
  return text
}

/** White space, and characters that show nothing (zero-width spaces, the blank of Braille). */
const nothing = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u

export const showsNothing = (text: string): boolean => nothing.test(text)

export const isBlank = (nodes: readonly Html[]): boolean =>
  nodes.every((node) => {
    if (typeof node === 'string') return showsNothing(node)
    return node.tag === 'img' ? showsNothing(node.attributes['alt'] ?? '') : isBlank(node.children)
  })

export const hasBlock = (node: Html): boolean =>
  typeof node !== 'string' && (isBlock(node) || node.children.some(hasBlock))

/**
 * Joins neighbouring texts and collapses their white space, except in `pre`; between blocks it is
 * the writer's indentation and goes.
 */
export function tidy(nodes: readonly Html[]): Html[] {
  const joined: Html[] = []
  for (const node of nodes) {
    const last = joined.at(-1)
    if (typeof node !== 'string') {
      joined.push(node.tag === 'pre' ? node : { ...node, children: tidy(node.children) })
    } else if (typeof last === 'string') {
      joined[joined.length - 1] = last + node
    } else if (node !== '') {
      joined.push(node)
    }
  }
  const isEdge = (node: Html | undefined): boolean => node !== undefined && isBlock(node)
  return joined
    .map((node) => (typeof node === 'string' ? singleSpaced(node) : node))
    .filter((node, at, all) => node !== ' ' || !(isEdge(all[at - 1]) || isEdge(all[at + 1])))
}

/** Paragraphs at blank lines, `<br>` at line ends. */
export function textToTree(text: string): Html[] {
  return cleanText(text)
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/^\n|\n$/g, ''))
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) =>
      element(
        'p',
        paragraph.split('\n').flatMap((line, index) => (index === 0 ? [line] : [br, line])),
      ),
    )
}

/** Characters of text, and one for each element. */
const sizeOf = (nodes: readonly Html[]): number => {
  let size = 0
  for (const node of nodes)
    size += typeof node === 'string' ? node.length : 1 + sizeOf(node.children)
  return size
}

/**
 * The beginning of a tree with at most `max` characters of text (markup costs a little too), and
 * whether something was cut.
 */
export function cutTree(
  nodes: readonly Html[],
  max: number,
): { readonly nodes: readonly Html[]; readonly isCut: boolean } {
  if (sizeOf(nodes) < max) return { nodes, isCut: false }
  let left = max
  let isCut = false
  const cut = (list: readonly Html[]): Html[] => {
    const kept: Html[] = []
    for (const node of list) {
      if (left <= 0) {
        isCut = true
        break
      }
      if (typeof node !== 'string') {
        left -= 1
        kept.push({ ...node, children: cut(node.children) })
        continue
      }
      isCut ||= node.length > left
      kept.push(node.length <= left ? node : `${node.slice(0, left).toWellFormed()}…`)
      left -= node.length
    }
    return kept
  }
  const kept = cut(nodes)
  return { nodes: kept, isCut }
}
