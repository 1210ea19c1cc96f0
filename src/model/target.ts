import { domainToUnicode } from 'node:url'
import { asRoomAlias, asUserId } from './ids.ts'
import type { RoomAlias, UserId } from './ids.ts'
import type { Handle } from './handle.ts'

/** What people type to name an account: handles, links, and the noise clients put around them. */

const maxTarget = 2048

/**
 * The one spelling of a handle's host: lower case, punycode, with its port unless that is 443.
 * Undefined for what is no host name or address.
 */
export function asciiHost(host: string): string | undefined {
  if (host.length > 300 || /[\s/\\?#@%<>"']/.test(host)) return undefined
  const url = URL.parse(`https://${host}/`)
  if (!url || url.pathname !== '/' || url.hostname === '') return undefined
  return url.host.replace(/\.(?=:|$)/, '')
}

/** A name in one label means a machine on the local network only with its port, or `localhost`. */
const isReachable = (host: string): boolean =>
  /[.:]/.test(host.slice(1, -1)) || host === 'localhost'

const usernamePattern = /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_.~+-]*[\p{L}\p{M}\p{N}_~+-])?$/u

/** `user@host` without anything around it. */
export function parseHandle(text: string): Handle | undefined {
  const at = text.indexOf('@')
  const username = text.slice(0, at)
  if (at < 1 || username.length > 256 || !usernamePattern.test(username)) return undefined
  const host = asciiHost(text.slice(at + 1))
  return host !== undefined && isReachable(host) ? { username, host } : undefined
}

/** The Matrix id in a `https://matrix.to/#/…` link or `matrix:` URI (without `/event`), decoded. */
export function matrixIdOf(href: string): string | undefined {
  const link = /^https?:\/\/(?:www\.)?matrix\.to\/#\/([^/?]+)/i.exec(href)
  if (link?.[1] !== undefined) return decode(link[1])
  const uri = /^matrix:(u|user|r|room|roomid)\/([^/?#]+)/i.exec(href)
  if (uri?.[1] === undefined || uri[2] === undefined) return undefined
  const kind = uri[1].toLowerCase()
  const sigil = kind.startsWith('u') ? '@' : kind === 'roomid' ? '!' : '#'
  return `${sigil}${decode(uri[2])}`
}

/** The servers that such a link names to find a room by. */
export function matrixVia(href: string): readonly string[] {
  if (matrixIdOf(href) === undefined) return []
  const query = href.slice(href.lastIndexOf('?') + 1)
  return new URLSearchParams(query).getAll('via').slice(0, 5)
}

/** The event, and the room by id or alias, of a `https://matrix.to/#/…` link or `matrix:` URI, decoded. */
export function matrixEventOf(
  href: string,
): { readonly room: string; readonly eventId: string } | undefined {
  const link = /^https?:\/\/(?:www\.)?matrix\.to\/#\/([^/?\s]+)\/([^/?\s]+)(?:\?\S*)?$/i.exec(href)
  if (link?.[1] !== undefined && link[2] !== undefined)
    return eventIn(decode(link[1]), decode(link[2]))
  const uri = /^matrix:(roomid|room|r)\/([^/?#\s]+)\/(?:event|e)\/([^/?#\s]+)(?:\?\S*)?$/i.exec(
    href,
  )
  if (uri?.[1] === undefined || uri[2] === undefined || uri[3] === undefined) return undefined
  const sigil = uri[1].toLowerCase() === 'roomid' ? '!' : '#'
  return eventIn(`${sigil}${decode(uri[2])}`, `$${decode(uri[3])}`)
}

const eventIn = (room: string, eventId: string) =>
  /^[!#]/.test(room) && eventId.startsWith('$') ? { room, eventId } : undefined

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Markdown links, angle brackets, quotes and the punctuation of the sentence around a name. */
function withoutNoise(text: string): string {
  const markdown = /^\[([^\]]*)\]\(([^)\s]*)\)$/.exec(text)
  if (markdown) {
    const [, label = '', href = ''] = markdown
    return withoutNoise(label.slice(1).includes('@') ? label : href)
  }
  const bare = text.replace(/^[<("'`*[{“‘«]+/, '').replace(/[>"'`*\]}”’»,;:!?.…]+$/, '')
  return bare.endsWith(')') && !bare.includes('(') ? withoutNoise(bare.slice(0, -1)) : bare
}

function parseLink(text: string): Handle | { readonly url: string } | undefined {
  const url = URL.parse(text)
  if (!url || url.username !== '' || url.password !== '') return undefined
  const host = asciiHost(url.host)
  if (host === undefined || !isReachable(host)) return undefined
  // A page of one server about an account of another: that page is not the account.
  const foreign = /^\/@([^/@]+@[^/@]+)\/?$/.exec(decode(url.pathname))
  return (foreign?.[1] !== undefined ? parseHandle(foreign[1]) : undefined) ?? { url: url.href }
}

/**
 * The account or page that somebody typed: `@user@host`, `user@host`, `!group@host`, `acct:…`, any
 * http(s) URL. Undefined for everything else, Matrix ids (see `parseUserId`) included.
 */
export function parseTarget(text: string): Handle | { readonly url: string } | undefined {
  if (text.length > maxTarget) return undefined
  const bare = withoutNoise(text.trim())
  const matrixId = matrixIdOf(bare)
  if (matrixId !== undefined) return parseHandle(matrixId.replace(/^@/, ''))
  if (/^https?:\/\//i.test(bare)) return parseLink(bare)
  return parseHandle(bare.replace(/^acct:(?:\/\/)?/i, '').replace(/^[@!]/, ''))
}

/** The Matrix user that somebody typed: `@alice:example.org` or a matrix.to link to it. */
export function parseUserId(text: string): UserId | undefined {
  if (text.length > maxTarget) return undefined
  const bare = withoutNoise(text.trim())
  const id = matrixIdOf(bare) ?? bare
  return /^@[^\s:@]+:[^\s:@/]+(?::\d+)?$/.test(id) && id.length <= 255 ? asUserId(id) : undefined
}

/** The room that a matrix.to link or a `matrix:` URI leads to by its address. */
export function aliasLinkedBy(href: string): RoomAlias | undefined {
  const alias = matrixIdOf(href) ?? ''
  const isOne = /^#[\p{L}\p{N}._=+-]+:[a-z0-9.-]+(?::\d{1,5})?$/iu.test(alias)
  return isOne && alias.length <= 255 ? asRoomAlias(alias) : undefined
}

const scripts = ['Latin', 'Han', 'Hangul', 'Arabic', 'Hebrew', 'Thai', 'Devanagari'] as const
const plainLabels = [
  ...scripts.map((script) => new RegExp(`^[\\p{N}\\p{Script=${script}}-]+$`, 'u')),
  /^[\p{N}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー-]+$/u,
]

/** Labels that mix scripts, or are of a script that looks like Latin, keep their punycode. */
function displayLabel(label: string): string {
  if (!label.startsWith('xn--')) return label
  const [, name = label, port = ''] = /^([^:]*)(:.*)?$/.exec(label) ?? []
  const shown = domainToUnicode(name)
  return plainLabels.some((pattern) => pattern.test(shown)) ? shown + port : label
}

/** `@user@host` for people: international host names in their own letters where that cannot deceive. */
export function displayHandle(handle: Handle): string {
  const host = handle.host.split('.').map(displayLabel).join('.')
  return `@${safeName(handle.username, 256)}@${host}`
}

/** Flags of parts of countries are made of them; anywhere else they only hide text. */
const tags = /(\u{1f3f4}[\u{e0030}-\u{e007a}]{1,8}\u{e007f})|[\u{e0000}-\u{e00ff}]/gu
/** Direction marks, fillers and what else shows nothing. */
const unseen =
  /\u034f|[\u180b-\u180f]|[\u17b4\u17b5]|[\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g
/** Joiners shape letters of other scripts and join emoji. */
const idleJoiners = /^[\u200c\u200d]+|(?<=[\x20-\x7e])[\u200c\u200d]+/g
/** No script needs more marks on one letter; heaps of them cover the lines around. */
const heaps = /(\p{M}{4})\p{M}+/gu

/** Words of letters that everybody sees, which most names are. */
const plainWords = /^(?:[!-~]+(?: [!-~]+)*)?$/

/**
 * A name that strangers chose, safe to stand in a line of ours: no control, line-break, invisible
 * or direction-changing characters, no heaps of marks, single spaces, at most `max` characters.
 */
export function safeName(text: string, max: number): string {
  if (text.length <= max && plainWords.test(text)) return text
  const clean = text
    .slice(0, max * 16)
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u2800\s]+/gu, ' ')
    .replace(unseen, '')
    .replace(tags, '$1')
    .replace(idleJoiners, '')
    .replace(heaps, '$1')
    .replace(/ +/g, ' ')
    .trim()
  const chars = Array.from(clean)
  return chars.length <= max ? clean : `${chars.slice(0, Math.max(0, max - 1)).join('')}…`
}
