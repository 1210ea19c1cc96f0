import { expect, test } from '@jest/globals'
import { createWebFinger } from '../../src/activitypub/webfinger-client.ts'
import { bob, bobAt, json } from './fingers.ts'
import { createWeb } from './web.ts'

const rel = 'http://ostatus.org/schema/1.0/subscribe'
const template = 'https://social.test/authorize_interaction?uri={uri}'

test.each<[string, readonly unknown[], string | undefined]>([
  ['is read from WebFinger', [{ rel, template }], template],
  [
    'is the first one that is text',
    [{ rel, template: 7 }, null, { rel }, { rel, template }],
    template,
  ],
  ['of another kind is none', [{ rel: 'http://example.org/subscribe', template }], undefined],
  ['that is not there is none', [], undefined],
])('the template by which people of a server follow %s', async (_, more, expected) => {
  const links = [{ rel: 'self', type: json, href: bob }, ...more]
  const page = { type: 'application/jrd+json', json: { subject: 'acct:bob@social.test', links } }
  const { http, clock } = createWeb(bobAt('social.test', page))
  const { askHandle } = createWebFinger({ http, clock, userAgent: 'x', allowHttp: [] })
  const descriptor = await askHandle({ username: 'bob', host: 'social.test' })
  expect(descriptor.subscribe).toBe(expected)
})
