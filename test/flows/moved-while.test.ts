import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { TransientError } from '../../src/model/errors.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let home: RoomId
/** Nothing can be said in the home room. */
let isHeld = false

const holding: WorldOptions['sabotage'] = ({ deps: { homeserver } }) => {
  const { send } = homeserver
  Object.assign(homeserver, {
    send: async (...asked: Parameters<typeof send>) => {
      if (isHeld && asked[1] === home) throw new TransientError('not now', { of: 'homeserver' })
      return send(...asked)
    },
  })
}

beforeEach(async () => {
  isHeld = false
  flow = await createFlow({}, { sabotage: holding })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, `follow ${bob.handle} --home`)
  home = flow.newRoom(alice, [await flow.chat(alice)])
})
afterEach(() => flow.close())

/** Its reader moves it into a room of its own while what `say` tells waits for the home room. */
async function movedWhile(say: () => Promise<void>): Promise<void> {
  isHeld = true
  await say()
  await flow.command(alice, `home remove ${bob.handle}`)
  isHeld = false
  await flow.minutes(10)
}

test('a room takes along what could not be shown at home just then', async () => {
  await movedWhile(() => flow.tell(bob.post({ content: 'among us', visibility: 'followers' })))
  expect(flow.bodies(flow.portalOf(bob))).toEqual(['🔒 followers\n\namong us'])
})

test('a room begins with what is older, each once', async () => {
  await flow.tell(bob.post({ content: 'one' }))
  await movedWhile(async () => {
    await flow.tell(bob.post({ content: 'two' }))
    await flow.minutes(1)
    await flow.tell(bob.post({ content: 'three' }))
  })
  await flow.tell(bob.post({ content: 'four' }))
  expect(flow.bodies(flow.portalOf(bob))).toEqual(['one', 'two', 'three', 'four'])
  expect(flow.bodies(home)).toEqual(['one'])
})

test('a room begins with what is older than a boost', async () => {
  const dora = flow.account('dora', 'other.example')
  await flow.tell(bob.post({ content: 'one' }))
  const { object } = dora.post({ content: 'worth it' })
  await movedWhile(() => flow.tell(bob.boost(object)))
  const [first, second] = flow.bodies(flow.portalOf(bob))
  expect(first).toBe('one')
  expect(second).toContain('worth it')
})
