import { parse } from 'csv-parse/sync'
import { parseTarget } from '../model/target.ts'

type ListedAccount = { readonly account: string; readonly withBoosts: boolean }

/** Each account once; `bad`: how many lines name none. */
export type AccountList = { readonly accounts: readonly ListedAccount[]; readonly bad: number }

/** Accounts that one list may have. */
export const longestList = 10_000
/** Characters of a line: an address has a few hundred at most. */
const longestLine = 4_096

type Lines = readonly (readonly string[])[]

/** Text of any encoding and form; undefined: it is no table. */
function linesOf(text: string): Lines | undefined {
  try {
    const records: unknown = parse(text, {
      bom: true,
      relaxColumnCount: true,
      relaxQuotes: true,
      skipEmptyLines: true,
      trim: true,
      to: longestList + 2,
      maxRecordSize: longestLine,
    })
    return records as Lines
  } catch {
    return undefined
  }
}

/** `user@host`, with or without an `@` before it, or the link of an account. */
function accountIn(cell: string): string | undefined {
  const text = /^https?:\/\//i.test(cell) ? cell : `@${cell.replace(/^@/, '')}`
  return parseTarget(text) === undefined ? undefined : text
}

const isNo = (cell: string | undefined): boolean => /^(?:false|0|no)$/i.test(cell ?? '')

/**
 * Reads a list as servers export it: Mastodon's with a head or (blocks, and before 3.4) without one, and
 * those of others, whose first column is the address.
 */
export function readAccountList(text: string): AccountList | 'malformed' | 'too-long' {
  const lines = linesOf(text)
  if (lines === undefined) return 'malformed'
  if (lines.length > longestList + 1) return 'too-long'
  const [head = []] = lines
  const hasHead = accountIn(head[0] ?? '') === undefined
  const boosts = hasHead ? head.findIndex((cell) => /^show boosts$/i.test(cell)) : 1
  const accounts = new Map<string, ListedAccount>()
  let bad = 0
  for (const line of lines.slice(hasHead ? 1 : 0)) {
    const account = accountIn(line[0] ?? '')
    if (account === undefined) bad += 1
    else if (!accounts.has(account.toLowerCase()))
      accounts.set(account.toLowerCase(), { account, withBoosts: !isNo(line[boosts]) })
  }
  return { accounts: [...accounts.values()], bad }
}
