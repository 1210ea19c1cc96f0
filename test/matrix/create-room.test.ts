import { describe, expect, test } from '@jest/globals'
import { asMxc, asRoomAlias, asUserId } from '../../src/model/ids.ts'
import { creatorsStandAbove } from '../../src/model/room.ts'
import { bob, bot, roomRequest, setUp } from './setup.ts'

const alice = asUserId('@alice:hs.test')
const versions = ['10', '11', '12'] as const

const request = roomRequest([alice], {
  alias: asRoomAlias('#_ap_bob_fedi.test:hs.test'),
  name: 'Bob',
  topic: 'posts',
  avatar: asMxc('mxc://hs.test/cat'),
  powerLevels: {
    users: { [bob]: 50, [bot]: 7 },
    invite: 100,
    stateDefault: 100,
    eventsDefault: 10,
  },
  state: [{ type: 'm.bridge', stateKey: 'ap', content: { protocol: { id: 'activitypub' } } }],
})

describe.each(versions)('a room of version %s', (defaultRoomVersion) => {
  test('has everything that was asked for, by one call', async () => {
    const { hs, client } = setUp({ defaultRoomVersion })
    const roomId = await client.createRoom(bot, request)
    const state = (type: string, key = '') => hs.state(roomId, type, key)
    expect({
      version: state('m.room.create')?.['room_version'],
      name: state('m.room.name'),
      topic: state('m.room.topic'),
      avatar: state('m.room.avatar'),
      joinRule: state('m.room.join_rules'),
      history: state('m.room.history_visibility'),
      guests: state('m.room.guest_access'),
      alias: state('m.room.canonical_alias'),
      bridge: state('m.bridge', 'ap'),
      invited: hs.members(roomId, 'invite'),
      calls: hs.calls.filter((call) => !call.includes('capabilities')),
    }).toEqual({
      version: defaultRoomVersion,
      name: { name: 'Bob' },
      topic: { topic: 'posts' },
      avatar: { url: 'mxc://hs.test/cat' },
      joinRule: { join_rule: 'knock' },
      history: { history_visibility: 'shared' },
      guests: { guest_access: 'forbidden' },
      alias: { alias: '#_ap_bob_fedi.test:hs.test' },
      bridge: { protocol: { id: 'activitypub' } },
      invited: [alice],
      calls: [`${bot} POST /_matrix/client/v3/createRoom`],
    })
  })

  test.each([
    ['', false],
    [', also by a homeserver that shows it', true],
  ])('without a name is called after its people, not by its alias%s', async (_, showsAliases) => {
    const { hs, client } = setUp({ defaultRoomVersion, showsAliases })
    const { name, ...unnamed } = request
    const roomId = await client.createRoom(bot, unnamed)
    expect(name).toBe('Bob')
    expect(hs.state(roomId, 'm.room.name')).toBeUndefined()
    expect(hs.state(roomId, 'm.room.canonical_alias')).toEqual({
      'org.footbridge.alias': '#_ap_bob_fedi.test:hs.test',
    })
    expect(await client.resolveAlias(asRoomAlias('#_ap_bob_fedi.test:hs.test'))).toBe(roomId)
  })

  test('lists its creator in the power levels only where that is allowed', async () => {
    const { hs, client } = setUp({ defaultRoomVersion })
    const roomId = await client.createRoom(bot, request)
    const isNew = defaultRoomVersion === '12'
    expect(hs.state(roomId, 'm.room.power_levels')).toEqual({
      users: isNew ? { [bob]: 50 } : { [bob]: 50, [bot]: 100 },
      users_default: 0,
      events_default: 10,
      state_default: 100,
      invite: 100,
      ban: 50,
      kick: 50,
      redact: 50,
      historical: 100,
      notifications: { room: 100 },
      events: {
        'm.room.power_levels': 100,
        'm.room.history_visibility': 100,
        'm.room.join_rules': 100,
        'm.room.encryption': 100,
        'm.room.server_acl': 100,
        'm.room.tombstone': isNew ? 150 : 100,
      },
    })
  })

  test('obeys its creator and nobody else', async () => {
    const { client } = setUp({ defaultRoomVersion })
    await client.register(bob)
    const roomId = await client.createRoom(bot, request)
    await client.invite(bot, roomId, bob)
    await client.join(bob, roomId)
    const name = { type: 'm.room.name', stateKey: '', content: { name: 'Bobby' } }
    await client.setState(bot, roomId, name)
    await expect(client.setState(bob, roomId, name)).rejects.toMatchObject({ code: 'M_FORBIDDEN' })
  })

  test('that a ghost makes has the ghost as creator', async () => {
    const { hs, client } = setUp({ defaultRoomVersion })
    await client.register(bob)
    const roomId = await client.createRoom(bob, roomRequest([alice], { isDirect: true }))
    const creation = hs.timeline(roomId)[0]
    const invite = hs.state(roomId, 'm.room.member', alice)
    expect([creation?.['sender'], invite?.['is_direct']]).toEqual([bob, true])
  })
})

test('the default version is asked for once', async () => {
  const { hs, client } = setUp()
  await client.createRoom(bot, roomRequest())
  await client.createRoom(bot, roomRequest())
  expect(hs.calls.filter((call) => call.includes('capabilities'))).toHaveLength(1)
})

test.each([
  ['1', false],
  ['9', false],
  ['11', false],
  ['12', true],
  ['13', true],
  ['org.matrix.hydra.11', true],
  ['org.example.custom', false],
])('version %s: creators stand above power levels: %s', (version, expected) => {
  expect(creatorsStandAbove(version)).toBe(expected)
})
