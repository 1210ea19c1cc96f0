import sanitizeHtml from 'sanitize-html'
import { parseHtml } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { readPlain, type Allowed } from './plain-html.ts'

export type { Allowed } from './plain-html.ts'

/** Longer HTML is cut before it is looked at. */
const maxHtml = 150_000
/**
 * Each costs as much as a hundred letters, and more the more of them are open: the parser moves its
 * stack. Fifty thousand letters that people wrote have a third of that.
 */
const maxTags = 5_000
/** Each is tried as the beginning of an entity. */
const maxAmpersands = 40_000
/** Client-server API, `m.room.message` msgtypes: at most 100 levels of nesting. Two for our own wraps. */
const maxDepth = 98

/** The text in front of the mark that is one too many. */
function cutAt(text: string, mark: string, most: number): string {
  if (text.length <= most) return text
  let at = -1
  for (let marks = 0; marks <= most; marks++) {
    at = text.indexOf(mark, at + 1)
    if (at < 0) return text
  }
  return text.slice(0, at)
}

export const hasMoreTags = (html: string, most: number): boolean =>
  cutAt(html, '<', most).length < html.length

const bound = (html: string): string =>
  cutAt(cutAt(html.slice(0, maxHtml), '<', maxTags), '&', maxAmpersands)

/** Of a text this long the parser of documents has cut the rest off. */
const longestText = 200_000

/** Whether something of that HTML is left out for its size. */
export const isTooLong = (html: string): boolean =>
  html.length >= longestText || (html.length > maxTags && bound(html).length < html.length)

/** Untrusted HTML as a tree of allowed elements and attributes, at most 98 deep. */
export function sanitizeToTree(html: string, allowed: Allowed): Html[] {
  const whole = bound(html)
  return readPlain(whole, allowed) ?? sanitized(whole, allowed)
}

/** The same for all HTML there is, of a bounded size. */
export const sanitized = (html: string, allowed: Allowed): Html[] =>
  parseHtml(
    sanitizeHtml(html, {
      allowedTags: [...allowed.tags],
      allowedAttributes: Object.fromEntries(
        Object.entries(allowed.attributes).map(([tag, names]) => [tag, [...names]]),
      ),
      allowedSchemes: [...allowed.schemes],
      allowedSchemesAppliedToAttributes: ['href', 'src'],
      allowProtocolRelative: false,
      nonTextTags: [
        ...['script', 'style', 'textarea', 'option', 'noscript', 'title'],
        ...allowed.removed,
      ],
      nestingLimit: maxDepth,
      // An empty `hidden` counts.
      nonBooleanAttributes: [],
      parseStyleAttributes: false,
    }),
  )
