import { expect, test } from '@jest/globals'
import { createQueue } from '../../src/queue/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createSeededRandom, createVirtualClock } from '../queue/virtual-clock.ts'

/** Every statement that store and queue prepare when they are made. */
function statementsOf(database: Database): readonly string[] {
  const texts: string[] = []
  const prepare: Database['prepare'] = (text) => {
    texts.push(text)
    return database.prepare(text)
  }
  const clock = createVirtualClock()
  const recorded = { ...database, prepare }
  const { applyChanges } = createStore({ database: recorded, clock })
  createQueue({ database: recorded, clock, random: createSeededRandom(1), applyChanges })
  return [...new Set(texts)]
}

function planOf(text: string, database: Database): readonly string[] {
  const explained = `explain query plan ${text}`
  const named: Record<string, number> = {}
  for (const [, name = ''] of text.matchAll(/@(\w+)/g)) named[name] = 1
  const values = Array.from(text.matchAll(/\?/g), () => 1)
  const rows =
    Object.keys(named).length > 0
      ? database.prepare<[Record<string, number>], { detail: string }>(explained).all(named)
      : database.prepare<number[], { detail: string }>(explained).all(...values)
  return rows.map(({ detail }) => detail)
}

/** These go through all of a table, on purpose. */
const whole = [
  // Once a start.
  `select lane, count(*) as n from job where kind = 'activity' group by lane`,
  // Rarely asked, and small: what a person is to look at.
  'select kind, count(*) as waiting, min(added_at) as oldest from job group by kind',
  'select kind, count(*) as failed from failed_job group by kind',
  'select count(*) as n from local_actor where deleted_at is null and is_group = 0',
  // Every five minutes where numbers are wanted.
  'select kind, count(*) as n from portal group by kind',
  // By command of an admin.
  'select * from domain_block order by domain',
  // A few, once a day, or by command of an admin.
  'select * from blocklist order by url',
  'select * from policy_list order by name',
  // Once for somebody who is forgotten.
  `update domain_block set by_user = '' where by_user = ?`,
  `update blocklist set by_user = '' where by_user = ?`,
  `update policy_list set by_user = '' where by_user = ?`,
  `select pace.kind, pace.host, count(*) as waiting, min(job.added_at) as oldest, ` +
    `failing_since, max(blocked_until, paced_until) as next_try ` +
    `from job join lane on lane.id = job.lane_id join pace on pace.id = lane.pace_id ` +
    `where pace.host <> '' group by pace.id order by waiting desc, pace.host limit ?`,
  // Every ten minutes, for NodeInfo: as many looks into an index as we have actors.
  `select count(*) as n from local_actor where deleted_at is null and is_group = 0 and exists ` +
    `(select 1 from activity where actor = local_actor.id and created_at >= ? ` +
    `and type in ('Create', 'Announce', 'Like', 'EmojiReact', 'Dislike', 'Follow'))`,
  // Once after an outage of a day, a page of hosts at a time.
  `select host, ours, theirs from ( ` +
    `select remote_actor.host, local_actor.id as ours, remote_actor.id as theirs from follow ` +
    `join remote_actor on remote_actor.id = follower join local_actor on local_actor.id = followed ` +
    `where state = 'accepted' and deleted_at is null union all ` +
    `select remote_actor.host, local_actor.id, remote_actor.id from follow ` +
    `join remote_actor on remote_actor.id = followed join local_actor on local_actor.id = follower ` +
    `where state = 'accepted' and deleted_at is null) ` +
    `where host > ? group by host order by host limit ?`,
  // By an index of nothing else: the open reports.
  'select * from report where resolved_at is null order by number desc limit ?',
  'select count(*) as n from report where resolved_at is null',
  // Once a day, while little waits: what is about accounts that seem idle.
  `select payload as text from job where kind <> 'delivery' ` +
    `union all select participants from portal where participants is not null ` +
    `union all select actor || ' ' || accounts from report where resolved_at is null`,
  `select count(*) as count from (select 1 from job where kind <> 'delivery' limit ?)`,
  // A few idle hosts at a time: whether a lane names them, for the sake of its foreign key.
  'delete from pace where id = cast(? as integer)',
  // The first few of the table.
  'delete from released where seq in (select seq from released order by seq limit ?) and at < ?',
]
/** Planned for foreign keys that are broken just then, which none is. */
const unused = 'SCAN lane'

test('every statement finds its rows by an index', async () => {
  const database = await openDatabase('sqlite::memory:')
  const walks = statementsOf(database).flatMap((text) => {
    if (whole.includes(text.replace(/\s+/g, ' '))) return []
    const plan = planOf(text, database).filter((line) =>
      // What is counted up to a bound was found by an index.
      /^SCAN (?!CONSTANT|\(subquery)/.test(line),
    )
    if (text.startsWith('insert into pace') && plan.join() === unused) return []
    return plan.length === 0 ? [] : [{ text, plan }]
  })
  expect(walks).toEqual([])
  database.close()
})
