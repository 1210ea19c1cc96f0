/** Bytes from `start` up to, not including, `end`. */
export type ByteRange = { readonly start: number; readonly end: number }

/**
 * The part of `size` bytes that a `Range` header asks for (RFC 9110, 14.2). `unsatisfiable`: there
 * is no such part. Undefined: everything, as for several parts at once or what is no range at all.
 */
export function parseByteRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] =
    /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const isTail = first === ''
  if (!isTail && last !== '' && Number(last) < Number(first)) return undefined
  const start = isTail ? Math.max(0, size - Number(last)) : Number(first)
  const end = isTail || last === '' ? size : Math.min(Number(last) + 1, size)
  return start < end ? { start, end } : 'unsatisfiable'
}
