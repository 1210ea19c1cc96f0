import { domainsOf, type DomainBlock } from './domain-block.ts'
import { asUserId } from './ids.ts'
import { matchesGlob } from './glob.ts'
import { isPattern, type ListedRule, type PolicyKind } from './policy.ts'

/** The rules of all lists, to look names up in. */
export type PolicyIndex = {
  /** A rule that names it, itself before one by a pattern. */
  find(kind: PolicyKind, name: string): ListedRule | undefined
  /** A rule that is just that name. */
  findNamed(kind: PolicyKind, name: string): ListedRule | undefined
  readonly size: number
}

type Rules = readonly ListedRule[]

/** Patterns by a text that they begin with or end with, and these by their lengths. */
type ByText = Map<number, Map<string, ListedRule[]>>

/** Patterns, so that a name meets only those that may fit it. */
type Patterns = { readonly begins: ByText; readonly ends: ByText; readonly others: ListedRule[] }

function add(texts: ByText, text: string, rule: ListedRule): void {
  const ofLength = texts.get(text.length) ?? new Map<string, ListedRule[]>()
  texts.set(text.length, ofLength)
  const same = ofLength.get(text)
  if (same === undefined) ofLength.set(text, [rule])
  else same.push(rule)
}

function addPattern({ begins, ends, others }: Patterns, rule: ListedRule): void {
  const { entity } = rule
  const begin = entity.slice(0, entity.search(/[*?]/))
  const end = endOf(entity)
  if (begin.length + end.length === 0) others.push(rule)
  else if (end.length >= begin.length) add(ends, end, rule)
  else add(begins, begin, rule)
}

/** What a pattern ends with, behind its last wildcard. */
export const endOf = (pattern: string): string =>
  pattern.slice(Math.max(pattern.lastIndexOf('*'), pattern.lastIndexOf('?')) + 1)

function candidates(name: string, { begins, ends, others }: Patterns): Rules[] {
  const found: Rules[] = []
  for (const [length, rules] of begins) found.push(rules.get(name.slice(0, length)) ?? [])
  for (const [length, rules] of ends) found.push(rules.get(name.slice(-length)) ?? [])
  return [...found, others]
}

function indexOne(rules: Rules) {
  const named = new Map<string, ListedRule>()
  const patterns: Patterns = { begins: new Map(), ends: new Map(), others: [] }
  const addNamed = (name: string | undefined, rule: ListedRule): void => {
    if (name !== undefined && !named.has(name)) named.set(name, rule)
  }
  for (const rule of rules) {
    if (isPattern(rule.entity)) addPattern(patterns, rule)
    else for (const name of [rule.entity, rule.roomId]) addNamed(name, rule)
  }
  const findPattern = (name: string): ListedRule | undefined => {
    for (const some of candidates(name, patterns)) {
      const rule = some.find(({ entity }) => matchesGlob(entity, name))
      if (rule !== undefined) return rule
    }
    return undefined
  }
  return { named, findPattern }
}

/** Answers are kept for as many names: the same people and servers come again and again. */
const mostKnown = 5_000

export function createPolicyIndex(rules: readonly ListedRule[]): PolicyIndex {
  const of = (kind: PolicyKind) => indexOne(rules.filter((rule) => rule.kind === kind))
  const kinds = { user: of('user'), server: of('server'), room: of('room') }
  const known = new Map<string, ListedRule | undefined>()
  return {
    size: rules.length,
    findNamed: (kind, name) => kinds[kind].named.get(name),
    find(kind, name) {
      const key = `${kind} ${name}`
      if (known.has(key)) return known.get(key)
      const rule = kinds[kind].named.get(name) ?? kinds[kind].findPattern(name)
      if (known.size >= mostKnown) known.clear()
      known.set(key, rule)
      return rule
    },
  }
}

/** The rule that names a homeserver, with its port or without. */
export function serverRule(index: PolicyIndex, serverName: string): ListedRule | undefined {
  const name = serverName.toLowerCase()
  const bare = name.replace(/:\d+$/, '')
  return index.find('server', name) ?? (bare === name ? undefined : index.find('server', bare))
}

/**
 * The rule that keeps a host of the fediverse away, and the domain that it says so of: a name counts
 * with all below it, as admins block domains, a pattern for just what fits it.
 */
export function domainRule(
  index: PolicyIndex,
  host: string,
): { readonly domain: string; readonly rule: ListedRule } | undefined {
  if (index.size === 0) return undefined
  const [whole = host, ...above] = domainsOf(host)
  const own = index.find('server', whole)
  if (own !== undefined) return { domain: whole, rule: own }
  // No server is called like a whole top-level domain.
  for (const domain of above.filter((one) => one.includes('.'))) {
    const rule = index.findNamed('server', domain)
    if (rule !== undefined) return { domain, rule }
  }
  return undefined
}

const asBlock = (domain: string, { list, reason, at }: ListedRule): DomainBlock => ({
  ...{ domain, severity: 'suspend', rejectsMedia: true, rejectsReports: true, list, at },
  ...(reason === undefined ? {} : { reason }),
  by: asUserId('@:'),
})

/**
 * A host below the rules of policy lists: the nearest domain counts, and where two things are said of
 * one, first what an admin says, then what keeps more away.
 */
export function withRule(
  block: DomainBlock | undefined,
  rules: PolicyIndex,
  host: string,
): DomainBlock | undefined {
  const named = domainRule(rules, host)
  if (named === undefined) return block
  const { domain, rule } = named
  const isNearer = block === undefined || domain.length > block.domain.length
  const isStricter = block?.list !== undefined && block.severity !== 'suspend'
  const isSame = block?.domain.length === domain.length
  return isNearer || (isSame && isStricter) ? asBlock(domain, rule) : block
}
