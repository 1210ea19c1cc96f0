import { RejectedError } from '../model/errors.ts'
import { plainHostOf } from '../model/host.ts'

/** A JSON object whose members are not known yet. */
export type Json = Readonly<Record<string, unknown>>

/** How much of a hostile document is kept; what is longer is cut, ids that are longer are none. */
export const bounds = {
  id: 2048,
  username: 128,
  name: 2048,
  summary: 20_000,
  content: 200_000,
  mentions: 100,
  tags: 200,
  attachments: 64,
  options: 100,
  fields: 20,
  aliases: 50,
  fieldName: 255,
  quotableBy: 20,
  recipients: 1000,
  keys: 10,
  pem: 16_384,
} as const

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON-LD writes one value with or without an array around it. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? (value as readonly unknown[]) : [value]
}

/** A string that is not empty, cut at `max` characters. */
export function textOf(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return value.length > max ? value.slice(0, max) : value
}

/** The plain member, else the first of its language map. */
export function languageText(
  document: Json,
  member: 'name' | 'content' | 'summary',
  max: number,
): string | undefined {
  const plain = textOf(document[member], max)
  if (plain !== undefined) return plain
  const map = document[`${member}Map`]
  if (!isJson(map)) return undefined
  for (const value of Object.values(map)) {
    const text = textOf(value, max)
    if (text !== undefined) return text
  }
  return undefined
}

const httpUrl = /^https?:\/\/[^\s\p{Cc}]+$/u

/** An absolute http(s) URL without user and password; anything else is undefined. */
export function httpUrlOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > bounds.id || !httpUrl.test(value)) {
    return undefined
  }
  // Half a character is written by nobody, and refused by homeservers.
  return hostOf(value) === undefined || !value.isWellFormed() ? undefined : value
}

/** Host with port, lower case. Undefined for what is no URL or carries credentials. */
export function hostOf(url: string): string | undefined {
  const plain = plainHostOf(url)
  if (plain !== undefined) return plain
  const parsed = URL.parse(url)
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return undefined
  return parsed.host === '' ? undefined : parsed.host
}

/** Whether both URLs are on one host: only then can one vouch for the other. */
export function isSameHost(a: string, b: string): boolean {
  const host = hostOf(a)
  return host !== undefined && host === hostOf(b)
}

/** The id of what stands there: a bare id, or an object with one; of an array the first that has one. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return httpUrlOf(value)
  if (Array.isArray(value)) {
    for (const item of value) {
      const id = Array.isArray(item) ? undefined : idOf(item)
      if (id !== undefined) return id
    }
    return undefined
  }
  return isJson(value) ? httpUrlOf(value['id'] ?? value['@id']) : undefined
}

const vocabulary = /^(?:as:|https?:\/\/www\.w3\.org\/ns\/activitystreams#)/

/** The type names, without the prefix of the ActivityStreams vocabulary. */
export function typesOf(document: Json): readonly string[] {
  const types: string[] = []
  for (const type of listOf(document['type'] ?? document['@type'])) {
    if (typeof type !== 'string' || type === '' || type.length > 256) continue
    types.push(type.includes(':') ? type.replace(vocabulary, '') : type)
  }
  return types
}

// Date.parse alone would read '-1' and '7' as dates.
const dateFirst = /^\d{4}-\d\d-\d\d/

/** Milliseconds since the epoch, within the years that everybody can write; else undefined. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 64 || !dateFirst.test(value)) return undefined
  const time = Date.parse(value)
  return time >= 0 && time < 253_402_300_800_000 ? time : undefined
}

/** The page for people: a string, a Link, or several of them, of which HTML comes first. */
export function pageOf(value: unknown): string | undefined {
  let first: string | undefined
  for (const item of listOf(value)) {
    const url = httpUrlOf(isJson(item) ? (item['href'] ?? item['url']) : item)
    if (url === undefined) continue
    if (isJson(item) && item['mediaType'] === 'text/html') return url
    first ??= url
  }
  return first
}

/** What a reader answers instead of a value: why the document is not one of its kind. */
export class Refusal {
  readonly code: 'not-activitypub' | 'hostile' | 'forwarded' | 'gone'
  readonly why: string
  constructor(code: Refusal['code'], why: string) {
    this.code = code
    this.why = why
  }
}

export function orThrow<T>(value: T | Refusal): T {
  if (!(value instanceof Refusal)) return value
  throw new RejectedError(value.why, { code: value.code })
}
