import { cleanText, isBlock, singleSpaced, textOf } from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'

/** Deeper quotes and lists are not indented further: the text would grow with its depth. */
const maxIndent = 8

type Writer = { readonly blocks: string[]; line: string }

const collapse = (text: string): string => singleSpaced(text).trim()

/** Spaces as a reader sees them; most texts have none to be mended, and looking is cheaper than replacing. */
function mended(line: string): string {
  const spaced = /[ \t]{2}|\t/.test(line) ? line.replace(/[ \t]{2,}|\t/g, ' ') : line
  const broken = spaced.includes('\n') ? spaced.replace(/ \n ?|\n /g, '\n') : spaced
  return (/^[\n ]/.test(broken) ? broken.replace(/^[\n ]+/, '') : broken).trimEnd()
}

function flush(writer: Writer): void {
  if (writer.line === '') return
  const text = mended(writer.line)
  if (text !== '') writer.blocks.push(text)
  writer.line = ''
}

const indent = (text: string, first: string, rest: string): string =>
  first + text.replace(/\n/g, `\n${rest}`)

const inside = (nodes: readonly Html[], depth: number, between: string): string =>
  layout(nodes, depth).join(between)

function listText(list: Element, depth: number): string {
  const start = Number.parseInt(list.attributes['start'] ?? '1', 10)
  let number = Number.isSafeInteger(start) ? start : 1
  const items: string[] = []
  for (const item of list.children) {
    const text = inside(typeof item === 'string' ? [item] : item.children, depth + 1, '\n')
    if (text === '') continue
    const bullet = list.tag === 'ol' ? `${number}. ` : '• '
    number += 1
    items.push(depth < maxIndent ? indent(text, bullet, ' '.repeat(bullet.length)) : text)
  }
  return items.join('\n')
}

function rowsOf(node: Element): string[] {
  if (node.tag === 'tr') {
    const cells = node.children.filter((cell) => typeof cell !== 'string')
    const texts = cells.map((cell) => collapse(textOf([cell])))
    return texts.some((text) => text !== '') ? [texts.join(' | ')] : []
  }
  if (node.tag === 'caption') return [collapse(textOf([node]))]
  return node.children.flatMap((child) => (typeof child === 'string' ? [] : rowsOf(child)))
}

const withoutScheme = (url: string): string => url.replace(/^(?:https?:\/\/|mailto:)/i, '')

/** The words of a link say where it leads: the address itself, a handle, a hashtag. */
export function speaksForItself(text: string, href: string): boolean {
  if (/^[@#]\S+$/.test(text)) return true
  const plain = withoutScheme(href)
  return text === href || text === plain || text === plain.replace(/\/$/, '')
}

function linkText(link: Element): string {
  const href = link.attributes['href'] ?? ''
  const text = collapse(textOf(link.children))
  const isPill = /^https:\/\/matrix\.to\/#\/(?:@|%40)/i.test(href)
  if (href === '' || isPill || speaksForItself(text, href)) return text
  return text === '' ? href : `${text} (${withoutMailto(href)})`
}
const withoutMailto = (href: string): string => href.replace(/^mailto:/i, '')

function codeText(pre: Element): string {
  const code = textOf(pre.children).replace(/^\n/, '').trimEnd()
  return code.trim() === '' ? '' : `\`\`\`\n${code}\n\`\`\``
}

/** Text of the elements that are a block of their own; undefined for all others. */
function blockText(node: Element, depth: number): string | undefined {
  switch (node.tag) {
    case 'blockquote': {
      const text = inside(node.children, depth + 1, '\n\n')
      return text === '' || depth >= maxIndent ? text : indent(text, '> ', '> ')
    }
    case 'ul':
    case 'ol':
      return listText(node, depth)
    case 'pre':
      return codeText(node)
    case 'table':
      return rowsOf(node).join('\n')
    case 'hr':
      return '---'
    default:
      return undefined
  }
}

function walk(nodes: readonly Html[], writer: Writer, depth: number): void {
  for (const node of nodes) {
    if (typeof node === 'string') writer.line += node
    else if (node.tag === 'br') writer.line += '\n'
    else if (node.tag === 'img') writer.line += textOf([node])
    else if (node.tag === 'a') writer.line += linkText(node)
    else if (node.tag === 'code') writer.line += `\`${collapse(textOf(node.children))}\``
    else if (isBlock(node)) {
      flush(writer)
      const text = blockText(node, depth)
      if (text === undefined) walk(node.children, writer, depth)
      else if (text !== '') writer.blocks.push(text)
      flush(writer)
    } else walk(node.children, writer, depth)
  }
}

function layout(nodes: readonly Html[], depth: number): string[] {
  const writer: Writer = { blocks: [], line: '' }
  walk(nodes, writer, depth)
  flush(writer)
  return writer.blocks
}

/**
 * What a client without HTML shows: paragraphs parted by blank lines, `> ` quotes, bullets and
 * numbers, links as `text (url)` unless the text is the address.
 */
export const toPlainText = (nodes: readonly Html[]): string =>
  cleanText(layout(nodes, 0).join('\n\n'))
