/** Deeper than any document we take (`depth.ts`), with room for what wraps it. */
const deepest = 40

const textOf = (text: string): string => {
  // RFC 8785, 3.2.2.2: half a surrogate pair is an error, and two readers would see two texts.
  if (!text.isWellFormed()) throw new TypeError('the text is no Unicode')
  return JSON.stringify(text)
}

/**
 * JSON of one form only, as two readers have to agree on it to the byte (RFC 8785, JCS). ECMAScript
 * is where that form of numbers and texts comes from. Throws `TypeError` for what is no JSON, and for
 * what nests deeper than 40 levels.
 */
export function canonicalize(value: unknown, depth = 0): string {
  if (depth > deepest) throw new TypeError('it nests too deep')
  switch (typeof value) {
    case 'string':
      return textOf(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('the number is no JSON')
      return JSON.stringify(value)
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : canonicalizeInside(value, depth + 1)
    default:
      throw new TypeError(`${typeof value} is no JSON`)
  }
}

function canonicalizeInside(value: object, depth: number): string {
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => canonicalize(item, depth)).join(',')}]`
  }
  // Sorted by UTF-16 code units, as `sort` does where it is told nothing else.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${textOf(name)}:${canonicalize(member, depth)}`).join(',')}}`
}
