import type { Blocklist, ListedBlock } from '../model/blocklist.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { DomainBlock } from '../model/domain-block.ts'
import type { FetchedFile } from '../model/file.ts'
import { domainsOf } from '../model/domain-block.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { isWithin } from '../model/host.ts'
import { largestList, readBlocklist, type ReadList } from './blocklist-csv.ts'
import { barredJob } from './domain-blocks.ts'
import { tellAdmins } from './admins.ts'

/** A list is to be read again; payload of an `upkeep` job. */
export type CheckList = { readonly type: 'check-list'; readonly url: string }

const timeout = 60_000
const dayInMs = 86_400_000
/** A list that loses more than half of what it named is not believed by itself. */
const mostLost = 0.5

export function isOurDomain(domain: string, { identity }: Deps): boolean {
  const { handleDomain, publicUrl, serverName } = identity
  return [handleDomain, new URL(publicUrl).hostname, serverName].some((own) =>
    isWithin(own, domain),
  )
}

/** The text of a file, which is discarded. */
export async function textOf({ file }: FetchedFile): Promise<string> {
  try {
    return (await file.read(0, Math.min(file.size, largestList))).toString('utf8')
  } finally {
    await file.discard()
  }
}

/** What is behind that address. Undefined: no list. Errors of the network. */
export async function fetchList(url: string, deps: Deps): Promise<ReadList | undefined> {
  const bounds = { maxBytes: largestList, timeout }
  const text = await textOf(await deps.fediverse.fetchFile(url, bounds))
  return readBlocklist(text, (domain) => isOurDomain(domain, deps))
}

/** Those of the domains in which accounts are that have rooms here. */
export async function withRooms(
  domains: readonly string[],
  { store }: Pick<Deps, 'store'>,
): Promise<readonly string[]> {
  const there = new Set((await store.hostsWithRooms()).flatMap(domainsOf))
  return domains.filter((domain) => there.has(domain))
}

/** What holds for each of those domains changes: rooms are told where everything stops or goes on. */
export async function changedNews(
  domains: readonly string[],
  isSuspendedThen: (domain: string) => boolean,
  deps: Deps,
): Promise<readonly Change[]> {
  const at = deps.clock.now()
  const news: Change[] = []
  for (const domain of await withRooms(domains, deps)) {
    const before = await deps.store.findDomainBlock(domain)
    // What an admin says of it counts more, and says it still.
    if (before !== undefined && before.list === undefined && before.domain === domain) continue
    const isBarred = isSuspendedThen(domain)
    if (isBarred !== (before?.severity === 'suspend'))
      news.push(barredJob({ domain, isBarred, at }))
  }
  return news
}

const suspended = (blocks: readonly ListedBlock[]): ReadonlySet<string> =>
  new Set(blocks.flatMap(({ domain, severity }) => (severity === 'suspend' ? [domain] : [])))

/** What following that list from now on changes. */
export async function changesOfList(
  list: Blocklist,
  blocks: readonly ListedBlock[],
  deps: Deps,
): Promise<readonly Change[]> {
  const before = await deps.store.blocksOfList(list.url)
  const then = suspended(blocks)
  const gone = [...suspended(before)].filter((domain) => !then.has(domain))
  return [
    { change: 'put-blocklist', list, blocks },
    ...(await changedNews([...then, ...gone], (domain) => then.has(domain), deps)),
  ]
}

/** The job of that day. */
function checkListJob(url: string, day: number): Change {
  const job = {
    kind: 'upkeep',
    key: `check list ${url} ${String(day)}`,
    lane: `upkeep:check list ${url}`,
    host: new URL(url).host,
    payload: JSON.stringify({ type: 'check-list', url } satisfies CheckList),
  } as const
  return { change: 'enqueue', job }
}

/** Each list that is followed is read again. */
export async function checkLists({ store, clock }: Deps): Promise<readonly Change[]> {
  const day = Math.floor(clock.now() / dayInMs)
  return (await store.blocklists()).map(({ url }) => checkListJob(url, day))
}

async function readOrWhy(url: string, deps: Deps): Promise<ReadList | string> {
  try {
    return (await fetchList(url, deps)) ?? 'it is no list of blocks any more'
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError)
      return 'it could not be fetched'
    throw error
  }
}

type Difference = { readonly added: readonly string[]; readonly removed: readonly string[] }

function differenceOf(
  before: readonly Pick<DomainBlock, 'domain'>[],
  after: readonly Pick<DomainBlock, 'domain'>[],
): Difference {
  const [old, now] = [before, after].map((all) => new Set(all.map(({ domain }) => domain)))
  return {
    added: [...(now ?? [])].filter((domain) => old?.has(domain) !== true),
    removed: [...(old ?? [])].filter((domain) => now?.has(domain) !== true),
  }
}

const mostNamed = 5
const named = (domains: readonly string[]): string =>
  domains.length <= mostNamed
    ? domains.join(', ')
    : `${domains.slice(0, mostNamed).join(', ')} and ${domains.length - mostNamed} more`

/** Reads a list again: what is new there holds from now on, and what is gone does not. Admins read what changed. */
export async function checkList({ url }: CheckList, deps: Deps): Promise<readonly Change[]> {
  const list = await deps.store.findBlocklist(url)
  if (list === undefined) return []
  const now = deps.clock.now()
  const before = await deps.store.blocksOfList(url)
  const read = await readOrWhy(url, deps)
  const key = `list ${url} ${String(Math.floor(now / dayInMs))}`
  const isCut = typeof read !== 'string' && read.blocks.length < before.length * mostLost
  const trouble =
    typeof read === 'string' ? read : isCut ? 'it names less than half of what it did' : undefined
  if (typeof read === 'string' || trouble !== undefined) {
    const text = `The list ${url} was not taken: ${trouble ?? ''}. What it named before holds still. \`blocklist add ${url}\` takes it as it is.`
    const noted = { ...list, checkedAt: now, ...(trouble === undefined ? {} : { trouble }) }
    // Told once, not each day.
    const told = list.trouble === trouble ? [] : await tellAdmins({ key, text }, deps)
    return [{ change: 'put-blocklist', list: noted }, ...told]
  }
  const { by, addedAt } = list
  const { added, removed } = differenceOf(before, read.blocks)
  const changes = await changesOfList({ url, by, addedAt, checkedAt: now }, read.blocks, deps)
  if (added.length + removed.length === 0) return changes
  const parts = [
    ...(added.length === 0 ? [] : [`names ${named(added)} now`]),
    ...(removed.length === 0 ? [] : [`no longer names ${named(removed)}`]),
  ]
  const text = `The list ${url} ${parts.join(', and ')}. \`allow-domain\` lets a domain in whatever lists say.`
  return [...changes, ...(await tellAdmins({ key, text }, deps))]
}
