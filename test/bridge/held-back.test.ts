import { expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import { asUserId } from '../../src/model/ids.ts'
import { heldBackMarks } from '../../src/bridge/stranger-limits.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

const alice = asUserId('@alice:hs.test')
const today = { who: alice, day: 20_000 }

const held = (n: number): Change => {
  const key = `${heldBackMarks(today)}https://social.test/${n}`
  return { change: 'mark', key, value: '', at: 1 }
}
const tell = (key: string): Change => ({
  change: 'enqueue',
  job: {
    kind: 'upkeep',
    key,
    lane: 'upkeep:strangers',
    payload: JSON.stringify({ type: 'held-back', ...today }),
  },
})

/** What the bot wrote among Alice's notifications: its words, and whether they edit others. */
async function written({ store, hs }: Bridge) {
  const portal = await store.findPortal({ kind: 'notifications', userId: alice })
  if (portal === undefined) return []
  return hs.timeline(portal.roomId).flatMap((event) => {
    const { body, 'm.relates_to': relation } = event['content'] as Record<string, unknown>
    if (event['type'] !== 'm.room.message') return []
    return [`${relation === undefined ? '' : 'edit: '}${String(body).replace(/ by .*/, '')}`]
  })
}

test.each(['before', 'after'] as const)(
  'a notice is one, whatever happened meanwhile, when the process dies %s it is sent',
  async (when) => {
    let deaths = 0
    const bridge: Bridge = await createBridge({
      kill: (call) => {
        if (call !== 'send' || deaths > 0) return undefined
        deaths += 1
        void bridge.store.commit([held(3)])
        return when
      },
    })
    bridge.hs.addUser(alice)
    await bridge.store.commit([held(1), held(2), tell('first')])
    await bridge.settle()
    expect(deaths).toBe(1)
    expect(await written(bridge)).toEqual(
      when === 'before' ? ['3 more mentions'] : ['2 more mentions', 'edit: * 3 more mentions'],
    )
    await bridge.store.commit([tell('again')])
    await bridge.settle()
    expect(await written(bridge)).toHaveLength(when === 'before' ? 1 : 2)
  },
)

test('nothing is told of nothing', async () => {
  const bridge = await createBridge()
  bridge.hs.addUser(alice)
  await bridge.store.commit([tell('first')])
  await bridge.settle()
  expect(await written(bridge)).toEqual([])
})
