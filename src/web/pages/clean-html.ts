import sanitizeHtml from 'sanitize-html'
import type { Emoji } from '../../model/content.ts'
import { html, toText, trusted, type Html } from './html.ts'

/** Longer HTML is cut before it is looked at. */
const longest = 150_000

const inline = ['br', 'span', 'a', 'code', 'em', 'strong', 'b', 'i', 'u', 'del']
const blocks = ['p', 'pre', 'ul', 'ol', 'li', 'blockquote']

/** How text of people of ours is shown. */
export type Look = {
  readonly emojis?: readonly Emoji[]
  /** Our own address: pictures from elsewhere would tell that server who looks. */
  readonly publicUrl: string
  /** It stands within a line. */
  readonly isInline?: boolean
}

const pictureOf = ({ shortcode, url }: Emoji): string =>
  toText(
    html`<img
      class="emoji"
      src="${url}"
      alt=":${shortcode}:"
      title=":${shortcode}:"
      width="20"
      height="20"
      loading="lazy"
    />`,
  )

/** Text of a document, escaped already, with pictures for the names of emoji. */
function withPictures(text: string, { emojis = [], publicUrl }: Look): string {
  const ours = emojis.filter(({ url }) => url.startsWith(`${publicUrl}/`))
  if (ours.length === 0 || !text.includes(':')) return text
  const known = new Map(ours.map((emoji) => [emoji.shortcode, emoji]))
  return text.replace(/:([^\s:<>&]{1,100}):/g, (name, shortcode: string) => {
    const emoji = known.get(shortcode)
    return emoji === undefined ? name : pictureOf(emoji)
  })
}

/** A plain name with its emoji. */
export const withEmojis = (text: string, look: Look): Html =>
  trusted(withPictures(toText(html`${text}`), look))

function toLink(_tag: string, { rel = '', ...attributes }: sanitizeHtml.Attributes) {
  const kept = rel.split(/\s+/).filter((word) => word === 'me' || word === 'tag')
  return {
    tagName: 'a',
    attribs: { ...attributes, rel: [...kept, 'nofollow', 'noopener', 'ugc'].join(' ') },
  }
}

/**
 * What somebody of ours wrote, as it may stand in a page. It was cleaned when it was published; it is
 * again, because a mistake there, or in a version before, would be a program in everybody's browser.
 */
export function cleanHtml(source: string, look: Look): Html {
  const clean = sanitizeHtml(source.slice(0, longest), {
    allowedTags: look.isInline === true ? inline : [...inline, ...blocks],
    allowedAttributes: {
      a: ['href', 'rel', 'class'],
      span: ['class'],
      p: ['class'],
      ol: ['start'],
    },
    allowedClasses: {
      a: ['mention', 'hashtag', 'u-url'],
      span: ['h-card'],
      p: ['quote-inline'],
    },
    allowedSchemes: ['http', 'https'],
    allowedSchemesAppliedToAttributes: ['href'],
    allowProtocolRelative: false,
    nestingLimit: 50,
    parseStyleAttributes: false,
    transformTags: { a: toLink },
    // Its argument is escaped, and what it gives stands there as it is.
    textFilter: (text, tag) => (tag === 'code' ? text : withPictures(text, look)),
  })
  return trusted(clean)
}

/** The words alone, for descriptions and titles. */
export function plainText(source: string, most: number): string {
  const spaced = source.slice(0, longest).replace(/<br\s*\/?>|<\/(?:p|li|pre|blockquote)>/gi, ' $&')
  const escaped = sanitizeHtml(spaced, { allowedTags: [], allowedAttributes: {} })
  const text = escaped
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim()
  const chars = Array.from(text)
  return chars.length <= most
    ? text
    : `${chars
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}
