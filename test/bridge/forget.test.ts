import { beforeEach, describe, expect, test } from '@jest/globals'
import type { ObjectRecord } from '../../src/model/note.ts'
import type { Change } from '../../src/model/change.ts'
import { forgetJob } from '../../src/bridge/forget.ts'
import { asActorId, asEventId, asObjectId, asRoomId, asUserId } from '../../src/model/ids.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

const day = 86_400_000
let bridge: Bridge
beforeEach(async () => {
  bridge = await createBridge()
})

const mark = (key: string, age: number): Change => ({
  change: 'mark',
  key,
  value: 'yes',
  at: bridge.clock.now() - age * day,
})
const left = async (...keys: string[]): Promise<string[]> => {
  const found = await Promise.all(keys.map((key) => bridge.store.findMark(key)))
  return keys.filter((_, index) => found[index] !== undefined)
}
const put = (...marks: readonly (readonly [string, number])[]) =>
  bridge.store.commit(marks.map(([key, age]) => mark(key, age)))

/** Moves on to tomorrow and does what is due; the walk pauses between its steps. */
async function nextDay(): Promise<void> {
  await bridge.clock.advance(day)
  const walk = { isOver: false }
  const settled = bridge.settle().finally(() => (walk.isOver = true))
  while (!walk.isOver) await bridge.clock.advance(1_000)
  await settled
}

const ownPost = (id: string, author: string): ObjectRecord => ({
  ...{ id: asObjectId(id), author: asActorId(author), isLocal: true, visibility: 'public' },
  ...{ to: [], cc: [], published: 0, mentions: [] },
})

describe('once a day the bridge forgets', () => {
  test('what guarded jobs that cannot come again, and nothing else', async () => {
    await put(
      ['told answer $old', 31],
      ['told answer $new', 20],
      ['told became someone', 400],
      ['seen $old', 31],
      ['shown !r:hs.test $old', 31],
      ['backlog plan b', 31],
      ['backlog b', 400],
      ['hidden !r:hs.test $old', 400],
      ['summary !r:hs.test $old', 400],
      ['moved !r:hs.test', 400],
      ['names', 400],
      ['something new', 400],
    )
    await bridge.store.commit([forgetJob(bridge.clock.now())])
    await nextDay()
    const all = ['told answer $old', 'seen $old', 'shown !r:hs.test $old', 'backlog plan b']
    expect(await left(...all)).toEqual([])
    const kept = [
      ...['told answer $new', 'told became someone', 'backlog b', 'hidden !r:hs.test $old'],
      ...['summary !r:hs.test $old', 'moved !r:hs.test', 'names', 'something new'],
    ]
    expect(await left(...kept)).toEqual(kept)
  })

  test('deleted posts of others that stood nowhere', async () => {
    const { store, clock } = bridge
    const [bob, here] = ['https://social.test/users/bob', 'https://fedi.hs.test/actors/a']
    const deleted = (name: string, { author = bob, age = 31 } = {}): Change => ({
      change: 'delete-object',
      id: asObjectId(name),
      author: asActorId(author),
      at: clock.now() - age * day,
    })
    const shown: Change = {
      change: 'add-mapping',
      mapping: {
        ...{ remoteId: asObjectId('https://social.test/shown'), roomId: asRoomId('!r:hs.test') },
        ...{ eventId: asEventId('$e'), sender: asUserId('@bob:hs.test'), part: 0 },
      },
    }
    const old = Array.from({ length: 1_203 }, (_, n) => `https://social.test/${n}`)
    const kept = ['https://social.test/new', 'https://social.test/shown', 'https://fedi.hs.test/o']
    await store.commit([
      ...[...old, ...kept.slice(1, 2)].map((id) => deleted(id)),
      deleted(kept[0] ?? '', { age: 20 }),
      shown,
      { change: 'put-object', object: ownPost(kept[2] ?? '', here) },
      deleted(kept[2] ?? '', { author: here }),
      forgetJob(clock.now()),
    ])
    await nextDay()
    const found = await Promise.all([...old, ...kept].map((id) => store.findObject(asObjectId(id))))
    expect(found.flatMap((one) => (one === undefined ? [] : [one.id]))).toEqual(kept)
  })

  test('many in many steps, day after day', async () => {
    const many = Array.from({ length: 1_203 }, (_, n) => [`seen $${n}`, 31] as const)
    await put(...many, ['seen $late', 28.5])
    await bridge.store.commit([forgetJob(bridge.clock.now())])
    await nextDay()
    expect(await left(...many.map(([key]) => key), 'seen $late')).toEqual(['seen $late'])
    await nextDay()
    expect(await left('seen $late')).toEqual([])
  })

  test('one job is made however often the bridge starts', async () => {
    const job = forgetJob(bridge.clock.now())
    await bridge.store.commit([job])
    await nextDay()
    await bridge.store.commit([job, forgetJob(bridge.clock.now())])
    await nextDay()
    // Each day's, the look for people who are gone, and on the second a sweep over all profiles.
    expect(bridge.outcomes).toEqual(Array(5).fill('upkeep done'))
  })

  test('no guard of a job that still waits, until half a year is over', async () => {
    const roomId = asRoomId('!r:hs.test')
    const sender = asUserId('@a:hs.test')
    const payload = JSON.stringify({ event_id: asEventId('$e'), room_id: roomId, sender })
    const runAt = bridge.clock.now() + 1_000 * day
    const waiting = { kind: 'event', key: '$e', lane: 'event:r', payload, runAt } as const
    await put(['decided $before', 1])
    await bridge.store.commit([
      { change: 'enqueue', job: waiting },
      mark('decided $e', 0),
      forgetJob(bridge.clock.now()),
    ])
    for (let n = 0; n < 60; n++) await nextDay()
    expect(await left('decided $before', 'decided $e')).toEqual(['decided $e'])
    for (let n = 0; n < 122; n++) await nextDay()
    expect(await left('decided $e')).toEqual([])
  })
})
