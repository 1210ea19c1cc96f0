import { describe, expect, test } from '@jest/globals'
import { isShut } from '../../src/bridge/closed-rooms.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { asEventId, asRoomAlias, type RoomId } from '../../src/model/ids.ts'
import type { Homeserver } from '../../src/bridge/ports.ts'
import { bob, bot, roomRequest, setUp } from './setup.ts'

const alias = asRoomAlias('#_ap_bob_fedi.test:hs.test')
const say = { type: 'm.room.message', txnId: 't1', content: { msgtype: 'm.text', body: 'hello' } }

async function setUpRoom() {
  const setup = setUp()
  await setup.client.register(bob)
  const roomId = await setup.client.createRoom(bot, roomRequest([bob], { alias }))
  await setup.client.join(bob, roomId)
  return { ...setup, roomId }
}

type Deed = (client: Homeserver, roomId: RoomId) => Promise<unknown>

const deeds: readonly (readonly [string, Deed])[] = [
  ['send', (client, roomId) => client.send(bob, roomId, say)],
  ['join', (client, roomId) => client.join(bob, roomId)],
  ['invite', (client, roomId) => client.invite(bot, roomId, bob)],
  ['kick', (client, roomId) => client.kick(bot, roomId, bob, 'out')],
  ['read members', (client, roomId) => client.members(bot, roomId)],
  [
    'set state',
    (client, roomId) =>
      client.setState(bot, roomId, { type: 'm.room.name', stateKey: '', content: {} }),
  ],
  [
    'redact',
    (client, roomId) => client.redact(bob, roomId, { eventId: asEventId('$1'), txnId: 't2' }),
  ],
]

describe.each(deeds)('who wants to %s', (_, deed) => {
  test.each([
    ['purged', true],
    ['shut down', false],
  ])('is told which room it is that was %s', async (_how, purge) => {
    const { hs, client, roomId } = await setUpRoom()
    hs.shutDown(roomId, { purge })
    const error: unknown = await deed(client, roomId).catch((reason: unknown) => reason)
    if (!(error instanceof RejectedError)) throw new Error(`not rejected: ${String(error)}`)
    expect([error.roomId, isShut(error)]).toEqual([roomId, true])
  })
})

test('what another server says is no word of a room', () => {
  const gone = { status: 404, code: 'not-found' }
  expect(isShut(new RejectedError('no such note', gone))).toBe(false)
})

describe('an alias', () => {
  test('that is free is given to a room', async () => {
    const { client, roomId } = await setUpRoom()
    const other = asRoomAlias('#_ap_other_fedi.test:hs.test')
    await client.addAlias(other, roomId)
    expect(await client.resolveAlias(other)).toBe(roomId)
  })

  test('that is taken stays with its room', async () => {
    const { client, roomId } = await setUpRoom()
    await client.addAlias(alias, await client.createRoom(bot, roomRequest()))
    expect(await client.resolveAlias(alias)).toBe(roomId)
  })
})
