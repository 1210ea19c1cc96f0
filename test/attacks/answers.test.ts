import { describe, expect, test } from '@jest/globals'
import type { Document } from '../fakes/fediverse.ts'
import { patience, expectNothing, forge, noteOf, says, shareCast, type Cast } from './stage.ts'

const cast = shareCast()

const evil = 'https://evil.example'
const activityJson = 'application/activity+json'

/** What eve's server answers there. */
function serve(path: string, document: Document | string, more: Document = {}): string {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const file = { bytes: Buffer.from(text), type: activityJson, ...more }
  cast().flow.fediverse.server('evil.example').files.set(path, file)
  return `${evil}${path}`
}

describe('a boost of what its own server answers with a lie', () => {
  const lies: readonly (readonly [
    string,
    (id: string, cast: Cast) => Document | string,
    Document?,
  ])[] = [
    ['a post of another server', (_, c) => noteOf(c.bob)],
    ['a post by an author of another server', (id, c) => noteOf(c.bob, { id })],
    [
      'a post under another address of the same server',
      (id, c) => noteOf(c.eve, { id: `${id}/other` }),
    ],
    [
      'a post for few by another',
      (id, c) => noteOf(c.mate, { id, to: [`${c.mate.id}/followers`] }),
    ],
    [
      'a post by another for the followers of who boosts',
      (id, c) => noteOf(c.mate, { id, to: [`${c.eve.id}/followers`] }),
    ],
    [
      'a post for the followers of another',
      (id, c) => noteOf(c.eve, { id, to: [`${c.mate.id}/followers`] }),
    ],
    ['a post for one of ours alone', (id, c) => noteOf(c.eve, { id, to: [c.me] })],
    ['a page', (id, c) => noteOf(c.eve, { id }), { type: 'text/html' }],
    [
      'a file that anybody could have stored there',
      (id, c) => noteOf(c.eve, { id }),
      { type: 'application/json' },
    ],
    [
      'a linked-data document of another profile',
      (id, c) => noteOf(c.eve, { id }),
      { type: 'application/ld+json; profile="https://example.com/ns"' },
    ],
    [
      'what is too deep',
      (id, c) =>
        JSON.stringify(noteOf(c.eve, { id, x: 0 })).replace(
          '"x":0',
          `"x":${'['.repeat(99)}${']'.repeat(99)}`,
        ),
    ],
    ['what is no JSON', () => '{"id":'],
    ['a list of posts', (id, c) => JSON.stringify([noteOf(c.eve, { id })])],
    ['an activity', (id, c) => ({ id, type: 'Like', actor: c.eve.id, object: c.posts.mine })],
    ['an account', (_, c) => c.bob.document(undefined)],
    ['a collection', (id, c) => ({ id, type: 'OrderedCollection', attributedTo: c.eve.id })],
    ['the end of it', (id) => ({ id, type: 'Tombstone' })],
    ['nothing', () => ({})],
    [
      'an address of another server',
      () => '',
      { status: 302, location: 'https://remote.example/users/bob' },
    ],
    ['its own address', () => '', { status: 302, location: '/lie-again' }],
  ]
  test.each(lies)(
    '%s',
    async (...[what, lie, more]) => {
      const path = `/lie/${lies.findIndex(([name]) => name === what)}`
      serve(path, lie(`${evil}${path}`, cast()), more)
      serve('/lie-again', '', { status: 302, location: '/lie-again' })
      const send = (c: Cast) => says(c.eve, { type: 'Announce', object: `${evil}${path}` })
      await expectNothing(cast(), [
        what,
        send,
        202,
        () => [`${evil}/lie`, 'https://remote.example/'],
      ])
    },
    patience,
  )
})

test(
  'a boost of a post for few by its own author stands in the room of their followers, and nowhere else',
  async () => {
    const { flow, alice, eve } = cast()
    const id = `${evil}/for-few`
    serve('/for-few', noteOf(eve, { id, to: [`${eve.id}/followers`], content: 'for few' }))
    const rooms = () => flow.homeserver.rooms()
    const where = () => rooms().filter((room) => flow.bodies(room).join().includes('for few'))
    const { body, headers, target } = says(eve, { type: 'Announce', object: id })
    const answering = flow.ask({ body, headers, target })
    await flow.minutes(2)
    expect((await answering).status).toBe(202)
    expect(where()).toEqual([flow.portalOf(eve)])
    const readers = ['join', 'invite'] as const
    const people = readers.flatMap((one) => flow.homeserver.members(flow.portalOf(eve), one))
    expect(people.filter((userId) => !/^@_?ap/.test(userId))).toEqual([alice.userId])
  },
  patience,
)

describe('a key document that lies', () => {
  const pemOf = ({ eve }: Cast): string => eve.key.pem
  const lies: readonly (readonly [string, (keyId: string, cast: Cast) => Document])[] = [
    ['names bob as its owner', (id, c) => ({ id, owner: c.bob.id, publicKeyPem: pemOf(c) })],
    [
      'is an account that states a key of bob',
      (id, c) => ({
        ...c.eve.document(undefined),
        id,
        publicKey: { id: c.bob.keyId, owner: c.bob.id, publicKeyPem: pemOf(c) },
      }),
    ],
    [
      'is an account whose key has another owner',
      (id, c) => ({
        ...c.eve.document(undefined),
        id,
        publicKey: { id, owner: c.bob.id, publicKeyPem: pemOf(c) },
      }),
    ],
    [
      'names an owner who states no such key',
      (id, c) => ({ id, owner: c.mate.id, publicKeyPem: pemOf(c) }),
    ],
    ['has no usable key', (id, c) => ({ id, owner: c.eve.id, publicKeyPem: 'AAAA' })],
    ['has the key of nobody', (id) => ({ id, publicKeyPem: '' })],
  ]
  test.each(lies)(
    '%s',
    async (...[what, lie]) => {
      const keyId = serve(`/keys/${lies.findIndex(([name]) => name === what)}`, {})
      serve(new URL(keyId).pathname, lie(keyId, cast()))
      const { bob, eve, flow, posts } = cast()
      const send = () =>
        forge(
          { id: `${bob.id}/x`, type: 'Delete', actor: bob.id, object: posts.bobs },
          { keyId, key: eve.key.privateKey, now: flow.time.now() },
        )
      await expectNothing(cast(), [what, send, 401, () => [`${evil}/`]])
    },
    patience,
  )
})

test(
  'an outbox that never ends is left after some pages',
  async () => {
    const { flow, alice, mate } = cast()
    const page = (n: number) => ({
      id: `${mate.id}/outbox?page=${n}`,
      type: 'OrderedCollectionPage',
      partOf: `${mate.id}/outbox`,
      next: `${mate.id}/outbox?page=${n + 1}`,
      orderedItems: [],
    })
    // One file stands at all pages: each leads to a further one.
    serve('/users/mate/outbox', { ...page(1), id: `${mate.id}/outbox`, first: page(1) })
    const asked = flow.fediverse.requests.length
    await flow.command(alice, `follow ${mate.handle}`)
    await flow.minutes(30)
    const urls = flow.fediverse.requests.slice(asked).filter(({ url }) => url.includes('/outbox'))
    expect(urls.length).toBeGreaterThan(0)
    expect(urls.length).toBeLessThanOrEqual(20)
  },
  patience,
)
