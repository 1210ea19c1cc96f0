import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Homeserver } from '../../src/bridge/ports.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { asActorId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let portal: RoomId
let me: string
/** The answers of the homeserver come so late, milliseconds. */
let late: { kick: number; answer: number }

type Kick = Homeserver['kick']
type Send = Homeserver['send']

beforeEach(async () => {
  late = { kick: 0, answer: 0 }
  flow = await createFlow(
    {},
    {
      sabotage: ({ deps: { homeserver } }) => {
        const kick = homeserver.kick.bind(homeserver)
        const send = homeserver.send.bind(homeserver)
        const slow = {
          kick: async (...args: Parameters<Kick>) => {
            await kick(...args)
            await flow.time.clock.sleep(late.kick)
          },
          send: async (...args: Parameters<Send>) => {
            if (JSON.stringify(args).includes('You follow'))
              await flow.time.clock.sleep(late.answer)
            return send(...args)
          },
        }
        Object.assign(homeserver, slow)
      },
    },
  )
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  portal = await flow.follow(alice, bob)
  me = await flow.actorOf(alice)
})
afterEach(() => flow.close())

const ends = [
  ['blocks', () => bob.block(me)],
  ['removes', async () => bob.reject(flow.received(bob, 'Follow').at(-1) ?? {})],
] as const

const isThere = () => [...alice.rooms('join'), ...alice.rooms('invite')].includes(portal)

test.each(ends)(
  'whom an account %s is out of its room, asked back in at that moment or not',
  async (...[, end]) => {
    late.kick = 4_000
    const chat = await flow.chat(alice)
    const telling = flow.tell(await end())
    await flow.time.pass(500)
    alice.say(chat, `follow ${bob.handle}`)
    await telling
    await flow.minutes(1)
    expect(isThere()).toBe(false)
    expect(await flow.store.findMembership(portal, alice.userId)).toBe('leave')
  },
)

test('who asks to follow whom they follow does not follow them anew when that ends meanwhile', async () => {
  late.answer = 4_000
  alice.say(await flow.chat(alice), `follow ${bob.handle} --replies`)
  await flow.time.pass(1_000)
  await flow.tell(bob.block(me))
  await flow.minutes(1)
  expect(await flow.store.findFollow(asActorId(me), asActorId(bob.id))).toBeUndefined()
  expect(isThere()).toBe(false)
})
