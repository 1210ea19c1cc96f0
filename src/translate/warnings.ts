import type { Media } from '../model/media.ts'
import type { Text } from '../model/event.ts'
import { safeName } from '../model/names.ts'
import { isBlank, renderHtml, textOf } from './html-tree.ts'
import type { Element, Html } from './html-tree.ts'
import { messageTree } from './mentions.ts'

/** A message without its content warning, and the warning. */
export type Warned = { readonly text: Text; readonly summary?: string }

const longest = 500
const line = /^\s*(?:cw|tw|content warning)\s*:[ \t]*(\S[^\n]*)(?:\n|$)/i

const isBreak = (node: Html): boolean => typeof node !== 'string' && node.tag === 'br'
const paragraphOf = (node: Html | undefined): Element | undefined =>
  node !== undefined && typeof node !== 'string' && node.tag === 'p' ? node : undefined

/** What stands after the first `<br>`, or nothing. */
function afterBreak(nodes: readonly Html[]): readonly Html[] {
  const at = nodes.findIndex(isBreak)
  return at === -1 ? [] : nodes.slice(at + 1)
}

function withoutFirstLine(nodes: readonly Html[]): Html[] {
  const [node, ...rest] = nodes
  const first = paragraphOf(node)
  if (first === undefined) return [...afterBreak(nodes)]
  const left = afterBreak(first.children)
  return isBlank(left) ? rest : [{ ...first, children: [...left] }, ...rest]
}

/** The only thing in the message, where that is a spoiler. */
function wholeSpoiler(nodes: readonly Html[]): Element | undefined {
  const [only, ...others] = nodes.filter((node) => typeof node !== 'string' || node.trim() !== '')
  if (only === undefined || others.length > 0 || typeof only === 'string') return undefined
  if (only.tag === 'p') return wholeSpoiler(only.children)
  return only.attributes['data-mx-spoiler'] === undefined ? undefined : only
}

const html = (nodes: readonly Html[]): { readonly html?: string } =>
  isBlank(nodes) ? {} : { html: renderHtml(nodes).trim() }

/**
 * `cw: …` as the first line, or a message that is one whole spoiler, is a content warning. Nothing
 * but a warning is no warning, unless files stand below it (`hasFiles`).
 */
export function splitWarning(text: Text, hasFiles = false): Warned {
  const { html: formatted, ...plain } = text
  const found = line.exec(text.body)
  const rest = found === null ? '' : text.body.slice(found[0].length).trim()
  if (found !== null && (rest !== '' || hasFiles)) {
    const summary = safeName(found[1] ?? '', longest)
    const tree = formatted === undefined ? [] : withoutFirstLine(messageTree(text))
    return { summary, text: { ...plain, body: rest, ...html(tree) } }
  }
  const spoiler = formatted === undefined ? undefined : wholeSpoiler(messageTree(text))
  if (spoiler === undefined || isBlank(spoiler.children)) return { text }
  const reason = safeName(spoiler.attributes['data-mx-spoiler'] ?? '', longest)
  return {
    summary: reason === '' ? 'Spoiler' : reason,
    text: { ...plain, body: textOf(spoiler.children).trim(), ...html(spoiler.children) },
  }
}

/** What files that their author veiled say of themselves. */
export type Veil = { readonly isVeiled: boolean; readonly reason?: string }

export function veilOf(media: readonly Media[]): Veil {
  const reasons = media.flatMap(({ spoiler }) => (spoiler === undefined ? [] : [spoiler]))
  const reason = safeName(reasons.find((one) => one !== '') ?? '', longest)
  return { isVeiled: reasons.length > 0, ...(reason === '' ? {} : { reason }) }
}
