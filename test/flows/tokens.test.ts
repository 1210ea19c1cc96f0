import { expect, test } from '@jest/globals'
import { createFlow } from './setup.ts'

test('a homeserver that has not read the new registration yet gets everything, across a restart', async () => {
  const until = Date.UTC(2100, 0, 1)
  const previous = { asToken: 'as-secret', hsToken: 'hs-secret', until }
  const flow = await createFlow(
    {},
    { appservice: { asToken: 'as-new', hsToken: 'hs-new', previous } },
  )
  const bob = flow.account('bob', 'remote.example')
  const portal = await flow.follow(flow.user('alice'), bob)
  await flow.tell(bob.post({ content: 'before' }))
  flow.crash(1_000)
  await flow.minutes(1)
  await flow.tell(bob.post({ content: 'after' }))
  expect(flow.bodies(portal)).toEqual(['before', 'after'])
  flow.close()
})
