import {
  asEventId,
  asRoomId,
  asUserId,
  type EventId,
  type RoomId,
  type UserId,
} from '../model/ids.ts'

export { mxcOf as toMxc, partsOfMxc } from '../model/mxc.ts'

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a body says in JSON; undefined where it is none. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The JSON object that a body is; undefined where it is something else. */
export function recordIn(body: Buffer): Json | undefined {
  const value = jsonIn(body)
  return isRecord(value) ? value : undefined
}

/** Identifiers of Matrix are at most 255 bytes (appendices, "Common Namespace Format"). */
const maxId = 255

const isId = (value: unknown, sigil: string): value is string =>
  typeof value === 'string' &&
  value.length > 1 &&
  value.length <= maxId &&
  value.startsWith(sigil) &&
  !/[\s\0]/.test(value)

export const toEventId = (value: unknown): EventId | undefined =>
  isId(value, '$') ? asEventId(value) : undefined

/** Room ids of version 12 have no `:server`. */
export const toRoomId = (value: unknown): RoomId | undefined =>
  isId(value, '!') ? asRoomId(value) : undefined

export const toUserId = (value: unknown): UserId | undefined =>
  isId(value, '@') && /^@[^:]*:./.test(value) ? asUserId(value) : undefined

/**
 * A string of at most `max` UTF-16 units, without half characters, which JSON can carry and other
 * servers refuse; anything else is undefined.
 */
export const toText = (value: unknown, max: number): string | undefined =>
  typeof value === 'string' && value.length <= max ? value.toWellFormed() : undefined

/** The record under `key`; an empty one where there is none. */
export function recordAt(record: Json, key: string): Json {
  const value = record[key]
  return isRecord(value) ? value : {}
}

/** The list under `key`; an empty one where there is none. */
export function listAt(record: Json, key: string): readonly unknown[] {
  const value: unknown = record[key]
  return Array.isArray(value) ? value : []
}
