import { expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import { createBridge } from '../support/bridge.ts'

const slot = 30_000

/** Alice, the ways to follow her, and what she was told of it. */
async function createFollowed() {
  const bridge = await createBridge()
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'register')
  await bridge.settle()
  const alice = await bridge.store.findLocalActorByUser(user.userId)
  if (alice === undefined) throw new Error('alice is nobody')
  const follow = async ({ id: actor }: RemoteActor, n: number): Promise<void> => {
    await bridge.receive({ id: `${actor}/follows/${n}`, type: 'Follow', actor, object: alice.id })
    await bridge.settle()
  }
  const told = (): readonly string[] =>
    [...user.rooms('invite'), ...user.rooms('join')]
      .flatMap((roomId) => bridge.notices(roomId))
      .filter((text) => /follows you|New followers/.test(text))
  return { bridge, follow, told }
}

test('a late notice of new followers leaves those of the next one to the next', async () => {
  const { bridge, follow, told } = await createFollowed()
  await follow(bridge.fediverse.addAccount('carl@social.test'), 1)
  await bridge.clock.advance(slot + 1_000)
  // What brings dora comes before the notice that is due already.
  await follow(bridge.fediverse.addAccount('dora@social.test'), 1)
  await bridge.clock.advance(slot + 1_000)
  await bridge.settle()
  expect(told()).toEqual([
    '@carl@social.test follows you now.',
    '@dora@social.test follows you now.',
  ])
})

test('a follower who asks again before the notice is told all the same, once', async () => {
  const { bridge, follow, told } = await createFollowed()
  const carl = bridge.fediverse.addAccount('carl@social.test')
  await follow(carl, 1)
  await bridge.clock.advance(slot + 1_000)
  await follow(carl, 2)
  await bridge.clock.advance(slot + 1_000)
  await bridge.settle()
  expect(told()).toEqual(['@carl@social.test follows you now.'])
})
