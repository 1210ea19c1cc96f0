import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow

beforeEach(async () => {
  flow = await createFlow()
})
afterEach(() => flow.close())

test('an Update that changes nothing visible edits nothing', async () => {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const portal = await flow.follow(alice, bob)
  const post = bob.post({ content: 'one' })
  await flow.tell(post)
  for (const text of ['two', 'two', 'two', 'one', 'two']) {
    await flow.tell(bob.edit(post.object, text))
  }
  expect(flow.bodies(portal)).toEqual(['one', '* two', '* one', '* two'])
})
