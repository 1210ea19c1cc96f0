import { expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import { asUserId } from '../../src/model/ids.ts'
import { bot, roomRequest, setUp } from './setup.ts'

const alice = asUserId('@alice:hs.test')
const carol = asUserId('@carol:far.test')

async function setUpRoom() {
  const setup = setUp()
  for (const userId of [alice, carol]) setup.hs.addUser(userId)
  return { ...setup, roomId: await setup.client.createRoom(bot, roomRequest()) }
}

/** Whose fault an invite was that did not come through. */
async function culprit(invite: Promise<void>): Promise<string> {
  const error: unknown = await invite.then(
    () => 'nobody',
    (reason: unknown) => reason,
  )
  return error instanceof TransientError ? error.of : String(error)
}

test.each([
  ['a chat', { isDirect: true }, true],
  ['another room', { isDirect: false }, undefined],
])('an invite into %s says which it is, also the second time', async (_, options, isDirect) => {
  const { hs, client, roomId } = await setUpRoom()
  for (let n = 0; n < 2; n++) await client.invite(bot, roomId, alice, options)
  const member = hs.state(roomId, 'm.room.member', alice)
  expect(member?.['membership']).toBe('invite')
  expect(member?.['is_direct']).toBe(isDirect)
  hs.addUser(alice).join(roomId)
  await client.invite(bot, roomId, alice, options)
  expect(hs.members(roomId, 'join')).toContain(alice)
})

test('another homeserver that is away is named as what it is', async () => {
  const { hs, client, roomId } = await setUpRoom()
  hs.setAway('far.test', true)
  expect(await culprit(client.invite(bot, roomId, carol, { isDirect: true }))).toBe('remote')
})

test.each([
  ['no answer in time', 'timeout'],
  ['an internal error', 'fail-500'],
] as const)('%s to the invite alone is the fault of the other homeserver', async (_, fault) => {
  const { hs, client, roomId } = await setUpRoom()
  hs.injectFaults(({ url }) => (url.endsWith('/invite') ? fault : undefined))
  expect(await culprit(client.invite(bot, roomId, carol))).toBe('remote')
  expect(await culprit(client.invite(bot, roomId, alice))).toBe('homeserver')
  hs.injectFaults(() => fault)
  expect(await culprit(client.invite(bot, roomId, carol))).toBe('homeserver')
})

test('an invite whose answer was lost stands', async () => {
  const { hs, client, roomId } = await setUpRoom()
  hs.injectFaults(({ url }) => (url.endsWith('/invite') ? 'cut-answer' : undefined))
  expect(await culprit(client.invite(bot, roomId, carol))).toBe('nobody')
  expect(hs.members(roomId, 'invite')).toEqual([carol])
})

test('who asks for patience is waited for', async () => {
  const { hs, client, roomId } = await setUpRoom()
  hs.injectFaults(({ url }) => (url.endsWith('/invite') ? 'limit' : undefined))
  expect(await culprit(client.invite(bot, roomId, carol))).toBe('homeserver')
})
