import { deepestDocument } from './depth.ts'
import type { Envelope } from './parse.ts'
import { bounds, httpUrlOf, idOf, typesOf } from './parse-values.ts'

/** Where a value stands in the text, without the whitespace around it. */
type Range = { readonly start: number; readonly end: number }

const code = (character: string): number => character.charCodeAt(0)
const quote = code('"')
const backslash = code('\\')
const comma = code(',')
const colon = code(':')
const openObject = code('{')
const openArray = code('[')
const closeObject = code('}')
const closeArray = code(']')

const isOpening = (byte: number): boolean => byte === openObject || byte === openArray
const isClosing = (byte: number): boolean => byte === closeObject || byte === closeArray
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13)

/** Longer than any of the names that are looked for, even with all of its characters escaped. */
const longestName = 64
/** A list of types or of actors; nobody has more. */
const longestList = 8_192

/** The index of the closing quote of the string that begins before `start`. */
function endOfString(text: Uint8Array, start: number): number {
  let index = start
  while (index < text.length && text[index] !== quote) index += text[index] === backslash ? 2 : 1
  return index
}

function valueOf(text: Buffer, { start, end }: Range): unknown {
  try {
    return JSON.parse(text.toString('utf8', start, end))
  } catch {
    return undefined
  }
}

function trimmed(text: Uint8Array, start: number, end: number): Range {
  while (start < end && isSpace(text[start] ?? 0)) start++
  while (end > start && isSpace(text[end - 1] ?? 0)) end--
  return { start, end }
}

type Members = ReadonlyMap<string, Range>

/** A name that may be spelt with escapes, as JSON reads it. */
function nameOf(text: Buffer, start: number, end: number): string | undefined {
  if (end - start > longestName) return undefined
  const raw = text.toString('latin1', start, end)
  if (!raw.includes('\\')) return raw
  const name = valueOf(text, { start: start - 1, end: end + 1 })
  return typeof name === 'string' ? name : undefined
}

/**
 * Where the members of an object stand, by one scan that allocates nothing but them; of two with one
 * name the last, as in JSON. Undefined: it nests deeper than `deepestDocument`, or does not end.
 */
function membersOf(text: Buffer, range: Range, names: ReadonlySet<string>): Members | undefined {
  const found = new Map<string, Range>()
  let depth = 0
  let name: string | undefined
  let value = -1
  const endValue = (end: number): void => {
    if (name !== undefined && value !== -1) found.set(name, trimmed(text, value, end))
    name = undefined
    value = -1
  }
  for (let index = range.start; index < range.end; index++) {
    const byte = text[index] ?? 0
    if (byte === quote) {
      const end = endOfString(text, index + 1)
      // UTF-8 never repeats an ASCII byte inside of a longer character.
      if (depth === 1 && value === -1) {
        const given = nameOf(text, index + 1, end)
        name = given !== undefined && names.has(given) ? given : undefined
      }
      index = end
    } else if (isOpening(byte)) {
      if (++depth > deepestDocument) return undefined
    } else if (isClosing(byte)) {
      if (depth === 1) endValue(index)
      depth--
    } else if (depth === 1 && byte === colon && value === -1) value = index + 1
    else if (depth === 1 && byte === comma) endValue(index)
  }
  return depth === 0 ? found : undefined
}

const idNames: ReadonlySet<string> = new Set(['id', '@id'])

/** As `idOf`, but nothing of an object but its id is parsed. */
function idAt(text: Buffer, range: Range | undefined): string | undefined {
  if (range === undefined) return undefined
  const { start, end } = range
  const first = text[start]
  if (first === quote)
    return end - start <= bounds.id * 6 ? httpUrlOf(valueOf(text, range)) : undefined
  if (first === openArray)
    return end - start <= longestList ? idOf(valueOf(text, range)) : undefined
  if (first !== openObject) return undefined
  const members = membersOf(text, range, idNames)
  const own = members?.get('id')
  const isNull = own !== undefined && text.toString('latin1', own.start, own.end) === 'null'
  const id = own === undefined || isNull ? members?.get('@id') : own
  return id !== undefined && text[id.start] === quote ? idAt(text, id) : undefined
}

function typeAt(text: Buffer, members: Members): string | undefined {
  const read = (name: string): unknown => {
    const range = members.get(name)
    return range === undefined || range.end - range.start > longestList
      ? undefined
      : valueOf(text, range)
  }
  return typesOf({ type: read('type'), '@type': read('@type') })[0]
}

/** Activities that may be about their own actor. */
const aboutItself: ReadonlySet<string> = new Set(['Delete', 'Update'])

const envelopeNames: ReadonlySet<string> = new Set(['type', '@type', 'actor', 'object'])

/**
 * Type and actor of an activity whose sender is not proven yet, and of a Delete or Update its object:
 * what `readEnvelope` reads, while nothing else of the text is parsed or kept. Undefined: it is no
 * object, nests deeper than `deepestDocument`, or does not end.
 */
export function scanEnvelope(text: Buffer): Omit<Envelope, 'id'> | undefined {
  const range = trimmed(text, 0, text.length)
  if (text[range.start] !== openObject) return undefined
  const members = membersOf(text, range, envelopeNames)
  if (members === undefined) return undefined
  const type = typeAt(text, members)
  const actor = idAt(text, members.get('actor'))
  const object = aboutItself.has(type ?? '') ? idAt(text, members.get('object')) : undefined
  return {
    ...(type === undefined ? {} : { type }),
    ...(actor === undefined ? {} : { actor }),
    ...(object === undefined ? {} : { object }),
  }
}
