import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const ask = async (line: string) => (await flow.command(admin, line)).at(-1) ?? ''
const handle = '@bob@remote.example'

test('a suspended account is out, in both directions, until it is let in again', async () => {
  const carl = flow.account('carl', 'remote.example')
  const portal = await flow.follow(alice, bob)
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, carl)
  await flow.tell(bob.post({ content: 'before' }))
  expect(await ask(`suspend ${handle}`)).toContain('is suspended')
  await flow.minutes(5)
  expect(flow.received(bob, 'Undo')).toHaveLength(1)
  expect(flow.bodies(portal)).not.toContain('before')
  expect(flow.homeserver.members(portal, 'join')).not.toContain(flow.ghostOf(bob))
  expect(flow.bodies(await flow.chat(alice)).join('\n')).toContain(
    `The admin of this server has suspended ${handle}: you do not follow it any more`,
  )
  // Nothing comes, and nothing goes there; others of its server go on.
  const actor = await flow.actorOf(alice)
  await flow.tell(
    bob.post({
      content: 'unheard-of',
      visibility: 'direct',
      mentions: [{ id: actor, name: '@alice' }],
    }),
  )
  expect(JSON.stringify(flow.homeserver.rooms().map((room) => flow.bodies(room)))).not.toContain(
    'unheard-of',
  )
  alice.say(profile, 'hello')
  await flow.quiet()
  expect(flow.received(carl, 'Create')).toHaveLength(1)
  expect((await flow.command(alice, `follow ${handle}`)).at(-1)).toContain('has suspended')
  expect(await ask(`suspend ${handle}`)).toContain('is suspended already')
  expect(await ask(`unsuspend ${handle}`)).toBe(`${handle} may come again.`)
  await flow.command(alice, `follow ${handle}`)
  await flow.minutes(1)
  await flow.tell(bob.post({ content: 'after' }))
  expect(flow.homeserver.rooms().flatMap((room) => flow.bodies(room))).toContain('after')
})

test('whoever follows it again is told again when that ends', async () => {
  for (const times of [1, 2]) {
    await flow.command(alice, `follow ${handle}`)
    await flow.minutes(1)
    await ask(`suspend ${handle}`)
    await flow.minutes(5)
    expect(flow.received(bob, 'Undo')).toHaveLength(times)
    const said = flow.bodies(await flow.chat(alice)).join('\n')
    expect(said.split('you do not follow it any more')).toHaveLength(times + 1)
    await ask(`unsuspend ${handle}`)
  }
})

test('one that is not suspended, and one of this server, are told apart', async () => {
  await flow.command(alice, 'register')
  expect(await ask(`unsuspend ${handle}`)).toContain('is not suspended here')
  expect(await ask('suspend @alice@bridge.example')).toContain('is on this server')
  expect(await ask(`suspend ${handle}`)).toContain('is suspended')
  await flow.minutes(1)
  expect((await flow.command(alice, `follow ${handle}`)).at(-1)).toContain('has suspended')
})

test('what others quote of it goes each time it is suspended', async () => {
  const carl = flow.account('carl', 'other.example')
  const room = await flow.follow(alice, carl)
  const words = ['first words', 'second words'] as const
  for (const content of words) {
    const { object } = bob.post({ content })
    const quote = carl.post({ content: `as they say of ${content}`, extra: { quoteUrl: object } })
    await flow.tell(quote)
    const before = flow.messages(room).length
    // In the words of the one, and in those of the other.
    expect(flow.bodies(room).at(-1)?.split(content)).toHaveLength(3)
    expect(await ask(`suspend ${handle}`)).toContain('is suspended')
    await flow.minutes(5)
    const edits = flow.messages(room).slice(before)
    expect(edits.map(({ content: { body } }) => body)).toContainEqual(
      `* as they say of ${content}\n\n💬 ${object}`,
    )
    expect(await ask(`unsuspend ${handle}`)).toContain('may come again')
  }
})
