import { afterEach, expect, test } from '@jest/globals'
import type { Http } from '../../src/model/http.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
afterEach(() => flow.close())

test.each([
  ['cannot be had just now', 500],
  ['is not shown to us', 404],
])('a thread below a post whose author %s begins with the next one', async (_what, status) => {
  const silent = 'https://other.example/users/dave'
  const web =
    (http: Http): Http =>
    async (request) =>
      request.url === silent ? { status, headers: {}, body: Buffer.from('') } : http(request)
  flow = await createFlow({}, { web })
  const bob = flow.account('bob', 'remote.example')
  const portal = await flow.follow(flow.user('alice'), bob)
  const dave = flow.account('dave', 'other.example')
  expect(dave.id).toBe(silent)
  const root = dave.post({ content: 'root' })
  const first = bob.post({ content: 'first', inReplyTo: root.object })
  await flow.tell(bob.post({ content: 'second', inReplyTo: first.object }))
  await flow.minutes(2)
  expect(flow.bodies(portal)).toEqual([`↩ ${root.object}\n\nfirst`, 'second'])
})
