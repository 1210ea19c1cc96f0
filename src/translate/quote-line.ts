import { hasClass, isBlank } from './html-tree.ts'
import type { Html } from './html-tree.ts'

/** Mastodon, Fedibird, Akkoma and others; Bonfire. */
const classes = ['quote-inline', 'reference-link-inline']

/** Without text, and yet something to see. */
const content = /^(?:img|video|audio|iframe|hr)$/

const label = /(?:^|\s)(?:RE|QT|RN)\s*[:：]\s*$/i

const isSameAddress = (a: string, b: string): boolean =>
  a.replace(/\/$/, '') === b.replace(/\/$/, '')

/** What is still looked for, from the end: the link, the word before it, the line breaks before that. */
type Search = {
  phase: 'link' | 'label' | 'breaks' | 'done' | 'failed'
  readonly addresses: readonly string[]
}

const isOver = ({ phase }: Search): boolean => phase === 'done' || phase === 'failed'

const isQuoted = (href: string, { addresses }: Search): boolean =>
  addresses.some((address) => isSameAddress(address, href))

function trimText(text: string, search: Search): string {
  if (text.trim() === '') return ''
  if (search.phase === 'link') {
    const words = text.trimEnd()
    const address = words.split(/\s/).at(-1) ?? ''
    search.phase = isQuoted(address, search) ? 'label' : 'failed'
    const before = words.slice(0, words.length - address.length)
    return search.phase === 'label' ? trimText(before, search) : text
  }
  if (search.phase === 'label') {
    const found = label.exec(text)
    search.phase = found === null ? 'failed' : 'breaks'
    return found === null ? text : trimText(text.slice(0, found.index), search)
  }
  search.phase = 'done'
  return text.trimEnd()
}

function trimNode(node: Html, search: Search): Html | undefined {
  if (typeof node === 'string') return trimText(node, search)
  if (node.tag === 'br') return undefined
  if (content.test(node.tag)) {
    search.phase = search.phase === 'breaks' ? 'done' : 'failed'
    return node
  }
  const href = node.attributes['href'] ?? ''
  if (search.phase === 'link' && node.tag === 'a' && isQuoted(href, search)) {
    search.phase = 'label'
    return undefined
  }
  const children = trimEnd(node.children, search)
  return isBlank(children) ? undefined : { ...node, children }
}

function trimEnd(nodes: readonly Html[], search: Search): Html[] {
  const kept = [...nodes]
  while (!isOver(search)) {
    const last = kept.pop()
    if (last === undefined) break
    const rest = trimNode(last, search)
    // What is left of it ended the search.
    if (rest !== undefined && rest !== '') kept.push(rest)
  }
  return kept
}

const withoutClasses = (nodes: readonly Html[]): Html[] =>
  nodes.flatMap((node): Html[] => {
    if (typeof node === 'string') return [node]
    if (classes.some((name) => hasClass(node, name))) return []
    const children = withoutClasses(node.children)
    const isEmptied = node.children.length > 0 && children.length === 0
    return isEmptied ? [] : [{ ...node, children }]
  })

/**
 * A post without the line that its server appends for those who know no quotes: `RE: <address>`. What
 * it quotes is shown below it, and should not be there twice.
 */
export function withoutQuoteLine(nodes: readonly Html[], addresses: readonly string[]): Html[] {
  const left = withoutClasses(nodes)
  const search: Search = { phase: 'link', addresses }
  const trimmed = trimEnd(left, search)
  return search.phase === 'done' || search.phase === 'breaks' ? trimmed : left
}
