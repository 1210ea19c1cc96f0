import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import { forgetJob } from '../../src/bridge/forget.ts'
import { walkPrunable } from '../../src/bridge/prune.ts'
import { createBridge, type Bridge, type BridgeOptions } from '../support/bridge.ts'
import { follow, remoteActor, upload } from '../store/sample.ts'

const day = 86_400_000

/** As many accounts that nobody knows, and one that follows. */
async function withAccounts(count: number, options: BridgeOptions): Promise<Bridge> {
  const bridge = await createBridge(options)
  const fetchedAt = bridge.clock.now()
  const idle = Array.from({ length: count }, (_, n) => remoteActor(`n${n}`, { fetchedAt }))
  const known = remoteActor('known', { fetchedAt })
  await bridge.store.commit([
    ...[...idle, known].map((actor): Change => ({ change: 'put-remote-actor', actor })),
    { change: 'put-follow', follow: follow('known') },
    { change: 'put-server', server: { host: 'remote.example', fetchedAt } },
    { change: 'put-upload', upload: { ...upload, fetchedAt, usedAt: fetchedAt } },
  ])
  return bridge
}

/** What is there and would go. */
const prunable = ({ deps, clock }: Bridge, isDry = true) => {
  const walk = walkPrunable({ before: clock.now() - 90 * day, isDry }, deps)
  return Promise.all([walk, advanceUntil(walk, clock)]).then(([{ counts }]) => counts)
}

async function advanceUntil(work: Promise<unknown>, clock: Bridge['clock']): Promise<void> {
  const state = { isOver: false }
  void work.finally(() => (state.isOver = true)).catch(() => undefined)
  while (!state.isOver) await clock.advance(1_000)
}

async function nextDay(bridge: Bridge): Promise<void> {
  await bridge.clock.advance(day)
  const settled = bridge.settle()
  await advanceUntil(settled, bridge.clock)
  await settled
}

describe('once a day', () => {
  test('what nobody used for a season is removed, and nothing before', async () => {
    const bridge = await withAccounts(30, { pruneAfter: 90 * day })
    await bridge.store.commit([forgetJob(bridge.clock.now())])
    for (let n = 0; n < 89; n += 1) await nextDay(bridge)
    expect(await bridge.store.findRemoteActor(remoteActor('n1').id)).toBeDefined()
    for (let n = 0; n < 3; n += 1) await nextDay(bridge)
    expect(await prunable(bridge)).toEqual({ accounts: 0, servers: 0, hosts: 0, files: 0 })
    expect(await bridge.store.findRemoteActor(remoteActor('n1').id)).toBeUndefined()
    expect(await bridge.store.findRemoteActor(remoteActor('known').id)).toBeDefined()
    expect(await bridge.store.findServer('remote.example')).toBeUndefined()
    expect(await bridge.store.findUpload(upload.url)).toBeUndefined()
  })

  test('nothing is, where the admin wants that', async () => {
    const bridge = await withAccounts(3, {})
    await bridge.store.commit([forgetJob(bridge.clock.now())])
    await bridge.clock.advance(100 * day)
    await nextDay(bridge)
    expect(await prunable(bridge)).toEqual({ accounts: 3, servers: 1, hosts: 0, files: 1 })
  })

  test('a walk is several jobs, each of which goes on where the last one ended', async () => {
    const bridge = await withAccounts(21_000, { pruneAfter: 90 * day })
    await bridge.clock.advance(91 * day)
    await bridge.store.commit([forgetJob(bridge.clock.now())])
    await nextDay(bridge)
    // To forget, to look who is gone, 200 steps of 100, and the rest.
    expect(bridge.outcomes).toEqual(Array(4).fill('upkeep done'))
    expect((await prunable(bridge)).accounts).toBe(0)
  })
})

test('it is counted before it is removed, and both say the same', async () => {
  const bridge = await withAccounts(1_203, {})
  await bridge.clock.advance(91 * day)
  const counts = { accounts: 1_203, servers: 1, hosts: 0, files: 1 }
  expect(await prunable(bridge)).toEqual(counts)
  expect(await prunable(bridge)).toEqual(counts)
  expect(await prunable(bridge, false)).toEqual(counts)
  expect(await prunable(bridge)).toEqual({ accounts: 0, servers: 0, hosts: 0, files: 0 })
})

test.each([1, 2, 3])('killed after step %i, it is done all the same', async (deadly) => {
  let steps = 0
  const bridge = await withAccounts(1_203, {
    pruneAfter: 90 * day,
    kill: (call) => (call === 'prune' && ++steps === deadly ? 'after' : undefined),
  })
  await bridge.clock.advance(91 * day)
  await bridge.store.commit([forgetJob(bridge.clock.now())])
  await nextDay(bridge)
  expect(steps).toBeGreaterThan(deadly)
  expect(await prunable(bridge)).toEqual({ accounts: 0, servers: 0, hosts: 0, files: 0 })
  expect(await bridge.store.findRemoteActor(remoteActor('known').id)).toBeDefined()
})
