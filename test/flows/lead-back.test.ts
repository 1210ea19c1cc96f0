import { expect, test } from '@jest/globals'
import type { Http } from '../../src/model/http.ts'
import { createFlow, publicUrl } from './setup.ts'

/** A handle domain whose web server does, or does not yet, pass WebFinger on to the bridge. */
function createDomain() {
  let isMended = false
  const web =
    (http: Http): Http =>
    async (request) => {
      if (new URL(request.url).host !== 'names.example') return http(request)
      const self = { rel: 'self', type: 'application/activity+json', href: `${publicUrl}/actor` }
      const descriptor = { subject: 'acct:bridge.example@bridge.example', links: [self] }
      return isMended
        ? { status: 200, headers: {}, body: Buffer.from(JSON.stringify(descriptor)) }
        : { status: 404, headers: {}, body: Buffer.alloc(0) }
    }
  return { web, mend: () => void (isMended = true) }
}

test('nothing leaves before the handle domain leads to us, and the admin reads the line that mends it', async () => {
  const { web, mend } = createDomain()
  const lines: string[] = []
  const flow = await createFlow(
    {},
    {
      web,
      activitypub: { handleDomain: 'names.example' },
      trace: (line) => lines.push(line()),
    },
  )
  const bob = flow.account('bob', 'remote.example')
  const alice = flow.user('alice')
  await flow.command(alice, `follow ${bob.handle}`)
  await flow.minutes(3)
  expect(flow.fediverse.deliveries).toEqual([])
  expect(lines.join('\n')).toContain(
    `in the server block of names.example: location = /.well-known/webfinger { return 301 ${publicUrl}$request_uri; }`,
  )
  mend()
  await flow.minutes(1)
  expect(flow.received(bob).map(({ type }) => type)).toEqual(['Follow'])
  flow.close()
})
