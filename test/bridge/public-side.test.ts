import { describe, expect, test } from '@jest/globals'
import { notePublicSide, type PublicSide } from '../../src/bridge/public-side.ts'
import { asUserId } from '../../src/model/ids.ts'
import { createBridge } from '../support/bridge.ts'

const alice = asUserId('@alice:hs.test')
const up: PublicSide = { isUp: true }
const down: PublicSide = { isUp: false, reason: 'it answers 502, as nginx' }

/** What an admin and a user are told, in their chats, while that is found. */
async function setUp() {
  const bridge = await createBridge({
    permissionOf: (userId) => (userId === alice ? 'admin' : 'user'),
  })
  const { chat } = await bridge.meet(alice)
  const { chat: other } = await bridge.meet('@carol:hs.test')
  const before = { admin: bridge.notices(chat).length, user: bridge.notices(other).length }
  const find = async (found: PublicSide): Promise<void> => {
    await notePublicSide(found, bridge.deps)
    await bridge.settle()
  }
  return {
    bridge,
    find,
    admin: () => bridge.notices(chat).slice(before.admin),
    user: () => bridge.notices(other).slice(before.user),
  }
}

const gone =
  'Other servers may not reach me: https://fedi.hs.test does not lead to me any more (it answers 502, as nginx).\n' +
  'What they have for me they send again later, most of them for some days. `doctor` says what to mend. I will tell you when it is over.'

describe('our public URL', () => {
  test('that never led here from inside worries nobody', async () => {
    const { find, admin } = await setUp()
    await find(down)
    await find(down)
    await find(up)
    expect(admin()).toEqual([])
  })

  test('tells admins once that it does not lead here, and once that it does again', async () => {
    const { bridge, find, admin, user } = await setUp()
    await find(up)
    await find(down)
    expect(admin()).toEqual([gone])
    await find(down)
    await find(down)
    expect(admin()).toEqual([gone])
    await bridge.clock.advance(3 * 3_600_000)
    await find(up)
    await find(up)
    expect(admin()).toEqual([
      gone,
      'https://fedi.hs.test leads to me again, after 3 hours. Most servers send what they had for me by themselves.',
    ])
    expect(user()).toEqual([])
  })

  test('tells of each time anew', async () => {
    const { bridge, find, admin } = await setUp()
    await find(up)
    for (let time = 0; time < 2; time++) {
      await bridge.clock.advance(60_000)
      await find(down)
      await bridge.clock.advance(60_000)
      await find(up)
    }
    expect(admin().map((text) => text.slice(0, 20))).toEqual([
      gone.slice(0, 20),
      'https://fedi.hs.test',
      gone.slice(0, 20),
      'https://fedi.hs.test',
    ])
  })
})
