import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../src/model/clock.ts'
import type { Database } from '../../src/store/database.ts'
import { planCatchUp, stayAlive } from '../../src/bridge/outages.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { asActorId } from '../../src/model/ids.ts'
import { actorId, follow, localActor, localId } from '../store/sample.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 0, 5)

let database: Database
let now = start
const log = { debug() {}, info() {}, warn() {}, error() {} }
const clock: Clock = { now: () => now, sleep: async () => undefined }

beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  now = start
})
afterEach(() => database.close())

async function worldWith(...followed: readonly string[]) {
  const store = createStore({ database, clock })
  const follows = followed.map((id) =>
    follow(id, { follower: localId('alice'), followed: asActorId(id), state: 'accepted' }),
  )
  await store.commit([
    { change: 'put-local-actor', actor: localActor('alice') },
    ...follows.map((one) => ({ change: 'put-follow', follow: one }) as const),
  ])
  return { store, clock, log }
}

type Planned = { lane: string; run_at: number; payload: string }

const planned = (): readonly Planned[] =>
  database.prepare<[], Planned>('select lane, run_at, payload from job order by id').all()
const lanes = (): readonly string[] => planned().map(({ lane }) => lane.slice('activity:'.length))

const bob = String(actorId('bob'))
const carl = 'https://other.example/carl'

describe('an outage', () => {
  test('is none at the first start', async () => {
    await planCatchUp(await worldWith(bob))
    expect(lanes()).toEqual([])
  })

  test('of two minutes is none', async () => {
    const world = await worldWith(bob)
    await planCatchUp(world)
    now += 2 * minute
    await planCatchUp(world)
    expect(lanes()).toEqual([])
  })

  test('that was a mere start is one for servers that do not try again', async () => {
    const world = await worldWith(bob, carl)
    const server = { host: 'other.example', software: 'snac', fetchedAt: start }
    await world.store.commit([{ change: 'put-server', server }])
    await planCatchUp(world)
    now += 2_000
    await planCatchUp(world)
    expect(lanes()).toEqual([carl])
    const ending = new AbortController()
    const sleep: Clock['sleep'] = async () => {
      now += minute
      ending.abort()
    }
    await stayAlive({ ...world, clock: { now: () => now, sleep } }, ending.signal)
    expect(lanes()).toEqual([carl])
  })

  test('reads back each account that is followed, of one server one after another', async () => {
    const ann = String(actorId('ann'))
    const world = await worldWith(bob, ann, carl)
    const waiting = follow('dora', { follower: localId('alice'), state: 'requested' })
    await world.store.commit([{ change: 'put-follow', follow: waiting }])
    await planCatchUp(world)
    now += hour
    await planCatchUp(world)
    expect(lanes()).toEqual([carl, ann, bob])
    expect(planned().map(({ run_at }) => run_at - now)).toEqual([0, 0, 2_000])
    const [work] = JSON.parse(planned()[0]?.payload ?? '[]') as { since: number }[]
    expect(work?.since).toBe(start - 10 * minute)
  })

  test('is read back once', async () => {
    const world = await worldWith(bob)
    await planCatchUp(world)
    now += hour
    await planCatchUp(world)
    await planCatchUp(world)
    expect(lanes()).toEqual([bob])
  })

  test('of months is read back two weeks', async () => {
    const world = await worldWith(bob)
    await planCatchUp(world)
    now += 90 * 24 * hour
    await planCatchUp(world)
    const [work] = JSON.parse(planned()[0]?.payload ?? '[]') as { since: number }[]
    expect(work?.since).toBe(now - 14 * 24 * hour)
  })

  test.each([
    [minute, []],
    [hour, [bob]],
  ])('that was a sleep of %d milliseconds', async (slept, expected) => {
    const world = await worldWith(bob)
    await planCatchUp(world)
    const ending = new AbortController()
    const sleep: Clock['sleep'] = async () => {
      now += slept
      ending.abort()
    }
    await stayAlive({ ...world, clock: { now: clock.now, sleep } }, ending.signal)
    expect(lanes()).toEqual(expected)
    expect(await world.store.findMark('alive')).toBe(String(now))
  })
})
