/**
 * The part of Structured Field Values (RFC 9651) that signatures and digests need: dictionaries of
 * items and inner lists. Values stay as they are written, which is how they are signed; what is
 * written in more than one way (white space) is not kept.
 */
export type Parameters = ReadonlyMap<string, string>
export type Item = { readonly value: string; readonly parameters: Parameters }
export type Member = {
  /** Of an inner list; absent for an item. */
  readonly items?: readonly Item[]
  /** Of an item, as written; `?1` for a bare key. */
  readonly value: string
  readonly parameters: Parameters
}

const longest = 8_192
const mostMembers = 8
const mostItems = 32
const mostParameters = 16

const name = '[a-z*][a-z0-9_.*-]*'
const bare = [
  String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`,
  ':[A-Za-z0-9+/]*={0,2}:',
  String.raw`-?\d{1,15}(?:\.\d{1,3})?`,
  String.raw`\?[01]`,
  String.raw`@-?\d{1,15}`,
  "[A-Za-z*][!#$%&'*+.^_`|~:/0-9A-Za-z-]*",
].join('|')
const tokens = {
  key: new RegExp(`(${name})(=)?`, 'y'),
  bare: new RegExp(bare, 'y'),
  parameter: new RegExp(`; *(${name})(?:=(${bare}))?`, 'y'),
  open: / *\( */y,
  between: / +/y,
  close: / *\)/y,
  comma: /[ \t]*,[ \t]*/y,
} as const

type Cursor = { readonly text: string; at: number }

function take(cursor: Cursor, token: keyof typeof tokens): RegExpExecArray | undefined {
  const pattern = tokens[token]
  pattern.lastIndex = cursor.at
  const match = pattern.exec(cursor.text)
  if (match === null) return undefined
  cursor.at = pattern.lastIndex
  return match
}

/** Whoever repeats a key hopes that two readers choose differently, so that is no dictionary. */
function takeParameters(cursor: Cursor): Parameters | undefined {
  const parameters = new Map<string, string>()
  for (;;) {
    const match = take(cursor, 'parameter')
    if (match === undefined) return parameters
    const [, key = '', value = '?1'] = match
    if (parameters.has(key) || parameters.size === mostParameters) return undefined
    parameters.set(key, value)
  }
}

function takeItem(cursor: Cursor): Item | undefined {
  const value = take(cursor, 'bare')?.[0]
  const parameters = value === undefined ? undefined : takeParameters(cursor)
  return value === undefined || parameters === undefined ? undefined : { value, parameters }
}

function takeInnerList(cursor: Cursor): Member | undefined {
  const items: Item[] = []
  while (take(cursor, 'close') === undefined) {
    if (items.length > 0 && take(cursor, 'between') === undefined) return undefined
    const item = takeItem(cursor)
    if (item === undefined || items.length === mostItems) return undefined
    items.push(item)
  }
  const parameters = takeParameters(cursor)
  return parameters && { items, value: '', parameters }
}

function takeMember(cursor: Cursor, hasValue: boolean): Member | undefined {
  if (hasValue) return take(cursor, 'open') ? takeInnerList(cursor) : takeItem(cursor)
  const parameters = takeParameters(cursor)
  return parameters && { value: '?1', parameters }
}

/** The members in their order; undefined for what is no dictionary, or a very long one. */
export function readDictionary(header: string): ReadonlyMap<string, Member> | undefined {
  if (header.length > longest) return undefined
  const cursor = { text: header.trim(), at: 0 }
  const members = new Map<string, Member>()
  do {
    const [, key = '', equals] = take(cursor, 'key') ?? []
    const member = key === '' ? undefined : takeMember(cursor, equals !== undefined)
    if (member === undefined || members.has(key) || members.size === mostMembers) return undefined
    members.set(key, member)
  } while (take(cursor, 'comma') !== undefined)
  return cursor.at === cursor.text.length ? members : undefined
}

/** The text of a string as written; undefined for any other value. */
export const stringOf = (value: string | undefined): string | undefined =>
  value?.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : undefined

/** The bytes of a byte sequence as written, base64; undefined for any other value. */
export const base64Of = (value: string | undefined): string | undefined =>
  value?.startsWith(':') ? value.slice(1, -1) : undefined

/** A whole number from 0 on, written in the one way that is its own; undefined for any other value. */
export const wholeOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^(?:0|[1-9]\d{0,11})$/.test(value) ? Number(value) : undefined
