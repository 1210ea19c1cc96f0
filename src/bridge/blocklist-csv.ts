import { parse } from 'csv-parse/sync'
import { longestComment, mostLabels, type Severity } from '../model/domain-block.ts'
import type { ListedBlock } from '../model/blocklist.ts'

/** Bytes, and blocks, of one list. */
export const largestList = 5_000_000
export const mostBlocks = 50_000

/** What a list says; `skipped` lines name no domain, or one that is not to be blocked. */
export type ReadList = { readonly blocks: readonly ListedBlock[]; readonly skipped: number }

/** Of a domain, an address or the link of anything there. Undefined: it is none. */
export function domainIn(text: string): string | undefined {
  const name = text.trim().replace(/^@?(?:[^@/]*@)?/, '')
  const host = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${name}`)?.hostname
  const domain = host?.replace(/^\*\.|\.$/g, '')
  const isDomain = domain !== undefined && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(domain)
  // Of a name that a server shows in part, nobody knows what it is.
  return isDomain && domain.split('.').length <= mostLabels ? domain : undefined
}

const severities: ReadonlyMap<string, Severity> = new Map([
  ['suspend', 'suspend'],
  ['silence', 'silence'],
  ['limit', 'silence'],
  ['noop', 'none'],
])

const isTrue = (value: string | undefined): boolean => /^(?:true|1|yes)$/i.test(value?.trim() ?? '')

type Line = Readonly<Record<string, string | undefined>>

function blockIn(line: Line): ListedBlock | undefined {
  const domain = domainIn(line['domain'] ?? '')
  const severity = severities.get(line['severity']?.trim().toLowerCase() ?? 'suspend')
  if (domain === undefined || severity === undefined) return undefined
  const [publicComment, reason] = ['public_comment', 'private_comment'].map((name) =>
    line[name]?.trim().slice(0, longestComment),
  )
  return {
    domain,
    severity,
    rejectsMedia: isTrue(line['reject_media']),
    rejectsReports: isTrue(line['reject_reports']),
    isObfuscated: isTrue(line['obfuscate']),
    ...(reason ? { reason } : {}),
    ...(publicComment ? { publicComment } : {}),
  }
}

/** `#domain,#severity,…` as Mastodon exports them; a list without a head is one domain a line. */
function linesOf(text: string): readonly Line[] {
  const rows = parse(text, {
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 20_000,
    to: mostBlocks + 2,
  })
  const [head = [], ...rest] = rows
  const names = head.map((name) => name.trim().replace(/^#/, '').toLowerCase())
  if (!names.includes('domain')) return rows.map(([domain]) => ({ domain }))
  return rest.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])))
}

/**
 * A list of domain blocks, CSV in the form of Mastodon. Undefined: it is none, or too long. `isOurs`:
 * what nobody may block. The first line of a domain counts.
 */
export function readBlocklist(
  text: string,
  isOurs: (domain: string) => boolean,
): ReadList | undefined {
  let lines: readonly Line[]
  try {
    lines = linesOf(text)
  } catch {
    return undefined
  }
  if (lines.length > mostBlocks) return undefined
  const blocks = new Map<string, ListedBlock>()
  let skipped = 0
  for (const line of lines) {
    const block = blockIn(line)
    if (block === undefined || isOurs(block.domain)) skipped += 1
    else if (!blocks.has(block.domain)) blocks.set(block.domain, block)
  }
  // What is mostly something else is no list: a page of a server that is in trouble, for one.
  if (blocks.size === 0 || skipped > blocks.size) return undefined
  return { blocks: [...blocks.values()], skipped }
}
