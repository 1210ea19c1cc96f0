import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openDatabase, type Database } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createQueue } from '../../src/queue/sqlite.ts'
import type { PruneKind } from '../../src/model/prune.ts'
import type { Change } from '../../src/model/change.ts'
import { createManualClock } from '../support/clock.ts'
import { createCountingRandom } from '../matrix/setup.ts'
import {
  activityId,
  actorId,
  follow,
  ghost,
  localId,
  mapping,
  object,
  objectId,
  remoteActor,
  roomId,
  upload,
  userId,
} from './sample.ts'

const day = 86_400_000
const clock = createManualClock()
const now = clock.now()
const ago = (days: number): number => now - days * day
const dayOf = (days: number): number => Math.floor(ago(days) / day)
const bob = actorId('bob')

let database: Database
let store: SqliteStore
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  store = createStore({ database, clock })
})
afterEach(() => database.close())

async function walk(kind: PruneKind, { isDry = false, limit = 500 } = {}): Promise<number> {
  let [total, after] = [0, undefined as string | undefined]
  do {
    const place = after === undefined ? {} : { after }
    const step = await store.prune({ kind, ...place, limit, before: ago(90), now, isDry })
    total += step.count
    after = step.next
  } while (after !== undefined)
  return total
}

const old: Change = {
  change: 'put-remote-actor',
  actor: remoteActor('bob', { fetchedAt: ago(91) }),
}
const ghostOf = (registered: boolean): Change => ({
  change: 'put-ghost',
  ghost: ghost('bob', { registered }),
})
const member = (membership: 'join' | 'invite' | 'leave'): Change => ({
  ...{ change: 'put-membership', roomId: roomId('r'), membership },
  userId: userId('_ap_bob_remote.example'),
})
const work = (kind: 'upkeep' | 'activity' | 'delivery', payload: unknown): Change => ({
  change: 'enqueue',
  job: { kind, key: 'k', lane: 'l', payload: JSON.stringify(payload) },
})
const users = [{ kind: 'user', userId: userId('alice') } as const]

describe('an account of another server stays', () => {
  test.each<[string, readonly Change[]]>([
    [
      'that was fetched lately',
      [{ change: 'put-remote-actor', actor: remoteActor('bob', { fetchedAt: ago(89) }) }],
    ],
    ['that was heard of lately', [{ change: 'see-remote-actor', id: bob, at: ago(89) }]],
    ['that follows somebody here', [{ change: 'put-follow', follow: follow('bob') }]],
    [
      'that somebody here follows, or has asked to',
      [
        {
          change: 'put-follow',
          follow: follow('x', { follower: localId('a'), followed: bob, state: 'requested' }),
        },
      ],
    ],
    ['that blocks somebody here', [{ change: 'put-block', block: block(bob, localId('alice')) }]],
    ['that somebody here blocks', [{ change: 'put-block', block: block(localId('alice'), bob) }]],
    ['that wrote something', [{ change: 'put-object', object: object('1') }]],
    [
      'that reacted to something',
      [
        {
          change: 'put-reaction',
          reaction: {
            ...{ activityId: activityId('like'), actor: bob, object: objectId('other') },
            ...{ type: 'Like', key: '❤️' },
          },
        },
      ],
    ],
    [
      'that voted',
      [{ change: 'add-votes', votes: { object: objectId('poll'), voter: bob, choices: ['a'] } }],
    ],
    [
      'that is quoted',
      [
        {
          change: 'put-quotation',
          quotation: { quoting: objectId('q'), quoted: objectId('x'), quotedAuthor: bob },
        },
      ],
    ],
    [
      'that was let quote something',
      [
        {
          change: 'put-stamp',
          stamp: {
            ...{ id: objectId('stamp'), attributedTo: localId('alice'), quoter: bob, createdAt: 1 },
            ...{ interactingObject: objectId('q'), interactionTarget: objectId('own') },
          },
        },
      ],
    ],
    [
      'that has a room',
      [{ change: 'put-portal', portal: { kind: 'actor', actorId: bob, roomId: roomId('r') } }],
    ],
    [
      'whom somebody talks with',
      [
        {
          change: 'put-portal',
          portal: {
            ...{ kind: 'direct', roomId: roomId('r') },
            participants: [...users, { kind: 'actor', actorId: bob }],
          },
        },
      ],
    ],
    ['whose ghost is in a room', [ghostOf(true), member('join')]],
    ['whose ghost is invited', [ghostOf(true), member('invite')]],
    [
      'whose ghost said something',
      [ghostOf(true), { change: 'add-mapping', mapping: mapping('1') }],
    ],
    [
      'that somebody complains about, while nobody has looked at it',
      [
        {
          change: 'put-report',
          report: {
            ...{ activityId: activityId('flag'), host: 'fedi.example.org', actor: localId('us') },
            ...{ accounts: [actorId('carol'), bob], posts: [], text: 'spam', at: ago(100) },
          },
        },
      ],
    ],
    ['that work is about', [work('upkeep', { type: 'refresh', actorId: bob })]],
    [
      'that sent what waits',
      [work('activity', { actor: 'x', text: JSON.stringify({ actor: bob }) })],
    ],
  ])('%s', async (_, changes) => {
    await store.commit([old, ...changes])
    expect(await walk('accounts', { isDry: true })).toBe(0)
    expect(await walk('accounts')).toBe(0)
    expect(await store.findRemoteActor(bob)).toBeDefined()
    expect(await store.findRemoteActorByKey(`${bob}#main-key`)).toBeDefined()
  })
})

function block(blocker: typeof bob, blocked: typeof bob) {
  return { blocker, blocked, activityId: activityId('block') }
}

describe('an account of another server goes', () => {
  const ofOthers = actorId('bobby')
  test.each<[string, readonly Change[]]>([
    ['that is there, and nothing else', []],
    ['that was heard of long ago', [{ change: 'see-remote-actor', id: bob, at: ago(90.5) }]],
    ['whose ghost has left, and said nothing', [ghostOf(true), member('leave')]],
    ['whose namesake is followed', [{ change: 'put-follow', follow: follow('bobby') }]],
    ['when only its namesake is at work', [work('upkeep', { actorId: ofOthers })]],
    [
      'whose follow was taken back',
      [
        { change: 'put-follow', follow: follow('bob') },
        { change: 'remove-follow', follower: bob, followed: localId('alice') },
      ],
    ],
  ])('%s, with its keys', async (_, changes) => {
    await store.commit([old, ...changes])
    expect(await walk('accounts', { isDry: true })).toBe(1)
    expect(await store.findActorHost(bob)).toBeDefined()
    expect(await store.findRemoteActor(bob)).toBeDefined()
    expect(await walk('accounts')).toBe(1)
    expect(await store.findActorHost(bob)).toBeUndefined()
    expect(await store.findRemoteActor(bob)).toBeUndefined()
    expect(await store.findRemoteActorByKey(`${bob}#main-key`)).toBeUndefined()
    expect(await walk('accounts')).toBe(0)
  })

  test.each([
    ['a name that Matrix has seen is kept', true],
    ['one that it has not goes as well', false],
  ])('and %s', async (_, registered) => {
    await store.commit([old, ghostOf(registered)])
    await walk('accounts')
    expect((await store.findGhost(bob)) !== undefined).toBe(registered)
  })

  test('but none while much work waits', async () => {
    const jobs = Array.from({ length: 2_001 }, (_, n): Change => ({
      change: 'enqueue',
      job: { kind: 'activity', key: `k${n}`, lane: 'l', payload: '{}' },
    }))
    await store.commit([old, ...jobs])
    expect(await walk('accounts')).toBe(0)
  })
})

test('an account is noted as heard of once a day', async () => {
  await store.commit([old])
  const seenAt = () =>
    database.prepare<[], { at: number }>('select seen_at as at from remote_actor').get()?.at
  const times = [ago(60), ago(59.5), ago(58)]
  const noted: unknown[] = []
  for (const at of times) {
    await store.commit([{ change: 'see-remote-actor', id: bob, at }])
    noted.push(seenAt())
  }
  expect(noted).toEqual([ago(60), ago(60), ago(58)])
  await store.commit([old])
  expect(seenAt()).toBe(ago(58))
})

describe('what is known of a host', () => {
  const host = 'remote.example'
  const server = (days: number): Change => ({
    change: 'put-server',
    server: { host, software: 'snac', fetchedAt: ago(days) },
  })
  /** A row for deliveries there, without any. */
  async function paced(more: string): Promise<void> {
    const random = createCountingRandom()
    const queue = createQueue({ database, clock, random, applyChanges: store.applyChanges })
    await queue.add([{ kind: 'delivery', key: 'd', lane: 'd', host, payload: '{}' }])
    if (more === 'waiting') return
    const [job] = await queue.claim('delivery', 1)
    if (job === undefined) throw new Error('no job')
    await queue.finish(job, [])
    if (more !== '') database.prepare(`update pace set ${more}`).run()
  }
  const hosts = () => database.prepare('select 1 from pace').all().length

  test.each<[string, string, number | undefined, boolean]>([
    ['is well, and nobody asked for a season what runs there', '', undefined, true],
    ['is well, and in use', '', 5, false],
    ['has work', 'waiting', undefined, false],
    ['failed lately', `failing_since = ${ago(200)}, failed_day = ${dayOf(89)}`, 200, false],
    [
      'failed and was left alone',
      `failing_since = ${ago(200)}, failed_day = ${dayOf(92)}`,
      200,
      true,
    ],
    ['asked for peace', `blocked_until = ${now + 1}`, undefined, false],
    ['is paced', `paced_until = ${now + 1}`, undefined, false],
    ['is the homeserver', `host = ''`, undefined, false],
  ])('that %s', async (...[, more, days, isGone]) => {
    await paced(more)
    if (days !== undefined) await store.commit([server(days)])
    await walk('servers')
    expect([await walk('hosts', { isDry: true }), hosts()]).toEqual([isGone ? 1 : 0, 1])
    await walk('hosts')
    expect(hosts()).toBe(isGone ? 0 : 1)
  })

  test('goes with its software after a season', async () => {
    await store.commit([server(91)])
    expect([await walk('servers', { isDry: true }), await walk('servers')]).toEqual([1, 1])
    expect(await store.findServer(host)).toBeUndefined()
    await store.commit([server(89)])
    expect(await walk('servers')).toBe(0)
  })

  test('stays with its software where that reads groups', async () => {
    const lemmy = { host, software: 'lemmy', fetchedAt: ago(91) }
    await store.commit([{ change: 'put-server', server: lemmy }])
    expect([await walk('servers', { isDry: true }), await walk('servers')]).toEqual([0, 0])
    expect(await store.findServer(host)).toMatchObject(lemmy)
  })
})

test('where a file stands on the homeserver goes when nobody used it', async () => {
  const put = (url: string, usedAt: number): Change => ({
    change: 'put-upload',
    upload: { ...upload, url, usedAt },
  })
  await store.commit([put('https://a.example/1', ago(91)), put('https://a.example/2', ago(89))])
  expect([await walk('files', { isDry: true }), await walk('files')]).toEqual([1, 1])
  expect(await store.findUpload('https://a.example/1')).toBeUndefined()
  expect(await store.findUpload('https://a.example/2')).toBeDefined()
})

test('however small the steps are, all of it is walked over once, and none stops for long', async () => {
  const many = Array.from({ length: 3_000 }, (_, n) => remoteActor(`n${n}`, { fetchedAt: ago(91) }))
  const followed = many.filter((_, n) => n % 3 === 0)
  await store.commit([
    ...many.map((actor): Change => ({ change: 'put-remote-actor', actor })),
    ...followed.map(({ id }, n): Change => ({
      change: 'put-follow',
      follow: follow(`f${n}`, { followed: id, activityId: activityId(`f${n}`) }),
    })),
  ])
  expect(await walk('accounts', { isDry: true, limit: 7 })).toBe(2_000)
  const started = performance.now()
  const { count } = await store.prune({
    kind: 'accounts',
    limit: 500,
    before: ago(90),
    now,
    isDry: false,
  })
  expect(performance.now() - started).toBeLessThan(500)
  expect(count).toBeGreaterThan(300)
  expect(count + (await walk('accounts', { limit: 500 }))).toBe(2_000)
  expect(await store.findRemoteActor(followed[5]?.id ?? bob)).toBeDefined()
})
