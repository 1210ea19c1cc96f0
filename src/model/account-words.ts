/** By which words people find an account, and how those are written that they look for. */

const mostWords = 20
const longestWord = 40

/** Whole words of letters and digits, in the one spelling in which they are compared. */
export function searchWords(text: string): readonly string[] {
  const words = text
    .slice(0, 1_000)
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu)
  const short = (words ?? []).map((word) => Array.from(word).slice(0, longestWord).join(''))
  return [...new Set(short)].slice(0, mostWords)
}

/** Name and handle; of a name like `jane_doe` its parts as well. */
export const wordsOfAccount = ({
  name = '',
  username,
  host,
}: {
  readonly name?: string
  readonly username: string
  readonly host: string
}): readonly string[] => searchWords(`${username} ${name} ${host}`)
