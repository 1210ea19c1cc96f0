import sanitizeHtml from 'sanitize-html'
import { parseHtml } from './html-tree.ts'
import type { Html } from './html-tree.ts'

/** Longer HTML is cut before it is looked at. */
const maxHtml = 1_000_000
/**
 * The parser searches its stack of open elements for each closing tag, so time grows with the
 * product of both; no post that people wrote has as many.
 */
const maxTags = 20_000
/** Client-server API, `m.room.message` msgtypes: at most 100 levels of nesting. Two for our own wraps. */
const maxDepth = 98

function bound(html: string): string {
  const cut = html.slice(0, maxHtml)
  let at = -1
  for (let tags = 0; tags <= maxTags; tags++) {
    at = cut.indexOf('<', at + 1)
    if (at < 0) return cut
  }
  return cut.slice(0, at)
}

/** Of a text this long the parser of documents has cut the rest off. */
const longestText = 200_000

/** Whether something of that HTML is left out for its size. */
export const isTooLong = (html: string): boolean =>
  html.length >= longestText || (html.length > maxTags && bound(html).length < html.length)

/** What a translator wants to see of foreign HTML; everything else is dropped, its text kept. */
export type Allowed = {
  readonly tags: readonly string[]
  /** By tag; `*` for all. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly schemes: readonly string[]
  /** Elements that go with everything in them. */
  readonly removed: readonly string[]
}

/** Untrusted HTML as a tree of allowed elements and attributes, at most 98 deep. */
export function sanitizeToTree(html: string, allowed: Allowed): Html[] {
  if (!/[<&]/.test(html)) return parseHtml(html)
  const clean = sanitizeHtml(bound(html), {
    allowedTags: [...allowed.tags],
    allowedAttributes: Object.fromEntries(
      Object.entries(allowed.attributes).map(([tag, names]) => [tag, [...names]]),
    ),
    allowedSchemes: [...allowed.schemes],
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', ...allowed.removed],
    nestingLimit: maxDepth,
    // An empty `hidden` counts.
    nonBooleanAttributes: [],
    parseStyleAttributes: false,
  })
  return parseHtml(clean)
}
