import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createProvisioning, type Provisioning } from '../../src/commands/provision.ts'
import { asUserId } from '../../src/model/ids.ts'
import type { World } from '../simulation/world.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let program: Provisioning

beforeEach(async () => {
  const assembled: { program?: Provisioning } = {}
  flow = await createFlow(
    {},
    { sabotage: ({ deps }) => void (assembled.program = createProvisioning(deps)) },
  )
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.quiet()
  if (assembled.program === undefined) throw new Error('not assembled')
  program = assembled.program
})
afterEach(() => flow.close())

const usual = { isHome: false, withReplies: false, withBoosts: true }

/** Time passes only when it is told to. */
async function answered<T>(asked: Promise<T>): Promise<T> {
  const [answer] = await Promise.all([asked, flow.quiet()])
  return answer
}

test('a program follows for a user: the account is asked, and the room comes', async () => {
  expect(await answered(program.whoami(alice.userId))).toEqual({ userId: alice.userId })
  const answer = await answered(program.follow(alice.userId, { account: bob.handle, ...usual }))
  expect(answer).toEqual({ text: expect.stringContaining('Requested to follow') })
  await flow.quiet()
  expect(flow.received(bob, 'Follow')).toHaveLength(1)
  expect(alice.rooms('invite')).toContain(flow.portalOf(bob))
  expect(await answered(program.list(alice.userId))).toEqual({
    following: [{ handle: bob.handle, state: 'accepted', shownIn: 'room' }],
  })
  expect(await answered(program.whoami(alice.userId))).toMatchObject({
    handle: expect.stringMatching(/^@alice@/),
  })
})

test('a program resolves nobody who wants to be left alone', async () => {
  const key = `stopped ${bob.id}`
  await flow.store.commit([{ change: 'mark', key, value: 'stop', at: 0 }])
  expect(await answered(program.resolve(alice.userId, bob.handle))).toEqual({
    refused: 'refused',
    text: expect.stringContaining('does not want to be bridged'),
  })
})

test('asked twice it follows once, and unfollows', async () => {
  await answered(program.follow(alice.userId, { account: bob.handle, ...usual }))
  const again = await answered(program.follow(alice.userId, { account: bob.handle, ...usual }))
  expect(again).toEqual({ text: expect.stringContaining('already') })
  expect(flow.received(bob, 'Follow')).toHaveLength(1)
  const ended = await answered(program.unfollow(alice.userId, bob.handle))
  expect(ended).toEqual({ text: `You no longer follow ${bob.handle}.` })
  await flow.quiet()
  expect(flow.received(bob, 'Undo')).toHaveLength(1)
  expect(await answered(program.list(alice.userId))).toEqual({ following: [] })
})

test('into the Home room where that is wished', async () => {
  await answered(program.follow(alice.userId, { ...usual, account: bob.handle, isHome: true }))
  await flow.quiet()
  expect(await answered(program.list(alice.userId))).toEqual({
    following: [{ handle: bob.handle, state: 'accepted', shownIn: 'home' }],
  })
})

test('resolves an account to who stands for it', async () => {
  expect(await answered(program.resolve(alice.userId, bob.handle))).toEqual({
    id: bob.id,
    handle: bob.handle,
    userId: flow.ghostOf(bob),
  })
  expect(await answered(program.resolve(alice.userId, 'nobody'))).toMatchObject({
    refused: 'no-account',
  })
})

test('does nothing for whoever may not use the bridge', async () => {
  const permissions: World['permissions'] = flow.permissions
  const eve = asUserId('@eve:elsewhere.test')
  permissions.set(eve, 'none')
  for (const answer of [
    await answered(program.follow(eve, { account: bob.handle, ...usual })),
    await answered(program.list(eve)),
    await answered(program.resolve(eve, bob.handle)),
  ])
    expect(answer).toMatchObject({ refused: 'not-permitted' })
  expect(flow.received(bob)).toEqual([])
})
