import type { Text } from '../model/event.ts'
import { matrixEventOf } from '../model/target.ts'
import { br, element, hasBlock, isBlank, renderHtml, textOf } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { messageTree, tokenize } from './mentions.ts'

type Line = readonly Html[]

const isBreak = (node: Html): boolean => typeof node !== 'string' && node.tag === 'br'

/** The address that is all of a line: of an event, or a web page that the line spells out. */
function loneAddress(line: Line): string | undefined {
  const [only, ...others] = line.filter((node) => typeof node !== 'string' || node.trim() !== '')
  if (only === undefined || others.length > 0) return undefined
  if (typeof only !== 'string') {
    const { href } = only.attributes
    if (only.tag !== 'a' || href === undefined) return undefined
    const isSpelt = textOf(only.children).trim() === href
    return isSpelt || matrixEventOf(href) !== undefined ? href : undefined
  }
  const text = only.trim()
  if (matrixEventOf(text) !== undefined) return text
  const [token, ...more] = tokenize(text)
  return token?.kind === 'url' && more.length === 0 ? token.href : undefined
}

function keepLines(run: Line, isKept: (line: Line) => boolean): Html[] {
  const lines: Html[][] = [[]]
  for (const node of run) {
    if (isBreak(node)) lines.push([])
    else lines.at(-1)?.push(node)
  }
  return lines.filter(isKept).flatMap((line, index) => (index === 0 ? line : [br, ...line]))
}

/** Lines of paragraphs and of running text; quotes, lists and code are somebody's words as a whole. */
function filterLines(nodes: readonly Html[], isKept: (line: Line) => boolean): Html[] {
  const written: Html[] = []
  let run: Html[] = []
  const flush = (): void => {
    written.push(...keepLines(run, isKept))
    run = []
  }
  for (const node of nodes) {
    if (typeof node === 'string' || !hasBlock(node)) {
      run.push(node)
      continue
    }
    flush()
    const isPlain = node.tag === 'p' || node.tag === 'div'
    const children = isPlain ? filterLines(node.children, isKept) : node.children
    if (!isBlank(children) || !isPlain) written.push({ ...node, children })
  }
  flush()
  return written
}

/** Addresses that stand alone on a line of a message, in order. */
export function loneAddresses(text: Text): readonly string[] {
  const found: string[] = []
  filterLines(messageTree(text), (line) => {
    const address = loneAddress(line)
    if (address !== undefined) found.push(address)
    return true
  })
  return found
}

/** A message without the line that is this address. */
export function withoutAddress(text: Text, address: string): Text {
  const { html, body, ...rest } = text
  const isOther = (line: string): boolean => line.trim() !== address
  const lines = body.split('\n').filter(isOther)
  const left = lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  if (html === undefined) return { ...rest, body: left }
  const nodes = filterLines(messageTree(text), (line) => loneAddress(line) !== address)
  return { ...rest, body: left, ...(isBlank(nodes) ? {} : { html: renderHtml(nodes) }) }
}

/** The line of a quote for servers that know none; those that know hide it by its class. */
export const quoteLine = (url: string): string =>
  renderHtml([
    element('p', ['RE: ', element('a', [url], { href: url })], { class: 'quote-inline' }),
  ])

export const linkLine = (url: string): string =>
  renderHtml([element('p', [element('a', [url], { href: url })])])
