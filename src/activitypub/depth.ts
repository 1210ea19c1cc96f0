const quote = 0x22
const backslash = 0x5c

const isOpening = (code: number): boolean => code === 0x7b || code === 0x5b
const isClosing = (code: number): boolean => code === 0x7d || code === 0x5d

function afterString(text: Uint8Array, start: number): number {
  let index = start
  while (index < text.length && text[index] !== quote) index += text[index] === backslash ? 2 : 1
  return index
}

/** The deepest document we take: `JSON.parse` and every walk after it recurse. */
export const deepestDocument = 32

/**
 * How deep JSON text nests, by one scan over its bytes that allocates nothing: run before
 * `JSON.parse`. Text that is no JSON gets a number too; the parser will refuse it.
 */
export function maxDepth(json: Uint8Array | string): number {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json
  let depth = 0
  let deepest = 0
  for (let index = 0; index < bytes.length; index++) {
    const code = bytes[index] ?? 0
    // UTF-8 never repeats an ASCII byte inside of a longer character.
    if (code === quote) index = afterString(bytes, index + 1)
    else if (isOpening(code)) deepest = Math.max(deepest, ++depth)
    else if (isClosing(code)) depth--
  }
  return deepest
}
