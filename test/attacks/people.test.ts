import { bobsHost, carlsHost, eveSays, fresh, noteOf, shareCast, testAttacks } from './stage.ts'
import type { Attack } from './stage.ts'

const attacks: readonly Attack[] = [
  ['Move of bob', eveSays((c) => ({ type: 'Move', object: c.bob.id, target: c.eve.id })), 202],
  [
    'Move to an account that does not name her',
    eveSays((c) => ({ type: 'Move', object: c.eve.id, target: c.carl.id })),
    202,
    carlsHost,
  ],
  [
    'Move to an account that is not there',
    eveSays((c) => ({ type: 'Move', object: c.eve.id, target: fresh(c.mate) })),
    202,
    () => ['https://evil.example/'],
  ],
  ['Move to herself', eveSays((c) => ({ type: 'Move', object: c.eve.id, target: c.eve.id })), 202],
  ['Move to one of ours', eveSays((c) => ({ type: 'Move', object: c.eve.id, target: c.me })), 202],
  ['Move to nowhere', eveSays((c) => ({ type: 'Move', object: c.eve.id })), 202],
  [
    'Update of bob',
    eveSays((c) => ({ type: 'Update', object: { ...c.bob.document(undefined), name: 'forged' } })),
    202,
    bobsHost,
  ],
  [
    'Update of one of ours',
    eveSays((c) => ({ type: 'Update', object: { id: c.me, type: 'Person', name: 'forged' } })),
    202,
  ],
  [
    'Update of herself with the id of bob inside',
    eveSays((c) => ({
      type: 'Update',
      object: [{ ...c.bob.document(undefined), name: 'forged' }, c.eve.id],
    })),
    202,
    bobsHost,
  ],
  ['Delete of bob', eveSays((c) => ({ type: 'Delete', object: c.bob.id })), 202],
  ['Delete of one of ours', eveSays((c) => ({ type: 'Delete', object: c.me })), 202],
  [
    'Follow in the name of bob',
    (c) => c.eve.sign({ id: fresh(c.bob), type: 'Follow', actor: c.bob.id, object: c.me }),
    202,
    bobsHost,
  ],
  [
    'Follow in the name of one of ours',
    (c) => c.eve.sign({ id: `${c.me}/follows/1`, type: 'Follow', actor: c.me, object: c.bob.id }),
    202,
  ],
  [
    'Follow of somebody who is not ours',
    eveSays((c) => ({ type: 'Follow', object: c.bob.id })),
    202,
  ],
  [
    'Follow of nobody',
    eveSays(() => ({ type: 'Follow', object: 'https://bridge.example/actors/nobody' })),
    202,
  ],
  [
    'Accept of what another was asked',
    eveSays((c) => ({ type: 'Accept', object: c.done.followAsked })),
    202,
  ],
  [
    'Accept of it, embedded',
    eveSays((c) => ({
      type: 'Accept',
      object: { id: c.done.followAsked, type: 'Follow', actor: c.me, object: c.silent.id },
    })),
    202,
  ],
  [
    'Accept of it as of a Follow of herself',
    eveSays((c) => ({
      type: 'Accept',
      object: { id: c.done.followAsked, type: 'Follow', actor: c.me, object: c.eve.id },
    })),
    202,
  ],
  [
    'Reject of what another accepted',
    eveSays((c) => ({ type: 'Reject', object: c.done.followOfBob })),
    202,
  ],
  [
    'Reject of it, embedded',
    eveSays((c) => ({
      type: 'Reject',
      object: { id: c.done.followOfBob, type: 'Follow', actor: c.me, object: c.bob.id },
    })),
    202,
  ],
  ['Undo of a Follow by bob', eveSays((c) => ({ type: 'Undo', object: c.done.followByBob })), 202],
  [
    'Undo of it, embedded',
    eveSays((c) => ({
      type: 'Undo',
      object: { id: c.done.followByBob, type: 'Follow', actor: c.bob.id, object: c.me },
    })),
    202,
  ],
  [
    'Undo of it as of her own',
    eveSays((c) => ({
      type: 'Undo',
      object: { id: c.done.followByBob, type: 'Follow', actor: c.eve.id, object: c.me },
    })),
    202,
  ],
  ['Undo of a Like by bob', eveSays((c) => ({ type: 'Undo', object: c.done.likeByBob })), 202],
  ['Undo of a boost by bob', eveSays((c) => ({ type: 'Undo', object: c.done.boostByBob })), 202],
  ['Undo of the block of dan', eveSays((c) => ({ type: 'Undo', object: c.done.blockByDan })), 202],
  ['Undo of a Follow of ours', eveSays((c) => ({ type: 'Undo', object: c.done.followOfBob })), 202],
  ['Block of somebody who is not ours', eveSays((c) => ({ type: 'Block', object: c.bob.id })), 202],
  [
    'Block in the name of bob',
    (c) => c.eve.sign({ id: fresh(c.bob), type: 'Block', actor: c.bob.id, object: c.me }),
    202,
    bobsHost,
  ],
  [
    'QuoteRequest for a private message',
    eveSays((c) => ({
      type: 'QuoteRequest',
      object: c.posts.bobsPrivate,
      instrument: noteOf(c.eve),
    })),
    202,
  ],
  [
    'Accept of a QuoteRequest that nobody made',
    eveSays((c) => ({
      type: 'Accept',
      object: { type: 'QuoteRequest', id: `${c.me}/requests/1`, actor: c.me, object: fresh(c.eve) },
      result: fresh(c.eve),
    })),
    202,
  ],
  [
    'Accept of a QuoteRequest for a post of another server',
    eveSays((c) => ({
      type: 'Accept',
      object: {
        type: 'QuoteRequest',
        id: `${c.me}/requests/1`,
        actor: c.me,
        object: c.posts.carls,
      },
      result: fresh(c.eve),
    })),
    202,
  ],
  [
    'Delete of a stamp of another server',
    eveSays((c) => ({ type: 'Delete', object: `${c.carl.id}/stamps/1` })),
    202,
  ],
  [
    'an activity of carl that she hands on, and carl never made',
    (c) =>
      c.eve.sign({ id: fresh(c.carl), type: 'Delete', actor: c.carl.id, object: c.posts.carls }),
    202,
    carlsHost,
  ],
  [
    'an activity of carl with an id of her own',
    (c) =>
      c.eve.sign({ id: fresh(c.eve), type: 'Delete', actor: c.carl.id, object: c.posts.carls }),
    400,
  ],
  [
    'an activity of hers with an id of carl',
    (c) => c.eve.sign({ id: fresh(c.carl), type: 'Like', actor: c.eve.id, object: c.posts.mine }),
    400,
  ],
  [
    'Delete of carl, in the name of carl',
    (c) => c.eve.sign({ id: fresh(c.carl), type: 'Delete', actor: c.carl.id, object: c.carl.id }),
    202,
    carlsHost,
  ],
  [
    'an activity of two actors, the other first',
    (c) =>
      c.eve.sign({
        id: fresh(c.bob),
        type: 'Delete',
        actor: [c.bob.id, c.eve.id],
        object: c.posts.bobs,
      }),
    202,
    bobsHost,
  ],
  [
    'an activity of two actors, herself first',
    (c) =>
      c.eve.sign({
        id: fresh(c.eve),
        type: 'Delete',
        actor: [c.eve.id, c.bob.id],
        object: c.posts.bobs,
      }),
    202,
  ],
  [
    'an actor who is embedded and says who owns it',
    (c) =>
      c.eve.sign({
        id: fresh(c.bob),
        type: 'Delete',
        actor: { id: c.bob.id, owner: c.eve.id },
        object: c.posts.bobs,
      }),
    202,
    bobsHost,
  ],
]

testAttacks(shareCast(), attacks)
