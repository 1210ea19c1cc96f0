import { expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { expectNothing, forge, fresh, says, shareCast, testAttacks } from './stage.ts'
import type { Attack, Cast, Forgery } from './stage.ts'
import type { InboxRequest } from '../../src/activitypub/inbox.ts'

const cast = shareCast()

const hour = 3_600_000
const strange = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey

/** A post that bob never wrote. */
const forgedPost = ({ bob }: Cast) => {
  const object = { id: fresh(bob), type: 'Note', attributedTo: bob.id, content: 'forged' }
  return { id: fresh(bob), type: 'Create', actor: bob.id, to: [`${bob.id}/followers`], object }
}

const asBob = (cast: Cast, by: Partial<Forgery>): InboxRequest =>
  forge(forgedPost(cast), {
    keyId: cast.bob.keyId,
    key: cast.bob.key.privateKey,
    now: cast.flow.time.now(),
    ...by,
  })

const withHeaders = (
  request: InboxRequest,
  headers: Readonly<Record<string, string | undefined>>,
): InboxRequest => ({ ...request, headers: { ...request.headers, ...headers } })

/** Well signed by bob, and then changed on the way. */
const changed =
  (change: (request: InboxRequest, cast: Cast) => InboxRequest) =>
  (cast: Cast): InboxRequest =>
    change(asBob(cast, {}), cast)

const keyOfBob = ({ bob }: Cast) => [bob.id]

const attacks: readonly Attack[] = [
  ['unsigned', changed((r) => withHeaders(r, { signature: undefined })), 401],
  ['an empty signature', changed((r) => withHeaders(r, { signature: '' })), 401],
  [
    'a signature header that is no such thing',
    changed((r) => withHeaders(r, { signature: 'Bearer x' })),
    401,
  ],
  [
    'a signature of 1 MB',
    changed((r) => withHeaders(r, { signature: `keyId="${'x'.repeat(1_000_000)}"` })),
    401,
  ],
  [
    'a foreign key under the id of bob',
    (c) => asBob(c, { key: c.eve.key.privateKey }),
    401,
    keyOfBob,
  ],
  ['a key that nobody knows', (c) => asBob(c, { key: strange }), 401, keyOfBob],
  [
    "the attacker's own key id, for words of bob",
    (c) => asBob(c, { keyId: c.eve.keyId, key: c.eve.key.privateKey }),
    202,
    keyOfBob,
  ],
  ['two key ids, first the own', (c) => asBob(c, { more: `,keyId="${c.eve.keyId}"` }), 401],
  [
    'two key ids, last the own',
    (c) =>
      asBob(c, {
        key: c.eve.key.privateKey,
        keyId: c.eve.keyId,
        more: `,keyId="${c.bob.keyId}"`,
      }),
    401,
  ],
  [
    'two signatures',
    changed((r) =>
      withHeaders(r, { signature: `${String(r.headers['signature'])},signature="eA=="` }),
    ),
    401,
  ],
  [
    'another body under the digest',
    changed((r) => ({ ...r, body: Buffer.from(r.body.toString().replace('forged', 'changed')) })),
    401,
  ],
  [
    'the digest of another body, signed',
    (c) =>
      asBob(c, { headers: { digest: 'SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' } }),
    401,
  ],
  [
    'a digest by a weak algorithm',
    (c) => asBob(c, { headers: { digest: 'MD5=1B2M2Y8AsgTpgAmY7PhCfg==' } }),
    401,
  ],
  [
    'a digest by an algorithm of no name',
    (c) => asBob(c, { headers: { digest: '=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' } }),
    401,
  ],
  ['no digest at all', changed((r) => withHeaders(r, { digest: undefined })), 401],
  [
    'a digest that is not signed',
    (c) => asBob(c, { covered: ['(request-target)', 'host', 'date'] }),
    401,
  ],
  [
    'a date that is not signed',
    (c) => asBob(c, { covered: ['(request-target)', 'host', 'digest'] }),
    401,
  ],
  ['a path that is not signed', (c) => asBob(c, { covered: ['host', 'date', 'digest'] }), 401],
  ['nothing but the date signed', (c) => asBob(c, { covered: ['date'] }), 401],
  ['nothing signed', (c) => asBob(c, { covered: [] }), 401],
  [
    'the same header signed twice',
    (c) => asBob(c, { covered: ['(request-target)', 'host', 'date', 'date', 'digest'] }),
    401,
  ],
  [
    'a signed header that is not there',
    (c) => asBob(c, { covered: ['(request-target)', 'host', 'date', 'digest', 'x-none'] }),
    401,
  ],
  ['a stale date', (c) => asBob(c, { now: c.flow.time.now() - 25 * hour }), 401],
  ['a date in the future', (c) => asBob(c, { now: c.flow.time.now() + 25 * hour }), 401],
  ['a date that is none', (c) => asBob(c, { headers: { date: 'yesterday' } }), 401],
  [
    'a date that a lenient reader takes for another',
    (c) => asBob(c, { headers: { date: '1' } }),
    401,
  ],
  [
    'a fresh date in the place of the stale one',
    changed((r, { flow }) =>
      withHeaders(r, { date: new Date(flow.time.now() + 1_000).toUTCString() }),
    ),
    401,
    keyOfBob,
  ],
  [
    'an expiry long ago',
    (c) =>
      asBob(c, {
        algorithm: 'hs2019',
        more: `,expires=${Math.floor(c.flow.time.now() / 1_000) - 90_000}`,
      }),
    401,
  ],
  [
    'made for another path',
    (c) => ({ ...asBob(c, { target: '/actors/x/inbox' }), target: '/inbox' }),
    401,
    keyOfBob,
  ],
  [
    'made for another server',
    (c) => asBob(c, { headers: { host: 'elsewhere.example' } }),
    401,
    keyOfBob,
  ],
  ['an algorithm of no name', (c) => asBob(c, { algorithm: 'none' }), 401],
  ['an algorithm of shared secrets', (c) => asBob(c, { algorithm: 'hmac-sha256' }), 401],
  ['an algorithm that is broken', (c) => asBob(c, { algorithm: 'rsa-md5' }), 401],
  ['a key id that is no address', (c) => asBob(c, { keyId: 'main-key' }), 401],
  ['a key id of another scheme', (c) => asBob(c, { keyId: 'file:///etc/passwd' }), 401],
  [
    'a key id with a user name',
    (c) => asBob(c, { keyId: c.bob.keyId.replace('https://', 'https://remote.example@') }),
    401,
  ],
  [
    'a key id on a server that is not there',
    (c) => asBob(c, { keyId: 'https://nowhere.example/users/bob#main-key' }),
    503,
    () => ['https://nowhere.example/users/bob'],
  ],
  [
    'a key id that no document states',
    (c) => asBob(c, { keyId: `${c.bob.id}#other-key` }),
    401,
    keyOfBob,
  ],
  ['a key id of our own', (c) => asBob(c, { keyId: `${c.me}#main-key` }), 401, (c) => [c.me]],
  ['a body of HTML', changed((r) => withHeaders(r, { 'content-type': 'text/html' })), 415],
  [
    'a body that is a form',
    changed((r) => withHeaders(r, { 'content-type': 'application/x-www-form-urlencoded' })),
    415,
  ],
]

testAttacks(cast, attacks)

test('the same request again changes nothing more', async () => {
  const { flow, bob, posts } = cast()
  const sent = says(bob, { type: 'Like', object: posts.poll })
  const answering = flow.ask(sent)
  await flow.minutes(2)
  expect((await answering).status).toBe(202)
  await expectNothing(cast(), ['replay', () => sent, 202])
})
