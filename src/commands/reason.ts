import { safeName } from '../model/names.ts'

/** Characters of an error in a line. */
const shortError = 120

/** Without the names that errors have here alone. */
export const plainError = (error: string): string =>
  error.replace(/^(?:Rejected|Transient)Error: /, '').replaceAll('`', "'")

/** The first line of an error, as a part of a line of ours. */
export const reasonIn = (error: string): string =>
  safeName(plainError(error).split('\n', 1)[0] ?? '', shortError)
