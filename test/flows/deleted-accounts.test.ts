import { afterEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'
let flow: Flow
afterEach(() => flow.close())
test('an account that is deleted goes from boosts as well', async () => {
  flow = await createFlow()
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'other.example')
  const portal = await flow.follow(flow.user('alice'), bob)
  await flow.tell(bob.boost(carl.post({ content: 'by carl' }).object))
  expect(flow.bodies(portal).join()).toContain('by carl')
  await flow.tell(carl.deleteActor())
  await flow.minutes(2)
  expect(flow.bodies(portal).join()).not.toContain('by carl')
})

test.each([
  ['post', (by: Account, object: string) => by.delete(object)],
  ['account', (by: Account) => by.deleteActor()],
])('a deleted %s goes from the line of a boost', async (_what, deleted) => {
  flow = await createFlow()
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'other.example')
  const alice = flow.user('alice')
  await flow.command(alice, `follow ${carl.handle} --home`)
  await flow.command(alice, `follow ${bob.handle} --home`)
  const home = flow.newRoom(alice, [await flow.chat(alice)])
  const post = carl.post({ content: 'by carl' })
  await flow.tell(post)
  await flow.tell(bob.boost(post.object))
  expect(flow.bodies(home)).toHaveLength(2)
  await flow.tell(deleted(carl, post.object))
  await flow.minutes(2)
  expect(flow.bodies(home).join()).not.toContain('by carl')
})
