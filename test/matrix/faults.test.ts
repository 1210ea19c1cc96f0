import { expect, test } from '@jest/globals'
import type { Homeserver } from '../../src/bridge/ports.ts'
import { TransientError } from '../../src/model/errors.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { Fault } from '../fakes/homeserver.ts'
import { bot, roomRequest, setUp } from './setup.ts'

/** A small seeded generator (mulberry32). */
function createDice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function untilDone<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
    }
  }
}

/** As the bridge sends: what may have been sent before is looked for first. */
async function sendOnce(client: Homeserver, roomId: RoomId, txnId: string): Promise<void> {
  let isRepeated = false
  await untilDone(async () => {
    const found = isRepeated ? await client.findSent(bot, roomId, txnId) : undefined
    isRepeated = true
    if (found !== undefined) return
    const content = { msgtype: 'm.text', body: txnId }
    await client.send(bot, roomId, { type: 'm.room.message', txnId, content })
  })
}

test.each([1, 2, 3, 4, 5])(
  'each message stands once and in order, whatever the homeserver does (seed %i)',
  async (seed) => {
    const { hs, client } = setUp()
    const dice = createDice(seed)
    const roomId = await client.createRoom(bot, roomRequest())
    const faults: readonly Fault[] = ['cut-answer', 'fail-500', 'timeout', 'limit']
    hs.injectFaults(() => {
      if (dice() < 0.3) hs.restart()
      return dice() < 0.4 ? faults[Math.floor(dice() * faults.length)] : undefined
    })
    const wanted = Array.from({ length: 100 }, (_, n) => `message ${n}`)
    for (const txnId of wanted) await sendOnce(client, roomId, txnId)
    const messages = hs.timeline(roomId).filter(({ type }) => type === 'm.room.message')
    expect(messages.map(({ content }) => (content as { body: string }).body)).toEqual(wanted)
  },
)

test('memberships end as wanted when every first answer is lost', async () => {
  const { hs, client } = setUp()
  const seen = new Set<string>()
  const lost = new Set<string>()
  const alice = hs.addUser('@alice:hs.test')
  const roomId = await client.createRoom(bot, roomRequest())
  hs.injectFaults(({ method, url }) => {
    const isFirst = method === 'POST' && !seen.has(url)
    seen.add(url)
    if (isFirst) lost.add(url)
    return isFirst ? 'cut-answer' : undefined
  })
  await untilDone(() => client.invite(bot, roomId, alice.userId))
  alice.join(roomId)
  await untilDone(() => client.kick(bot, roomId, alice.userId, 'unfollowed'))
  await untilDone(() => client.leave(bot, roomId))
  expect([hs.members(roomId, 'join'), hs.members(roomId, 'leave'), lost.size]).toEqual([
    [],
    [bot, alice.userId],
    3,
  ])
})
