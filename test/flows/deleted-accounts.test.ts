import { afterEach, expect, test } from '@jest/globals'
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
