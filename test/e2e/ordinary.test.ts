import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  editedTo,
  follow,
  followedBy,
  ghostId,
  idOf,
  openProfile,
  redacted,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'ordinary days', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let me: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora', 'dan'] }),
      startFedify({ accounts: ['carol'], cavageFirst: true }),
    ])
    alice = await stack.meet('alice')
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    await snac.user('anna').follow(alice.handle.slice(1))
    await followedBy(alice, ['anna'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await stack.stop()
  })

  test('posts of activitypub-express are changed and deleted', async () => {
    const dora = apex.account('dora')
    const room = await follow(alice, dora)
    const { object } = await apex.post('dora', { content: 'a frist word' })
    const event = idOf(await shown(alice.client, room, 'a frist word'))
    await apex.update('dora', object, 'a first word')
    await editedTo(alice.client, event, 'a first word')
    await apex.remove('dora', object)
    await redacted(alice.client, event)
  })

  test('follows of activitypub-express and Fedify end where they began', async () => {
    for (const [peer, name] of [
      [apex, 'dan'],
      [fedify, 'carol'],
    ] as const) {
      const sent = await peer.follow(name, me)
      await followedBy(alice, [name])
      await peer.unfollow(name, me, sent)
      await waitUntil(
        `the end of the follow of ${name}`,
        async () => !(await ask(alice, 'followers', 'ollow')).includes(peer.account(name).handle),
      )
    }
  })

  describe('snac', () => {
    let room: string

    beforeAll(async () => {
      room = await follow(alice, snac.user('anna'))
    })

    test('likes and unlikes what a Matrix user publishes', async () => {
      const anna = snac.user('anna')
      const event = await alice.client.text(profile, 'something to like')
      const seen = await anna.reads('something to like')
      await anna.reply(seen, 'I am here')
      await shown(alice.client, profile, 'I am here')
      await anna.like(seen)
      const reaction = await alice.client.waitFor(
        (one) =>
          one.type === 'm.reaction' &&
          one.sender === ghostId(anna.handle) &&
          relationOf(one)?.event_id === event,
        { what: 'a like' },
      )
      await anna.unlike(seen)
      await redacted(alice.client, idOf(reaction))
    })

    test('boosts to her followers on Matrix, and is boosted by them', async () => {
      const anna = snac.user('anna')
      await anna.follow(fedify.account('carol').id)
      await waitUntil('the follow', async () => (await fedify.followers('carol')).includes(anna.id))
      await fedify.post('carol', { content: 'worth telling others' })
      await anna.boost(await anna.reads('worth telling others'))
      await shown(alice.client, room, 'worth telling others')

      const own = await anna.note('please pass it on')
      const event = idOf(await shown(alice.client, room, 'please pass it on'))
      await alice.client.react(room, event, '🔁')
      // Her timeline shows no boosts of her own posts; her server's log does.
      await waitUntil('the boost at snac', () =>
        snac.output().includes(`new 'Announce' ${me} ${own.uri}`),
      )
    })
  })
})
