import type { Document } from '../fakes/fediverse.ts'
import { bobsHost, forge, fresh, shareCast, testAttacks } from './stage.ts'
import type { Attack, Cast } from './stage.ts'

/** A body that eve has signed as it is, whatever it says. */
const eveWrites =
  (body: (cast: Cast) => Document | string): Attack[1] =>
  (cast) =>
    forge(body(cast), {
      ...{ keyId: cast.eve.keyId, key: cast.eve.key.privateKey },
      now: cast.flow.time.now(),
    })

const likeOf = (c: Cast, more: Document): Document => ({
  type: 'Like',
  id: fresh(c.eve),
  actor: c.eve.id,
  object: c.posts.mine,
  ...more,
})

/** A Delete of bob's post by an address of bob that only looks like hers, or the other way round. */
const deleteAs = (actor: (bob: string, eve: string) => string): Attack[1] =>
  eveWrites((c) => {
    const who = actor(c.bob.id, c.eve.id)
    return { type: 'Delete', id: `${who}#d`, actor: who, object: c.posts.bobs }
  })

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

const addresses: readonly Attack[] = [
  [
    'an actor with a user name in the address',
    deleteAs((bob, eve) => `https://remote.example@${new URL(eve).host}${new URL(bob).pathname}`),
    400,
  ],
  [
    'an actor with user name and password',
    deleteAs((bob) => bob.replace('https://', 'https://u:p@')),
    400,
  ],
  [
    'an actor with another port',
    deleteAs((bob) => bob.replace('remote.example', 'remote.example:444')),
    202,
    () => ['https://remote.example:444/'],
  ],
  [
    'an actor whose host is written large',
    deleteAs((bob) => bob.replace('remote.example', 'REMOTE.EXAMPLE')),
    202,
    () => ['https://REMOTE.EXAMPLE/', 'https://remote.example/'],
  ],
  [
    'an actor whose host ends in a dot',
    deleteAs((bob) => bob.replace('remote.example', 'remote.example.')),
    202,
    () => ['https://remote.example./'],
  ],
  [
    'an actor whose host has letters that look alike',
    deleteAs((bob) => bob.replace('remote.example', 'rеmote.example')),
    202,
    () => ['https://rеmote.example/', 'https://xn--'],
  ],
  ['an actor whose path goes up', deleteAs((bob) => `${bob}/../bob`), 202, bobsHost],
  [
    'an actor whose path is escaped',
    deleteAs((bob) => bob.replace('/users/', '/%75sers/')),
    202,
    bobsHost,
  ],
  ['an actor with a backslash', deleteAs((bob) => bob.replace('https://', 'https:\\\\')), 400],
  ['an actor with a space before it', deleteAs((bob) => ` ${bob}`), 400],
  ['an actor with a line break in it', deleteAs((bob) => bob.replace('/users', '\n/users')), 400],
  ['an actor of another scheme', deleteAs((bob) => bob.replace('https:', 'ftp:')), 400],
  [
    'an actor without encryption',
    deleteAs((bob) => bob.replace('https:', 'http:')),
    202,
    () => ['http://remote.example/'],
  ],
  ['an actor that is a script', deleteAs(() => 'javascript:alert(1)'), 400],
  [
    'an actor that is a number',
    eveWrites((c) => ({ type: 'Delete', id: fresh(c.bob), actor: 7, object: c.posts.bobs })),
    400,
  ],
  [
    'an actor that is a list in a list',
    eveWrites((c) => ({
      type: 'Delete',
      id: fresh(c.bob),
      actor: [[c.bob.id]],
      object: c.posts.bobs,
    })),
    400,
  ],
  [
    'an actor on this server by its bare address',
    eveWrites((c) => ({
      type: 'Like',
      id: fresh(c.eve),
      actor: 'https://127.0.0.1/users/bob',
      object: c.posts.mine,
    })),
    400,
  ],
  [
    'an id of 3,000 characters',
    eveWrites((c) => likeOf(c, { id: `${c.eve.id}/${'x'.repeat(3_000)}` })),
    400,
  ],
  ['an id that is an object', eveWrites((c) => likeOf(c, { id: { id: fresh(c.eve) } })), 400],
  ['an id with a user name', eveWrites((c) => likeOf(c, { id: `https://x@evil.example/1` })), 400],
  [
    'half a character in an id',
    eveWrites(
      (c) =>
        `{"type":"Like","id":"${c.eve.id}/\\ud800","actor":"${c.eve.id}","object":"${c.posts.mine}"}`,
    ),
    400,
  ],
]

const shapes: readonly Attack[] = [
  ['a body that is no JSON', eveWrites(() => '{"type":"Like"'), 400],
  ['an empty body', eveWrites(() => ''), 400],
  ['a body that is a list', eveWrites((c) => JSON.stringify([likeOf(c, {})])), 400],
  ['a body that is null', eveWrites(() => 'null'), 400],
  ['a body of 1 MB and more', eveWrites((c) => likeOf(c, { x: 'x'.repeat(1_000_000) })), 413],
  [
    'a body of 10,000 levels',
    eveWrites((c) => JSON.stringify(likeOf(c, { x: 0 })).replace('"x":0', `"x":${deep(10_000)}`)),
    400,
  ],
  [
    'levels hidden behind a quotation mark',
    eveWrites((c) =>
      JSON.stringify(likeOf(c, { y: '\\"', x: 0 })).replace('"x":0', `"x":${deep(100)}`),
    ),
    400,
  ],
  ['a type that is a number', eveWrites((c) => likeOf(c, { type: 7 })), 400],
  ['a type that nobody knows', eveWrites((c) => likeOf(c, { type: 'Explode' })), 202],
  ['a type that every object has', eveWrites((c) => likeOf(c, { type: 'constructor' })), 202],
  ['a type named like a prototype', eveWrites((c) => likeOf(c, { type: '__proto__' })), 202],
  [
    'an actor in the prototype',
    eveWrites(
      (c) =>
        `{"__proto__":{"actor":"${c.bob.id}","type":"Delete"},"id":"${fresh(c.eve)}","object":"${c.posts.bobs}"}`,
    ),
    400,
  ],
  [
    'two actors of one name, the last her own',
    eveWrites(
      (c) =>
        `{"type":"Delete","id":"${fresh(c.eve)}","actor":"${c.bob.id}","actor":"${c.eve.id}","object":"${c.posts.bobs}"}`,
    ),
    202,
  ],
  [
    'two actors of one name, the last not her own',
    eveWrites(
      (c) =>
        `{"type":"Delete","id":"${fresh(c.bob)}","actor":"${c.eve.id}","actor":"${c.bob.id}","object":"${c.posts.bobs}"}`,
    ),
    202,
    bobsHost,
  ],
  [
    'two objects of one name',
    eveWrites(
      (c) =>
        `{"type":"Update","id":"${fresh(c.eve)}","actor":"${c.eve.id}","object":"${c.eve.id}","object":{"id":"${c.posts.bobs}","type":"Note","attributedTo":"${c.bob.id}","content":"forged"}}`,
    ),
    202,
    bobsHost,
  ],
  [
    'our own word for what is fetched',
    eveWrites(
      (c) =>
        `{"footbridge:fetch":"https://127.0.0.1/secret","type":"Explode","id":"${fresh(c.eve)}","actor":"${c.eve.id}"}`,
    ),
    202,
    () => ['https://127.0.0.1/'],
  ],
  [
    'a context that renames actor',
    eveWrites((c) =>
      likeOf(c, {
        '@context': { evil: 'as:actor', actor: 'as:object' },
        evil: c.bob.id,
        type: 'Explode',
      }),
    ),
    202,
  ],
  [
    'a context at an address',
    eveWrites((c) => likeOf(c, { '@context': 'https://evil.example/context', type: 'Explode' })),
    202,
  ],
  [
    'a graph around it',
    eveWrites((c) => ({
      '@context': 'https://www.w3.org/ns/activitystreams',
      '@graph': [likeOf(c, {})],
    })),
    400,
  ],
  [
    'a reversed property',
    eveWrites((c) => ({
      '@reverse': { object: likeOf(c, {}) },
      id: fresh(c.eve),
      type: 'Explode',
      actor: c.eve.id,
    })),
    202,
  ],
  [
    'a signature inside, in the name of bob',
    eveWrites((c) => ({
      type: 'Delete',
      id: fresh(c.bob),
      actor: c.bob.id,
      object: c.posts.bobs,
      signature: {
        type: 'RsaSignature2017',
        creator: c.bob.keyId,
        created: new Date(c.flow.time.now()).toISOString(),
        signatureValue: 'eA==',
      },
    })),
    202,
    bobsHost,
  ],
  [
    'a proof inside, in the name of bob, by another key',
    eveWrites((c) => ({
      type: 'Delete',
      id: fresh(c.bob),
      actor: c.bob.id,
      object: c.posts.bobs,
      proof: {
        type: 'DataIntegrityProof',
        cryptosuite: 'eddsa-jcs-2022',
        proofPurpose: 'assertionMethod',
        verificationMethod: `${c.eve.id}#ed25519-key`,
        proofValue: 'z3FXQ',
      },
    })),
    202,
    () => ['https://remote.example/', 'https://evil.example/'],
  ],
]

testAttacks(shareCast(), [...addresses, ...shapes])
