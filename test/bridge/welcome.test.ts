import { expect, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

const ghost = asUserId('@_ap_bob_social.test:hs.test')
const bridged =
  'What you write here goes to @bob@social.test as a direct message. Their server and this one can read it.'
const became = 'On the fediverse you are now @alice@hs.test. Answers come back into this room.'

async function setUp() {
  const bridge = await createBridge()
  bridge.fediverse.addAccount('bob@social.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  const writeToBob = async (...lines: readonly string[]) => {
    const room = user.createDm(ghost)
    await bridge.settle()
    for (const line of lines) user.say(room, line)
    await bridge.settle()
    return bridge.notices(room)
  }
  return { bridge, user, chat, writeToBob }
}

test('a first direct message makes somebody of the user, who is told once', async () => {
  const { bridge, user, chat, writeToBob } = await setUp()
  expect(await writeToBob('Hello', 'again')).toEqual([bridged, became])
  user.say(chat, 'register')
  await bridge.settle()
  expect(bridge.notices(chat).slice(1)).toEqual([
    'On the fediverse you are @alice@hs.test already.',
  ])
})

test('who was told by a command is not told again', async () => {
  const { bridge, user, chat, writeToBob } = await setUp()
  user.say(chat, 'register')
  await bridge.settle()
  expect(await writeToBob('Hello')).toEqual([bridged])
})

test('who was made somebody long before, and not told, is told with the first message', async () => {
  const { bridge, user, writeToBob } = await setUp()
  const actor = {
    id: asActorId('https://fedi.hs.test/actors/1'),
    userId: user.userId,
    username: 'alice',
    createdAt: bridge.clock.now() - 3_600_000,
  }
  await bridge.store.commit([{ change: 'put-local-actor', actor }])
  expect(await writeToBob('Hello')).toEqual([bridged, became])
})
