import { describe, expect, test } from '@jest/globals'
import type { Activity } from '../../src/model/activity.ts'
import type { Job } from '../../src/model/job.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import { asActivityId, asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import { actorRoom, portalTopic } from '../../src/bridge/portal-shape.ts'
import { receiveActivity } from '../../src/bridge/receive-activity.ts'
import { createBridge } from '../support/bridge.ts'
import { cpuTime } from '../support/cpu.ts'

const bob = asActorId('https://social.test/users/bob')

const jobOf = (activity: Activity, now: number): Job => ({
  id: 1,
  kind: 'activity',
  key: activity.id,
  lane: `activity:${activity.actor}`,
  payload: '',
  attempts: 0,
  claims: 0,
  addedAt: now,
})

const messageTo = (mentions: readonly string[]): Activity => ({
  id: asActivityId('https://social.test/1/activity'),
  actor: bob,
  type: 'create',
  object: {
    ref: asObjectId('https://social.test/1'),
    embedded: {
      id: asObjectId('https://social.test/1'),
      type: 'Note',
      author: bob,
      content: '<p>hi</p>',
      sensitive: false,
      to: mentions,
      cc: [],
      mentions: mentions.map((id) => ({ actorId: asActorId(id), name: '@x' })),
      attachments: [],
      emojis: [],
    },
  },
})

describe('servers that take their time', () => {
  test('are not all asked for one message, and not one after another', async () => {
    const { deps, clock, fediverse } = await createBridge()
    const known = fediverse.addAccount('bob@social.test')
    const alice = asActorId('https://fedi.hs.test/actors/alice')
    const userId = asUserId('@alice:hs.test')
    await deps.store.commit([
      { change: 'put-remote-actor', actor: { ...known, id: bob, fetchedAt: clock.now() } },
      {
        change: 'put-local-actor',
        actor: { id: alice, userId, username: 'alice', createdAt: 0 },
      },
    ])
    const begin = clock.now()
    let asked = 0
    const fetchActor = async (id: string): Promise<RemoteActor> => {
      asked += 1
      await clock.sleep(60_000)
      return { ...known, id: asActorId(id), username: id.slice(-3) }
    }
    const mentions = Array.from({ length: 100 }, (_, i) => `https://slow.test/users/${100 + i}`)
    const activity = messageTo([alice, ...mentions])
    const slow = { ...deps, fediverse: { ...deps.fediverse, fetchActor } }
    const done = receiveActivity(activity, jobOf(activity, begin), slow)
    await new Promise(setImmediate)
    await clock.advance(60_000)
    expect(await done).toMatchObject({ outcome: 'done' })
    expect(asked).toBe(20)
  })
})

test('a message with many typed names of slow servers goes out soon', async () => {
  const bridge = await createBridge()
  bridge.fediverse.addAccount('bob@social.test')
  const { user } = await bridge.meet('@carol:hs.test')
  const room = user.createDm(asUserId('@_ap_bob_social.test:hs.test'))
  await bridge.settle()
  bridge.fediverse.beforeLookup = () => bridge.clock.advance(15_000)
  user.say(room, Array.from({ length: 10 }, (_, i) => `@x${i}@slow.test`).join(' '))
  await bridge.settle()
  expect(bridge.delivered).toHaveLength(1)
  expect(bridge.fediverse.lookups.filter((name) => name.endsWith('@slow.test'))).toHaveLength(2)
})

test('a text about an account that is no HTML costs no more than its length', async () => {
  const { fediverse } = await createBridge()
  const known = fediverse.addAccount('bob@social.test')
  const summary = '<'.repeat(20_000)
  expect(await cpuTime(() => portalTopic({ ...known, summary }))).toBeLessThan(60)
})

test('an actor id of any length has a room', async () => {
  const { deps, clock, fediverse } = await createBridge()
  const id = asActorId(`https://social.test/users/${'long'.repeat(200)}`)
  const actor = { ...fediverse.addAccount('bob@social.test'), id, fetchedAt: clock.now() }
  const { state } = actorRoom(actor, { name: 'bob', ghost: asUserId('@_ap_bob:hs.test') }, deps)
  expect(state.every(({ stateKey }) => Buffer.byteLength(stateKey) <= 255)).toBe(true)
})

describe('our own accounts', () => {
  const alice = asActorId('https://fedi.hs.test/actors/alice')

  test('are never taken for somebody else', async () => {
    const { deps, clock } = await createBridge()
    const activity: Activity = { ...messageTo([]), actor: alice }
    const result = await receiveActivity(activity, jobOf(activity, clock.now()), deps)
    expect(result).toEqual({ outcome: 'skipped: own-echo', changes: [] })
  })

  test('have no ghosts', async () => {
    const bridge = await createBridge()
    bridge.fediverse.addAccount('alice@hs.test', { id: alice })
    const { user, chat } = await bridge.meet('@carol:hs.test')
    const ghost = asUserId('@_ap_alice_hs.test:hs.test')
    const room = user.createDm(ghost)
    await bridge.settle()
    expect(bridge.notices(chat).at(-1)).toContain(`You invited ${ghost}, but no such account`)
    expect(bridge.notices(room)).toEqual([])
    expect(await bridge.store.findRemoteActor(alice)).toBeUndefined()
  })
})

test('invites of somebody who is not permitted look up no more than the homeserver may ask', async () => {
  const bridge = await createBridge({ permissionOf: () => 'none' })
  const carol = bridge.hs.addUser('@carol:hs.test')
  for (let i = 10; i < 30; i++) {
    bridge.fediverse.addAccount(`bob${i}@social.test`)
    carol.createDm(asUserId(`@_ap_bob${i}_social.test:hs.test`))
  }
  await bridge.settle()
  expect(bridge.fediverse.lookups).toHaveLength(10)
})
