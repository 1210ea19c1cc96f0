import type { Database } from './database.ts'
import type { KnownAccounts } from './find-people.ts'
import type { Pruned, PruneKind, PruneStep } from '../model/prune.ts'
import { threadiverse } from '../model/server.ts'

type Found = { key: string; isIdle: number }
type Bounds = { after: string; limit: number; before: number; now: number }

/**
 * What refers to an account, besides conversations, reports and work that waits: with any of these it stays. What
 * it wrote stays as well, and so what is needed to take that back, to change it, or to know it again.
 */
const idleAccount = `
  coalesce(seen_at, fetched_at) < @before and fetched_at < @before
  and not exists (select 1 from follow where follower = actor.id)
  and not exists (select 1 from follow where followed = actor.id)
  and not exists (select 1 from block where blocker = actor.id)
  and not exists (select 1 from block where blocked = actor.id)
  and not exists (select 1 from object where author = actor.id)
  and not exists (select 1 from reaction where reaction.actor = actor.id)
  and not exists (select 1 from vote where voter = actor.id)
  and not exists (select 1 from quotation where quoted_author = actor.id)
  and not exists (select 1 from stamp where quoter = actor.id)
  and not exists (select 1 from portal where kind = 'actor' and key = actor.id)
  and not exists (select 1 from ghost join membership on membership.user_id = ghost.user_id
    where ghost.actor_id = actor.id and membership in ('join', 'invite'))
  and not exists (select 1 from ghost join mapping on mapping.sender = ghost.user_id
    where ghost.actor_id = actor.id)`

/** Of a host that fails, the day counts on which it did so last: one that is left alone is no longer known then. */
const idleHost = `
  host <> '' and blocked_until < @now and paced_until < @now
  and not exists (select 1 from lane where pace_id = pace.id and lease is null)
  and not exists (select 1 from lane where pace_id = pace.id and lease is not null)
  and case when failing_since is null
    then not exists (select 1 from server where server.host = pace.host)
    else coalesce((failed_day + 1) * 86400000, failing_since) < @before end`

/** In which form a group tells something there depends on it, and is not asked for before. */
const readsGroups = `coalesce(software, '') in (${threadiverse.map((one) => `'${one}'`).join(', ')})`

const walks: Readonly<Record<PruneKind, string>> = {
  accounts: `select id as key, ${idleAccount} as isIdle from remote_actor as actor
    where id > @after order by id limit @limit`,
  servers: `select host as key, fetched_at < @before and not ${readsGroups} as isIdle from server
    where host > @after order by host limit @limit`,
  hosts: `select cast(id as text) as key, ${idleHost} as isIdle from pace
    where id > cast(@after as integer) order by id limit @limit`,
  files: `select url as key, used_at < @before as isIdle from upload
    where url > @after order by url limit @limit`,
}

const drops: Readonly<Record<PruneKind, readonly string[]>> = {
  // A ghost that Matrix has seen keeps its name for ever.
  accounts: [
    'delete from remote_actor where id = ?',
    'delete from ghost where actor_id = ? and registered = 0',
  ],
  servers: ['delete from server where host = ?'],
  hosts: ['delete from pace where id = cast(? as integer)'],
  files: ['delete from upload where url = ?'],
}

/** With more work than this waiting, there is better to do than to look through it. */
const mostWaiting = 2_000

/** Those among the accounts that work which waits, a private conversation or an open report is about. */
function findingSpoken(database: Database) {
  const count = database.prepare<[number], { count: number }>(
    `select count(*) as count from (select 1 from job where kind <> 'delivery' limit ?)`,
  )
  const work = database.prepare<[], { text: string }>(
    `select payload as text from job where kind <> 'delivery'
     union all select participants from portal where participants is not null
     union all select actor || ' ' || accounts from report where resolved_at is null`,
  )
  return (accounts: ReadonlySet<string>): ReadonlySet<string> => {
    if (accounts.size === 0) return accounts
    if ((count.get(mostWaiting + 1)?.count ?? 0) > mostWaiting) return accounts
    const spoken = new Set<string>()
    for (const { text } of work.iterate())
      for (const [url] of text.matchAll(/https?:\/\/[^"\\\s]+/g))
        if (accounts.has(url)) spoken.add(url)
    return spoken
  }
}

/** Removes, or counts, what can be had again and nobody used for a while. */
export function pruning(database: Database, known: KnownAccounts) {
  const spokenOf = findingSpoken(database)
  const steps = (kind: PruneKind) => ({
    walk: database.prepare<[Bounds], Found>(walks[kind]),
    drops: drops[kind].map((sql) => database.prepare<[string]>(sql)),
  })
  const all = {
    accounts: steps('accounts'),
    servers: steps('servers'),
    hosts: steps('hosts'),
    files: steps('files'),
  }
  const step = ({ kind, after = '', limit, before, now, isDry }: PruneStep): Pruned => {
    const found = all[kind].walk.all({ after, limit, before, now })
    const idle = new Set(found.flatMap(({ key, isIdle }) => (isIdle === 1 ? [key] : [])))
    if (kind === 'accounts') for (const key of spokenOf(idle)) idle.delete(key)
    if (!isDry) {
      known.clear()
      for (const key of idle) for (const drop of all[kind].drops) drop.run(key)
    }
    const next = found.length < limit ? undefined : found.at(-1)?.key
    return { count: idle.size, ...(next === undefined ? {} : { next }) }
  }
  return {
    // What comes back with a power cut is removed the next day.
    prune: (given: PruneStep): Promise<Pruned> => database.commit(() => step(given), 'relaxed'),
  }
}
