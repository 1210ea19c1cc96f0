import { createHash } from 'node:crypto'
import { asRoomAlias, asUserId } from './ids.ts'
import type { RoomAlias, UserId } from './ids.ts'
import { asciiHost } from './target.ts'
import type { Handle } from './handle.ts'

export { aliasLinkedBy, displayHandle, parseTarget, parseUserId, safeName } from './target.ts'

/**
 * The rules that turn one network's names into the other's. Every name made here is stored beside
 * what it stands for; parsing one back is only ever a way to look up an account not stored yet.
 */

/** Matrix allows 255 bytes for a whole user id or alias, sigil and server name included. */
const maxIdBytes = 255
/** Mastodon-like servers accept at most this for a name left of the `@`. */
const maxUsername = 64
/** `==` never comes out of `=xx` escapes: what follows it is ours (an attempt or a hash). */
const mark = '=='

type NameOptions = {
  /** 1 for the first actor with that handle, 2 for another one with the same handle, … */
  readonly attempt?: number
  /** Longest localpart in bytes. */
  readonly max?: number
}

/** Lower case and injective: bytes outside the kept alphabet become `=xx`. */
function escape(text: string, kept: RegExp): string {
  let escaped = ''
  for (const byte of Buffer.from(text.toLowerCase())) {
    const char = String.fromCharCode(byte)
    escaped += kept.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`
  }
  return escaped
}

const escapeUser = (username: string): string => escape(username, /[a-z0-9._-]/)
/** Without `_`, so that the last `_` of a localpart separates user and host. */
const escapeHost = (host: string): string => escape(asciiHost(host) ?? host, /[a-z0-9.-]/)

function unescape(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/%/g, '%25').replace(/=([0-9a-f]{2})/g, '%$1'))
  } catch {
    return undefined
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Localpart of the ghost of that account, and of its portal's alias: `_ap_<user>_<host>`.
 * Injective on lower-case handles for one attempt; a name longer than `max` ends in a hash.
 */
export function ghostLocalpart(prefix: string, handle: Handle, options: NameOptions = {}): string {
  const { attempt = 1, max = maxIdBytes - 2 } = options
  const again = attempt > 1 ? `${mark}${attempt}` : ''
  const whole = `${prefix}${escapeUser(handle.username)}${again}_${escapeHost(handle.host)}`
  if (whole.length <= max) return whole
  const end = `${mark}h${digest(whole).slice(0, 32)}`
  return (whole.slice(0, Math.max(prefix.length, max - end.length)) + end).slice(0, max)
}

/**
 * The lower-case account that a ghost's or alias's localpart names, to look it up when it is not
 * stored. Undefined for anything `ghostLocalpart` did not make from a handle alone.
 */
export function parseGhostLocalpart(prefix: string, localpart: string): Handle | undefined {
  if (!localpart.startsWith(prefix) || localpart.includes(mark)) return undefined
  const rest = localpart.slice(prefix.length)
  const split = rest.lastIndexOf('_')
  if (split < 1) return undefined
  const username = unescape(rest.slice(0, split))
  const host = unescape(rest.slice(split + 1))
  if (username === undefined || host === undefined || asciiHost(host) !== host) return undefined
  const handle = { username, host }
  return ghostLocalpart(prefix, handle) === localpart ? handle : undefined
}

type GhostName = {
  readonly prefix: string
  readonly serverName: string
  readonly attempt?: number
}

const bounded = (handle: Handle, { prefix, serverName, attempt = 1 }: GhostName): string =>
  ghostLocalpart(prefix, handle, { attempt, max: maxIdBytes - 2 - serverName.length })

/** `@_ap_<user>_<host>:<server>`, at most 255 bytes. */
export const ghostUserId = (handle: Handle, name: GhostName): UserId =>
  asUserId(`@${bounded(handle, name)}:${name.serverName}`)

/** `#_ap_<user>_<host>:<server>`, at most 255 bytes. */
export const portalAlias = (handle: Handle, name: GhostName): RoomAlias =>
  asRoomAlias(`#${bounded(handle, name)}:${name.serverName}`)

/** Localpart and server of a user id or alias (`sigil` `@` or `#`); undefined when it is none. */
export function splitMatrixId(
  id: string,
  sigil: '@' | '#',
): { readonly localpart: string; readonly serverName: string } | undefined {
  const colon = id.indexOf(':')
  if (!id.startsWith(sigil) || colon < 2 || colon === id.length - 1) return undefined
  return { localpart: id.slice(1, colon), serverName: id.slice(colon + 1) }
}

/** `[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*`: what Mastodon, Misskey and PeerTube all accept. */
const toSafe = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '_')
    .replace(/^[.-]+|[.-]+$/g, '')

/**
 * The fediverse name of a room, made from its alias, its name or what somebody typed; empty where
 * nothing of that can stand in a name. Without dots and hyphens: `bob.other.org` is what a user of another
 * homeserver gets. Lossy: ask again with the next `attempt`.
 */
export function groupUsername(text: string, attempt = 1): string {
  const end = attempt > 1 ? `_${attempt}` : ''
  const bare = toSafe(text)
    .replace(/[.-]/g, '_')
    .replace(/^_+|_+$/g, '')
  const name = bare.slice(0, maxUsername - end.length).replace(/_+$/, '')
  return name === '' ? '' : name + end
}

/**
 * The fediverse name of a Matrix user: `alice` for `@alice:<serverName>`, `alice.other.org` for
 * other homeservers. Lossy, so two users may get the same one: ask again with the next `attempt`.
 */
export function localUsername(userId: UserId, serverName: string, attempt = 1): string {
  const { localpart, serverName: server } = splitMatrixId(userId, '@') ?? {
    localpart: userId,
    serverName,
  }
  const name = toSafe(localpart) || 'user'
  const base = server === serverName ? name : `${name}.${toSafe(server) || 'server'}`
  const end = attempt > 1 ? `_${attempt}` : ''
  if (base.length + end.length <= maxUsername) return base + end
  const tail = `_${digest(userId).slice(0, 10)}${end}`
  return base.slice(0, maxUsername - tail.length).replace(/[.-]+$/, '') + tail
}
