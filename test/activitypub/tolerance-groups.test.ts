import { describe, expect, test } from '@jest/globals'
import { parseActivity } from '../../src/activitypub/parse.ts'

/** Complaints, and what groups tell of, as each software writes them. */
const bob = 'https://remote.example/users/bob'
const me = 'https://here.example/actors/a'
const post = 'https://here.example/objects/1'
const note = { id: `${bob}/1`, type: 'Note', attributedTo: bob, content: '<p>hi</p>', to: [me] }
const said = (more: object) => parseActivity({ id: `${bob}/a`, actor: bob, ...more }, 0)
const carol = 'https://other.example/users/carol'
/** In a group whose actor is bob. */
const told = (more: object) =>
  said({ type: 'Announce', object: { id: `${carol}/a`, actor: carol, ...more } })

/** In a conversation that bob began (FEP-171b). */
const added = (object: unknown, owner = bob) =>
  said({
    ...{ type: 'Add', object },
    target: { type: 'OrderedCollection', id: `${owner}/c/1`, attributedTo: owner },
  })

const documents: readonly (readonly [string, () => unknown, unknown])[] = [
  [
    'Lemmy: a Flag whose words are in summary',
    () => said({ type: 'Flag', summary: 'rude', object: post, audience: `${bob}/c` }),
    { type: 'flag', complaint: { objects: [post], named: [], text: 'rude' } },
  ],
  [
    'Mastodon: a Flag of an account and its posts',
    () => said({ type: 'Flag', content: 'rude', object: [me, post], to: me }),
    { complaint: { objects: [me, post], named: [], text: 'rude' } },
  ],
  [
    'Misskey: a Flag that names the post in its words',
    () => said({ type: 'Flag', content: `Note: ${post}\n-----\nrude`, object: me }),
    { complaint: { objects: [me], named: [post] } },
  ],
  [
    'Pleroma: a Flag with the posts inside',
    () => said({ type: 'Flag', content: 'rude', object: [me, { ...note, id: post }] }),
    { complaint: { objects: [me, post] } },
  ],
  [
    'Mbin: a Flag that says nothing',
    () => said({ type: 'Flag', summary: null, content: null, object: post }),
    { complaint: { objects: [post], text: '' } },
  ],
  [
    'Lemmy: a group announces a vote',
    () => told({ type: 'Dislike', object: post }),
    { announced: { deed: 'react', object: post, activity: `${carol}/a` } },
  ],
  [
    'Lemmy: a group announces that a vote was taken back',
    () => told({ type: 'Undo', object: { id: `${carol}/l`, type: 'Like', object: post } }),
    { announced: { deed: 'react', object: post, activity: `${carol}/a` } },
  ],
  [
    'Mbin: a group announces a Tombstone',
    () => told({ type: 'Delete', object: { id: note.id, type: 'Tombstone' } }),
    { type: 'announced', announced: { deed: 'delete', object: note.id } },
  ],
  [
    'Lemmy: a moderator takes a removal back',
    () => told({ type: 'Undo', object: { id: `${carol}/d`, type: 'Delete', object: note.id } }),
    { announced: { deed: 'restore', object: note.id } },
  ],
  [
    'PieFed: a group announces an edit',
    () => told({ type: 'Update', object: note }),
    { announced: { deed: 'update', object: note.id } },
  ],
  [
    'Lemmy: a group announces what a moderator features',
    () => told({ type: 'Add', object: note.id, target: `${bob}/featured` }),
    { type: 'feature', actor: bob, object: note.id, collection: `${bob}/featured` },
  ],
  [
    '48: the owner of a conversation adds what somebody answered in it',
    () => added({ id: `${carol}/a`, type: 'Create', actor: carol, object: note }),
    { type: 'contained', contained: `${carol}/a`, document: { type: 'Create' } },
  ],
  [
    '48: or names it by its id alone',
    () => added(`${carol}/a`),
    { type: 'contained', contained: `${carol}/a` },
  ],
  [
    '48: nobody adds to a conversation of another host',
    () => added({ id: `${carol}/a`, type: 'Create', actor: carol, object: note }, carol),
    { type: 'feature' },
  ],
  [
    '48: a post by its id is added to a collection of posts',
    () => said({ type: 'Add', object: note.id, target: `${bob}/featured` }),
    { type: 'feature', object: note.id, collection: `${bob}/featured` },
  ],
  [
    '48: nobody follows by way of a conversation',
    () => added({ id: `${carol}/f`, type: 'Follow', actor: carol, object: me }),
    { type: 'feature' },
  ],
  [
    'a group announces a reaction in the name of another host',
    () => told({ type: 'Like', id: `${bob}/x`, object: post }),
    { type: 'other', wireType: 'Announce(Like)' },
  ],
  [
    'Mbin: a group announces the end of a ban',
    () => told({ type: 'Undo', object: { id: `${carol}/b`, type: 'Block', object: me } }),
    { type: 'other', wireType: 'Announce(Undo)' },
  ],
]

describe('what other servers write is read:', () => {
  test.each(documents)('%s', (_what, read, expected) => {
    expect(read()).toMatchObject(expected as object)
  })
})
