import { safeName } from '../model/names.ts'

/** Characters of what strangers wrote. */
const longest = 500

/** One line, without characters that hide or turn others around. */
export const plain = (text: string, length: number = longest): string =>
  safeName(text.replaceAll('`', "'"), length)
