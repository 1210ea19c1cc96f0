import type { Document } from '../fakes/fediverse.ts'
import {
  bobsHost,
  evesHost,
  everybody,
  eveSays,
  fresh,
  noteOf,
  shareCast,
  testAttacks,
} from './stage.ts'
import type { Attack, Cast } from './stage.ts'

/** A vote in our poll as eve could well give it, but for one thing. */
const eveVotes = (more: (cast: Cast) => Document): Attack[1] =>
  eveSays((c) => ({
    type: 'Create',
    object: {
      id: fresh(c.eve),
      type: 'Note',
      attributedTo: c.eve.id,
      name: 'Tea',
      inReplyTo: c.posts.poll,
      to: [c.me],
      ...more(c),
    },
  }))

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
    'a group of hers tells that bob deleted a post of ours',
    eveSays((c) => ({
      type: 'Announce',
      object: { id: fresh(c.bob), type: 'Delete', actor: c.me, object: c.posts.mine },
    })),
    202,
  ],
  [
    'a group of hers tells of a report by bob',
    eveSays((c) => ({
      type: 'Announce',
      object: { id: fresh(c.bob), type: 'Flag', actor: c.bob.id, object: c.me },
    })),
    202,
  ],
  [
    'a Flag of nothing that is ours',
    eveSays((c) => ({ type: 'Flag', object: [c.bob.id, c.posts.bobs], content: 'rude' })),
    202,
  ],
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
  ['a vote for another voter', eveVotes((c) => ({ attributedTo: c.bob.id })), 202, evesHost],
  ['a vote with an id of another server', eveVotes((c) => ({ id: fresh(c.bob) })), 202, bobsHost],
  ['a vote for what is no choice', eveVotes(() => ({ name: 'Beer' })), 202],
  ['a vote in what is no poll', eveVotes((c) => ({ inReplyTo: c.posts.mine })), 202],
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
    eveSays((c) => ({
      type: 'Create',
      object: noteOf(c.eve, { attributedTo: [c.bob.id, c.carl.id] }),
    })),
    202,
    evesHost,
  ],
  [
    'a post whose author is embedded with the id of bob',
    eveSays((c) => ({
      type: 'Create',
      object: noteOf(c.eve, { attributedTo: { ...c.eve.document(undefined), id: c.bob.id } }),
    })),
    202,
    evesHost,
  ],
  [
    'a post that is an actor',
    eveSays((c) => ({ type: 'Create', object: { ...c.bob.document(undefined) } })),
    202,
    bobsHost,
  ],
  [
    'a post that is a Tombstone',
    eveSays((c) => ({ type: 'Create', object: { id: fresh(c.eve), type: 'Tombstone' } })),
    202,
    evesHost,
  ],
  [
    'a post that is a collection',
    eveSays((c) => ({
      type: 'Create',
      object: { id: fresh(c.eve), type: 'OrderedCollection', attributedTo: c.eve.id },
    })),
    202,
    evesHost,
  ],
  [
    'a post that has the id of its activity elsewhere',
    eveSays((c) => ({ type: 'Create', object: { ...noteOf(c.bob), '@id': fresh(c.eve) } })),
    202,
    bobsHost,
  ],
  [
    'a post whose id is the one of bob with a fragment',
    eveSays((c) => ({ type: 'Update', object: noteOf(c.eve, { id: `${c.posts.bobs}#x` }) })),
    202,
    bobsHost,
  ],
  [
    'a post for the followers of bob',
    eveSays((c) => ({ type: 'Create', object: noteOf(c.bob, { to: [`${c.bob.id}/followers`] }) })),
    202,
    bobsHost,
  ],
  [
    'a post on our own host',
    eveSays((c) => ({
      type: 'Create',
      object: noteOf(c.eve, { id: 'https://bridge.example/objects/forged' }),
    })),
    202,
  ],
  [
    'a post as an address inside of our network',
    eveSays(() => ({ type: 'Create', to: everybody, object: 'https://127.0.0.1/admin' })),
    202,
    () => ['https://127.0.0.1/'],
  ],
]

testAttacks(shareCast(), [...attacks, ...inside])
