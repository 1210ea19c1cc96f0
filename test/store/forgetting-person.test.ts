import { expect, test } from '@jest/globals'
import { openDatabase } from '../../src/store/database.ts'
import { namesPerson } from '../../src/model/forgetting.ts'
import { createStore } from '../../src/store/store.ts'
import { createManualClock } from '../support/clock.ts'
import { localId, userId } from './sample.ts'

/** Of somebody who is forgotten, rows of these go (`src/store/forgetting-person.ts`, or with the end of the actor). */
const wiped = [
  ...[
    'activity',
    'actor_key',
    'block',
    'consent',
    'draft',
    'failed_job',
    'featured',
    'follow',
    'held',
  ],
  ...['image_pack', 'import', 'import_row', 'local_actor', 'mapping', 'mark', 'membership'],
  ...[
    'object',
    'portal',
    'published_media',
    'quotation',
    'reaction',
    'recipient',
    'report',
    'report_deed',
  ],
  ...['setting', 'stamp', 'told', 'vote', 'domain_block', 'personal_rule'],
]
/** These name nobody of ours, or go by themselves within days. */
const others = [
  // What was passed on of others goes after a week.
  'forwarded',
  // Work: what names them is dropped.
  ...['job', 'lane'],
  // Digests, and times.
  ...['done', 'released', 'pace', 'queue_sample'],
  // Lists of blocks, of which it is said only which admin follows them.
  ...['blocklist', 'listed_block', 'policy_list'],
  // Whom a list of bans names is named by its room.
  'policy_rule',
  // Accounts, servers and files of the fediverse; pictures of rooms.
  ...['remote_actor', 'public_key', 'ghost', 'server', 'upload', 'own_emoji'],
  ...['account_word', 'listed_block'],
  ...['kysely_migration', 'kysely_migration_lock'],
]

test('of every table it is known what becomes of it when somebody is forgotten', async () => {
  const database = await openDatabase('sqlite::memory:')
  const names = database
    .prepare<[], { name: string }>(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`,
    )
    .all()
    .map(({ name }) => name)
  expect(names.filter((name) => ![...wiped, ...others].includes(name))).toEqual([])
  database.close()
})

const alice = { actorId: localId('alice'), userId: userId('alice') }
const isHers = namesPerson(alice)

test.each([
  [`ended ${alice.userId} https://remote.example/users/bob`, true],
  [`{"sender":"${alice.userId}"}`, true],
  [`["${alice.actorId}/followers"]`, true],
  [`told became ${alice.actorId}`, true],
  [`ended ${alice.userId}.au x`, false],
  [`ended ${alice.userId}:8448 x`, false],
  [`told became ${alice.actorId}2`, false],
  ['told became nobody', false],
])('%s names her: %s', (text, expected) => {
  expect(isHers(text)).toBe(expected)
})

test('whom a forgotten admin has suspended stays so, and nothing says by whom', async () => {
  const database = await openDatabase('sqlite::memory:')
  const store = createStore({ database, clock: createManualClock(0) })
  const bob = 'https://remote.example/users/bob'
  const mark = (key: string, value: string) => ({ change: 'mark', key, value, at: 0 }) as const
  await store.commit([
    mark(`barred ${bob}`, alice.userId),
    mark(`put out !room:hs.test @_ap_bob:hs.test`, alice.userId),
    mark(`told became ${alice.actorId}`, ''),
    mark('readers !room:hs.test', JSON.stringify([alice.userId, '@carl:hs.test'])),
  ])
  await store.wipeMarks(alice, '', { after: '', limit: 100 })
  expect(await store.findMark(`barred ${bob}`)).toBe('')
  expect(await store.findMark('put out !room:hs.test @_ap_bob:hs.test')).toBe('')
  expect(await store.findMark(`told became ${alice.actorId}`)).toBeUndefined()
  expect(await store.findMark('readers !room:hs.test')).toBe('["@carl:hs.test"]')
  database.close()
})
