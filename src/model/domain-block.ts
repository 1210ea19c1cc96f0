import type { UserId } from './ids.ts'

/**
 * What is kept away of a whole domain, its subdomains included. `suspend`: nothing comes from it and
 * nothing goes to it. `silence`: its people reach only those who follow them, and ask before they
 * follow. `none`: what the other two fields say alone.
 */
export type Severity = 'suspend' | 'silence' | 'none'

/** Key: `domain`. */
export type DomainBlock = {
  /** Lower case ASCII (punycode), without port. */
  readonly domain: string
  readonly severity: Severity
  /** No file and no picture of it is fetched. */
  readonly rejectsMedia: boolean
  /** Its reports are not taken. */
  readonly rejectsReports: boolean
  /** Its name is shown to others only in part. */
  readonly isObfuscated?: true
  /** For the admins. */
  readonly reason?: string
  /** For everybody. */
  readonly publicComment?: string
  /** The address of the list that names it; absent: an admin does. */
  readonly list?: string
  /** Nobody names it: here only those come in whom an admin has let in. */
  readonly isUnlisted?: true
  readonly by: UserId
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How much of a domain is kept away. */
export type BlockKind = Pick<DomainBlock, 'severity' | 'rejectsMedia' | 'rejectsReports'>

/** Characters of a reason, and of a comment. */
export const longestComment = 500

/** Whether nothing is kept away: an admin lets it in, whatever lists say. */
export const isLetIn = ({ severity, rejectsMedia, rejectsReports }: BlockKind): boolean =>
  severity === 'none' && !rejectsMedia && !rejectsReports

/** A domain that is blocked has no more; so no host, however deep, costs more to look up. */
export const mostLabels = 8

/** That host and every domain it is under that may be blocked, longest first; of an address itself alone. A port counts for nothing. */
export function domainsOf(host: string): readonly string[] {
  const name = host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
  if (name.startsWith('[') || /^[\d.]+$/.test(name)) return [name]
  const labels = name.split('.').slice(-mostLabels)
  return labels.map((_, index) => labels.slice(index).join('.'))
}
