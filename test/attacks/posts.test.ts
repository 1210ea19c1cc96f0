import { afterAll, beforeAll, test } from '@jest/globals'
import {
  bobsHost,
  createCast,
  patience,
  evesHost,
  everybody,
  eveSays,
  expectNothing,
  fresh,
  noteOf,
  says,
} from './stage.ts'
import type { Attack, Cast } from './stage.ts'

let cast: Cast
beforeAll(async () => {
  cast = await createCast()
}, patience)
afterAll(() => cast.flow.close())

const attacks: readonly Attack[] = [
  [
    'Create of a post by bob',
    eveSays((c) => ({ type: 'Create', object: noteOf(c.bob) })),
    202,
    bobsHost,
  ],
  [
    'Create of a post by bob on her own host',
    eveSays((c) => ({ type: 'Create', object: noteOf(c.bob, { id: fresh(c.eve) }) })),
    202,
    evesHost,
  ],
  [
    'Create of a post by bob and her',
    eveSays((c) => ({
      type: 'Create',
      object: noteOf(c.eve, { attributedTo: [c.bob.id, c.eve.id], id: fresh(c.bob) }),
    })),
    202,
    bobsHost,
  ],
  [
    'Create of a post by somebody of her server',
    eveSays((c) => ({ type: 'Create', object: noteOf(c.mate) })),
    202,
    evesHost,
  ],
  [
    'Create of a post of ours',
    eveSays((c) => ({
      type: 'Create',
      object: { id: c.posts.mine, type: 'Note', attributedTo: c.me, content: 'forged' },
    })),
    202,
  ],
  [
    'Create whose actor stands in the object alone',
    eveSays((c) => ({ type: 'Create', object: { ...noteOf(c.bob), actor: c.eve.id } })),
    202,
    bobsHost,
  ],
  ['Create without any object', eveSays(() => ({ type: 'Create' })), 202],
  [
    'Update of a post by bob',
    eveSays((c) => ({ type: 'Update', object: noteOf(c.bob, { id: c.posts.bobs }) })),
    202,
    bobsHost,
  ],
  [
    'Update of a post by bob by its id',
    eveSays((c) => ({ type: 'Update', object: c.posts.bobs })),
    202,
    bobsHost,
  ],
  [
    'Update of a post by bob as one of hers',
    eveSays((c) => ({ type: 'Update', object: noteOf(c.eve, { id: c.posts.bobs }) })),
    202,
    bobsHost,
  ],
  [
    'Update of a post of ours',
    eveSays((c) => ({
      type: 'Update',
      object: { id: c.posts.mine, type: 'Note', attributedTo: c.eve.id, content: 'forged' },
    })),
    202,
  ],
  ['Delete of a post by bob', eveSays((c) => ({ type: 'Delete', object: c.posts.bobs })), 202],
  [
    'Delete of a post by bob, as a Tombstone',
    eveSays((c) => ({ type: 'Delete', object: { id: c.posts.bobs, type: 'Tombstone' } })),
    202,
  ],
  ['Delete of a post of ours', eveSays((c) => ({ type: 'Delete', object: c.posts.mine })), 202],
  [
    'Announce of a post of hers for few, to show it to all',
    eveSays((c) => ({ type: 'Announce', to: everybody, object: c.posts.bobsPrivate })),
    202,
    bobsHost,
  ],
  [
    'Announce of a private message',
    eveSays((c) => ({ type: 'Announce', to: everybody, object: c.posts.direct })),
    202,
  ],
  [
    'Announce with a post of bob inside, which he never wrote',
    eveSays((c) => ({ type: 'Announce', to: everybody, object: noteOf(c.bob) })),
    202,
    bobsHost,
  ],
  ['Like of a private message', eveSays((c) => ({ type: 'Like', object: c.posts.direct })), 202],
  [
    'Like of a post for the followers of bob',
    eveSays((c) => ({ type: 'Like', object: c.posts.bobsPrivate })),
    202,
  ],
  [
    'EmojiReact of a private message',
    eveSays((c) => ({ type: 'EmojiReact', content: '🔥', object: c.posts.direct })),
    202,
  ],
  ['Like of nothing', eveSays(() => ({ type: 'Like' })), 202],
  [
    'Like of a post that nobody knows',
    eveSays((c) => ({ type: 'Like', object: fresh(c.bob) })),
    202,
  ],
  [
    'a vote for another voter',
    eveSays((c) => ({
      type: 'Create',
      object: {
        id: fresh(c.eve),
        type: 'Note',
        attributedTo: c.bob.id,
        name: 'Tea',
        inReplyTo: c.posts.poll,
        to: [c.me],
      },
    })),
    202,
    evesHost,
  ],
  [
    'a vote with an id of another server',
    eveSays((c) => ({
      type: 'Create',
      object: {
        id: fresh(c.bob),
        type: 'Note',
        attributedTo: c.eve.id,
        name: 'Tea',
        inReplyTo: c.posts.poll,
        to: [c.me],
      },
    })),
    202,
    bobsHost,
  ],
  [
    'a vote for what is no choice',
    eveSays((c) => ({
      type: 'Create',
      object: {
        id: fresh(c.eve),
        type: 'Note',
        attributedTo: c.eve.id,
        name: 'Beer',
        inReplyTo: c.posts.poll,
        to: [c.me],
      },
    })),
    202,
  ],
  [
    'a vote in what is no poll',
    eveSays((c) => ({
      type: 'Create',
      object: {
        id: fresh(c.eve),
        type: 'Note',
        attributedTo: c.eve.id,
        name: 'Tea',
        inReplyTo: c.posts.mine,
        to: [c.me],
      },
    })),
    202,
  ],
  [
    'Add of a post of bob to what bob has pinned',
    eveSays((c) => ({ type: 'Add', object: c.posts.bobs, target: `${c.bob.id}/featured` })),
    202,
  ],
  [
    'Remove from what bob has pinned',
    eveSays((c) => ({ type: 'Remove', object: c.posts.bobs, target: `${c.bob.id}/featured` })),
    202,
  ],
  [
    'Add to a collection of ours',
    eveSays((c) => ({ type: 'Add', object: c.posts.bobs, target: `${c.me}/featured` })),
    202,
  ],
]

const inside: readonly Attack[] = [
  [
    'a post whose author is a list of others',
    (c) =>
      says(c.eve, {
        type: 'Create',
        object: noteOf(c.eve, { attributedTo: [c.bob.id, c.carl.id] }),
      }),
    202,
    evesHost,
  ],
  [
    'a post whose author is embedded with the id of bob',
    (c) =>
      says(c.eve, {
        type: 'Create',
        object: noteOf(c.eve, { attributedTo: { ...c.eve.document(undefined), id: c.bob.id } }),
      }),
    202,
    evesHost,
  ],
  [
    'a post that is an actor',
    (c) => says(c.eve, { type: 'Create', object: { ...c.bob.document(undefined) } }),
    202,
    bobsHost,
  ],
  [
    'a post that is a Tombstone',
    (c) => says(c.eve, { type: 'Create', object: { id: fresh(c.eve), type: 'Tombstone' } }),
    202,
    evesHost,
  ],
  [
    'a post that is a collection',
    (c) =>
      says(c.eve, {
        type: 'Create',
        object: { id: fresh(c.eve), type: 'OrderedCollection', attributedTo: c.eve.id },
      }),
    202,
    evesHost,
  ],
  [
    'a post that has the id of its activity elsewhere',
    (c) => says(c.eve, { type: 'Create', object: { ...noteOf(c.bob), '@id': fresh(c.eve) } }),
    202,
    bobsHost,
  ],
  [
    'a post whose id is the one of bob with a fragment',
    (c) => says(c.eve, { type: 'Update', object: noteOf(c.eve, { id: `${c.posts.bobs}#x` }) }),
    202,
    bobsHost,
  ],
  [
    'a post for the followers of bob',
    (c) =>
      says(c.eve, { type: 'Create', object: noteOf(c.bob, { to: [`${c.bob.id}/followers`] }) }),
    202,
    bobsHost,
  ],
  [
    'a post on our own host',
    (c) =>
      says(c.eve, {
        type: 'Create',
        object: noteOf(c.eve, { id: 'https://bridge.example/objects/forged' }),
      }),
    202,
  ],
  [
    'a post as an address inside of our network',
    (c) => says(c.eve, { type: 'Create', to: everybody, object: 'https://127.0.0.1/admin' }),
    202,
    () => ['https://127.0.0.1/'],
  ],
]

test.each([...attacks, ...inside])(
  '%s',
  async (...attack) => {
    await expectNothing(cast, attack)
  },
  patience,
)
