import { beforeEach, expect, test } from '@jest/globals'
import { ensurePortal } from '../../src/bridge/portals.ts'
import { asUserId, type RoomId, type UserId } from '../../src/model/ids.ts'
import { type Bridge, createBridge } from '../support/bridge.ts'
import type { FakeUser } from '../fakes/homeserver.ts'

const bot = asUserId('@apbot:hs.test')
const ghost = asUserId('@_ap_bob_social.test:hs.test')
const refusal = "This server's admin has not enabled Footbridge for you."

let bridge: Bridge
let mallory: FakeUser
let portal: RoomId

/** How somebody stands in a room, and the reason that goes with it. */
const standing = (roomId: RoomId, userId: UserId) =>
  bridge.hs.state(roomId, 'm.room.member', userId)

beforeEach(async () => {
  const permissionOf = (userId: UserId) => (userId.startsWith('@mallory') ? 'none' : 'user')
  bridge = await createBridge({ permissionOf })
  const { id } = bridge.fediverse.addAccount('bob@social.test')
  // Alice's follow makes bob known, and his room is there once he accepts.
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'follow @bob@social.test')
  await bridge.settle()
  portal = (await ensurePortal({ kind: 'actor', actorId: id }, bridge.deps)).roomId
  mallory = bridge.hs.addUser('@mallory:hs.test')
})

test.each([
  ['the bot', bot],
  ['an account', ghost],
])('who is not permitted and invites %s reads why it does not come', async (...[, invited]) => {
  const room = mallory.createDm(invited)
  mallory.say(room, 'hello')
  await bridge.settle()
  expect(standing(room, invited)).toMatchObject({ membership: 'leave', reason: refusal })
  expect(bridge.delivered.filter(({ activity }) => activity.type === 'create')).toEqual([])
})

test('who is not permitted and knocks at the room of an account reads why not', async () => {
  mallory.knock(portal)
  await bridge.settle()
  const refused = { membership: 'leave', reason: refusal }
  expect(standing(portal, mallory.userId)).toMatchObject(refused)
  expect(await bridge.store.findLocalActorByUser(mallory.userId)).toBeUndefined()
  expect(await bridge.store.findMembership(portal, mallory.userId)).toBe('leave')
})
