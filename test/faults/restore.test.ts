import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { ghostOf, register, type Registered } from './support/people.ts'
import { startWorld, type World } from './support/world.ts'

/** Words of each side in one burst, and bursts until a copy finds both sides at work. */
const [burst, mostBursts] = [15, 20]

let world: World
let alice: FakeUser
let me: Registered['me']
let bob: Account
let room: RoomId

beforeAll(async () => {
  world = await startWorld()
  ;({ alice, me } = await register(world))
  bob = world.fediverse.account('bob', world.hosts[0])
  world.hs.addUser(ghostOf(bob))
  room = alice.createDm(ghostOf(bob))
  alice.say(room, 'hello')
  await world.settle()
})
afterAll(() => world.stop())

/** What waited in that copy. */
function waitingIn(copy: string): ReadonlyMap<string, number> {
  const database = new Sqlite(copy, { readonly: true })
  const count = database.prepare<[], { kind: string; n: number }>(
    'select kind, count(*) as n from job group by kind',
  )
  const waiting = new Map(count.all().map(({ kind, n }) => [kind, n]))
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  database.close()
  return waiting
}

async function backUp(): Promise<string> {
  const { text } = await world.admin(['backup'])
  const [, path = ''] = /^Copied: `([^`]+)`/.exec(text) ?? []
  return path
}

/** Both sides talk; the copy is made while the bridge has taken all of it in, and done some. */
async function talk(n: number): Promise<string> {
  for (let i = 0; i < burst; i++) {
    alice.say(room, `matrix ${n}.${i}`)
    const post = { content: `fediverse ${n}.${i}`, visibility: 'direct', mentions: [me] } as const
    world.fediverse.send(bob.post(post))
  }
  const told = world.hs.pushOnce()
  await Promise.all([told, world.fediverse.flush(world.inbox)])
  return backUp()
}

const arrived = (): readonly string[] => {
  const creates = world.fediverse.deliveries
    .filter(({ inbox }) => inbox === bob.inbox)
    .map(({ activity }) => [activity['id'], activity['object'] as { content?: unknown }] as const)
  // What was on its way comes again, under its id: a server drops what it has seen.
  return [...new Map(creates).values()].map(({ content }) => String(content))
}

const shown = (): readonly string[] =>
  world.hs
    .timeline(room)
    .filter(({ type, sender }) => type === 'm.room.message' && sender === ghostOf(bob))
    .map(({ content }) => String((content as { body?: unknown }).body))

test('a copy made under load, started from elsewhere, loses nothing from before and doubles nothing', async () => {
  let copy = ''
  let bursts = 0
  for (; bursts < mostBursts; bursts++) {
    copy = await talk(bursts)
    const waiting = waitingIn(copy)
    if ((waiting.get('event') ?? 0) > 0 && (waiting.get('activity') ?? 0) > 0) break
    await world.settle()
  }
  expect(bursts).toBeLessThan(mostBursts)
  // All that waits in the copy is done meanwhile, and more than that.
  alice.say(room, 'after the copy')
  world.fediverse.send(
    bob.post({ content: 'told after the copy', visibility: 'direct', mentions: [me] }),
  )
  await world.settle()
  const before = { arrived: arrived(), shown: shown() }
  world.hs.restart()
  await world.restore(copy)
  await world.settle()
  const numbers = Array.from({ length: bursts + 1 }, (_, n) => n)
  const all = numbers.flatMap((n) => Array.from({ length: burst }, (_, i) => `${n}.${i}`))
  expect(arrived().toSorted()).toEqual(before.arrived.toSorted())
  expect(
    arrived()
      .filter((text) => text.includes('matrix'))
      .toSorted(),
  ).toEqual(all.map((n) => `<p>matrix ${n}</p>`).toSorted())
  expect(shown().toSorted()).toEqual(before.shown.toSorted())
  expect(
    shown()
      .filter((text) => text.startsWith('fediverse'))
      .toSorted(),
  ).toEqual(all.map((n) => `fediverse ${n}`).toSorted())
  // And it goes on.
  alice.say(room, 'and on')
  world.fediverse.send(bob.post({ content: 'told and on', visibility: 'direct', mentions: [me] }))
  await world.settle()
  expect(arrived().at(-1)).toBe('<p>and on</p>')
  expect(shown().at(-1)).toBe('told and on')
})
