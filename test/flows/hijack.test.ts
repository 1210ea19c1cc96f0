import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

const patience = 60_000

/** What would make a room of ours somebody else's, by one state event. */
const states: readonly (readonly [type: string, content: object])[] = [
  ['m.room.power_levels', { users: { '@alice:hs.test': 100 } }],
  ['m.room.name', { name: 'mine' }],
  ['m.room.topic', { topic: 'mine' }],
  ['m.room.avatar', { url: 'mxc://hs.test/mine' }],
  ['m.room.join_rules', { join_rule: 'public' }],
  ['m.room.history_visibility', { history_visibility: 'world_readable' }],
  ['m.room.guest_access', { guest_access: 'can_join' }],
  ['m.room.canonical_alias', { alias: '#mine:hs.test' }],
  ['m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }],
  ['m.room.server_acl', { allow: ['evil.test'] }],
  ['m.room.tombstone', { body: 'gone', replacement_room: '!mine:hs.test' }],
  ['m.bridge', { bridgebot: '@alice:hs.test' }],
  ['m.space.parent !x:hs.test', { via: ['hs.test'], canonical: true }],
  ['im.vector.modular.widgets x', { type: 'm.custom', url: 'https://evil.test/' }],
  ['m.room.third_party_invite x', { display_name: 'x' }],
]

describe.each(['10', '11', '12'] as const)('in rooms of version %s', (roomVersion) => {
  let flow: Flow
  let alice: FakeUser
  let carol: FakeUser
  const rooms = new Map<string, RoomId>()
  const roomOf = (kind: string): RoomId => rooms.get(kind) ?? ('' as RoomId)

  beforeAll(async () => {
    flow = await createFlow({}, { roomVersion })
    alice = flow.user('alice')
    carol = flow.user('carol')
    const bob = flow.account('bob', 'remote.example')
    rooms.set('profile', await flow.publish(alice))
    rooms.set('actor', await flow.follow(alice, bob))
    await flow.follow(carol, bob)
    const known = [...alice.rooms('join'), ...alice.rooms('invite')]
    await flow.command(alice, `dm ${bob.handle}`)
    const direct = flow.newRoom(alice, known)
    alice.join(direct)
    rooms.set('direct', direct)
    await flow.command(alice, 'home')
    const home = flow.newRoom(alice, [...known, direct])
    alice.join(home)
    rooms.set('home', home)
    await flow.tell(bob.post({ content: 'hello' }))
  }, patience)
  afterAll(() => flow.close())

  const kinds = ['profile', 'actor', 'direct', 'home']
  const rows = kinds.flatMap((kind) => states.map(([type, content]) => ({ kind, type, content })))

  test.each(rows)('nobody sets $type in a room of the kind $kind', ({ kind, type, content }) => {
    expect(() => alice.setState(roomOf(kind), type, { ...content })).toThrow(/power|allowed/)
  })

  test.each(kinds)('nobody puts the bot out of a room of the kind %s', (kind) => {
    expect(() => alice.kick(roomOf(kind), bot)).toThrow()
    expect(() => alice.ban(roomOf(kind), bot)).toThrow()
  })

  test.each(['actor', 'direct', 'home'])(
    'nobody lets others into a room of the kind %s',
    (kind) => {
      expect(() => alice.invite(roomOf(kind), flow.user('mallory').userId)).toThrow()
    },
  )

  test('nobody takes away what another one wrote, or puts them out', () => {
    const event = flow.eventOf(roomOf('actor'), 'hello')
    expect(() => alice.redact(roomOf('actor'), event)).toThrow()
    expect(() => alice.kick(roomOf('actor'), carol.userId)).toThrow()
  })

  test.each(kinds)('no ghost rings for a whole room of the kind %s', (kind) => {
    const levels = flow.homeserver
      .timeline(roomOf(kind))
      .findLast(({ type }) => type === 'm.room.power_levels')?.['content'] as {
      notifications: { room: number }
      users: Record<string, number>
    }
    const { [bot]: ours, ...others } = levels.users
    expect(ours).toBe(roomVersion === '12' ? undefined : 100)
    expect(Math.max(0, ...Object.values(others))).toBeLessThan(levels.notifications.room)
  })
})
