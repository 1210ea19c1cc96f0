import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
})
afterEach(() => flow.close())

test('two hundred accounts are read in one room, each as itself', async () => {
  const accounts = Array.from({ length: 200 }, (_, n) =>
    flow.account(`a${n}`, `h${n % 30}.example`),
  )
  const [first] = accounts
  if (first === undefined) throw new Error('no account')
  const home = await flow.followHome(alice, first)
  const rooms = flow.homeserver.rooms().length
  for (const [n, { handle }] of accounts.entries()) {
    // As many as a user may follow in an hour.
    if (n % 90 === 89) await flow.hours(1)
    if (n > 0) await flow.command(alice, `follow ${handle} --home`)
  }
  await flow.minutes(1)
  await flow.tell(...accounts.map((account, n) => account.post({ content: `post ${n}` })))
  await flow.minutes(2)
  expect(flow.homeserver.rooms().length).toBe(rooms)
  const posts = flow.messages(home).filter(({ sender }) => sender.startsWith('@_ap_'))
  expect(new Set(posts.map(({ sender }) => sender)).size).toBe(200)
  expect(posts).toHaveLength(200)
})
