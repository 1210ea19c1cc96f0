import sanitizeHtml from 'sanitize-html'
import { parseHtml } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { readPlain, type Allowed } from './plain-html.ts'

export type { Allowed } from './plain-html.ts'

/** How much HTML is looked at; what is more is cut off before. */
type Bounds = { readonly letters: number; readonly tags: number; readonly ampersands: number }

export const forPlain: Bounds = { letters: 150_000, tags: 5_000, ampersands: 40_000 }
/**
 * What the sanitiser has to look at. A tag costs as much as a hundred letters there, and more the more of
 * them are open: the parser moves its stack. An entity is a text of its own, and costs as much as thirty.
 * Fifty thousand letters that people wrote have half of that.
 */
export const forSanitiser: Bounds = { letters: 150_000, tags: 3_000, ampersands: 10_000 }
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

const bound = (html: string, { letters, tags, ampersands }: Bounds): string =>
  html.length <= Math.min(letters, tags, ampersands)
    ? html
    : cutAt(cutAt(html.slice(0, letters), '<', tags), '&', ampersands)

const isMore = (html: string, bounds: Bounds): boolean => bound(html, bounds).length < html.length

/** Of a text this long the parser of documents has cut the rest off. */
const longestText = 200_000

/** Whether something of that HTML is left out for its size. */
export const isTooLong = (html: string, allowed: Allowed): boolean =>
  html.length >= longestText ||
  (isMore(html, forSanitiser) && (isMore(html, forPlain) || readPlain(html, allowed) === undefined))

/** Untrusted HTML as a tree of allowed elements and attributes, at most 98 deep. */
export const sanitizeToTree = (html: string, allowed: Allowed): Html[] =>
  readPlain(bound(html, forPlain), allowed) ?? sanitized(bound(html, forSanitiser), allowed)

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
