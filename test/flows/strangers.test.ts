import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

/** Direct rooms that strangers may open with one user in a day. */
const limit = 20
const notice =
  '20 people whom you do not follow have opened chats with you today. Private messages from more of them stand here; a reply here answers them. `settings dms followed` keeps strangers away.'

let flow: Flow
let alice: FakeUser
let me: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  await flow.command(alice, 'register')
  me = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const stranger = (n: number): Account => flow.account(`s${n}`, `host${n % 5}.example`)
const strangers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => stranger(from + i))
const write = (from: Account, content: string): Sent =>
  from.post({ content, visibility: 'direct', mentions: [{ id: me, name: '@alice' }] })

const isDirect = (roomId: RoomId): boolean =>
  flow.homeserver
    .timeline(roomId)
    .some(
      ({ state_key, content }) =>
        state_key === alice.userId && (content as { is_direct?: boolean }).is_direct === true,
    )
const chats = (): readonly RoomId[] => alice.rooms('invite').filter(isDirect)
const notifications = (): readonly string[] => {
  const rooms = alice.rooms('invite').filter((roomId) => !isDirect(roomId))
  return rooms.flatMap((roomId) => flow.bodies(roomId))
}

test('strangers who write at once open as many chats as a day allows; the others are read elsewhere', async () => {
  await flow.tell(...strangers(limit + 5).map((one) => write(one, `from ${one.username}`)))
  await flow.minutes(1)
  expect(chats()).toHaveLength(limit)
  const inChats = chats().flatMap((roomId) => flow.bodies(roomId))
  const elsewhere = notifications().filter((body) => body !== notice)
  expect(elsewhere).toHaveLength(5)
  for (const body of elsewhere) expect(body).toContain('✉️ private')
  const said = [...inChats, ...elsewhere].map((body) => body.split(' ').at(-1))
  expect([...said].sort()).toEqual(
    strangers(limit + 5)
      .map(({ username }) => username)
      .sort(),
  )
  expect(notifications().filter((body) => body === notice)).toHaveLength(1)
})

test('who writes much before they are answered opens one chat', async () => {
  const first = stranger(0)
  await flow.tell(...Array.from({ length: limit + 5 }, (_, n) => write(first, `word ${n}`)))
  await flow.minutes(1)
  expect(chats().map((roomId) => flow.bodies(roomId).length)).toEqual([limit + 5])
  await flow.tell(...strangers(limit, 1).map((one) => write(one, 'hello')))
  await flow.minutes(1)
  expect(chats()).toHaveLength(limit)
})

test('whoever came too late stays where they were read, and another day allows new chats', async () => {
  await flow.tell(...strangers(limit).map((one) => write(one, 'hello')))
  const late = stranger(limit)
  await flow.tell(write(late, 'one'), write(late, 'two'))
  expect(notifications().filter((body) => body !== notice)).toHaveLength(2)
  await flow.hours(24)
  await flow.tell(write(late, 'three'))
  expect(chats()).toHaveLength(limit + 1)
  expect(notifications().filter((body) => body === notice)).toHaveLength(1)
})

test('who is followed needs no room among them', async () => {
  const bob = flow.account('bob', 'remote.example')
  await flow.follow(alice, bob)
  await flow.tell(...strangers(limit).map((one) => write(one, 'hello')), write(bob, 'hello'))
  await flow.minutes(1)
  expect(chats()).toHaveLength(limit + 1)
  expect(notifications()).toEqual([])
})

test('a homeserver that fails meanwhile uses nothing up', async () => {
  let failures = 0
  flow.homeserver.injectFaults(({ url }) => {
    const isWrite = /createRoom|\/send\//.test(new URL(url).pathname)
    return isWrite && failures++ < 12 ? 'fail-500' : undefined
  })
  await flow.tell(...strangers(limit).map((one) => write(one, 'hello')))
  await flow.hours(1)
  expect(failures).toBeGreaterThan(12)
  expect(chats()).toHaveLength(limit)
  expect(notifications()).toEqual([])
})
