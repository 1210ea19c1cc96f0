import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
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
  told,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'ordinary days', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  /** Answers nobody who does not sign, and means its dislikes. */
  let friendica: ControlledPeer
  let alice: Guest
  let me: string
  let profile: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify, friendica] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora', 'dan'] }),
      startFedify({ accounts: ['carol', 'cleo'], cavageFirst: true }),
      startFedify({ accounts: ['frieda'], secure: true, software: 'friendica' }),
    ])
    alice = await stack.meet('alice')
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    await snac.user('anna').follow(alice.handle.slice(1))
    await apex.follow('dora', me)
    await fedify.follow('carol', me)
    await followedBy(alice, ['anna', 'dora', 'carol'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await stack.stop()
  })

  /** The reaction to a message by the ghost of that account, once it is there. */
  const reactionBy = (handle: string, event: string, key: string) =>
    alice.client.waitFor(
      (one) =>
        one.type === 'm.reaction' &&
        one.sender === ghostId(handle) &&
        relationOf(one)?.event_id === event &&
        relationOf(one)?.key === key,
      { what: `${key} by ${handle}` },
    )

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
      [fedify, 'cleo'],
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

  /** A post of alice’s that somebody has answered, whose ghost is in her room since then. */
  async function answered(peer: ControlledPeer, name: string, content: string) {
    const event = await alice.client.text(profile, content)
    const create = await receives(peer, 'Create', content)
    const { id } = noteIn(create)
    await peer.post(name, { content: `${name} answers`, inReplyTo: id, mentions: [me] })
    await shown(alice.client, profile, `${name} answers`)
    return { event, note: id, create: create.id }
  }

  test('likes, dislikes and boosts of activitypub-express are reactions', async () => {
    const { handle } = apex.account('dora')
    const { event, note, create } = await answered(apex, 'dora', 'something to feel')
    // Its own likes and shares are of activities: there a post is liked by what brought it.
    const given = [
      ['🎉', await apex.feel('dora', { object: note, to: me }, { type: 'Like', content: '🎉' })],
      ['❤️', await apex.like('dora', create, me)],
      ['👎', await apex.feel('dora', { object: note, to: me }, { type: 'Dislike' })],
      ['🔁', await apex.boost('dora', create, me)],
    ] as const
    for (const [key, sent] of given) {
      const reaction = await reactionBy(handle, event, key)
      await apex.undo('dora', me, sent)
      await redacted(alice.client, idOf(reaction))
    }
  })

  test('a boost by activitypub-express is shown to who follows it', async () => {
    const room = await follow(alice, apex.account('dora'))
    const { object } = await fedify.post('carol', { content: 'worth a boost' })
    const boost = await apex.boost('dora', object, fedify.account('carol').id)
    const event = idOf(await shown(alice.client, room, 'worth a boost'))
    await apex.undo('dora', me, boost)
    await redacted(alice.client, event)
  })

  test('dislikes of Fedify are reactions', async () => {
    const { event, note } = await answered(fedify, 'carol', 'something to dislike')
    const sent = await fedify.feel('carol', { object: note, to: me }, { type: 'Dislike' })
    const reaction = await reactionBy(fedify.account('carol').handle, event, '👎')
    await fedify.undo('carol', me, sent)
    await redacted(alice.client, idOf(reaction))
  })

  test('what others answer a Matrix user is passed on to snac', async () => {
    await alice.client.text(profile, 'something to discuss')
    const { id } = noteIn(await receives(fedify, 'Create', 'something to discuss'))
    const post = await fedify.post('cleo', {
      ...{ content: 'something to pass on', inReplyTo: id },
      ...{ mentions: [me], cc: [`${me}/followers`] },
    })
    // Her timeline has no answers by people whom she does not follow; her server's log does.
    await waitUntil('the answer at snac', () =>
      snac.output().includes(`new 'Note' ${fedify.account('cleo').id} ${post.object}`),
    )
  })

  describe('a server that reads no word of who does not sign', () => {
    let room: string

    test('is read, also what was published before', async () => {
      const post = await friendica.post('frieda', { content: 'a word before' })
      const headers = { accept: 'application/activity+json' }
      expect((await fetch(post.object, { headers })).status).toBe(401)
      room = await follow(alice, friendica.account('frieda'))
      await shown(alice.client, room, 'a word before')
    })

    test('and that means dislikes gets them', async () => {
      const post = await friendica.post('frieda', { content: 'a word to dislike' })
      const event = idOf(await shown(alice.client, room, 'a word to dislike'))
      const reaction = await alice.client.react(room, event, '👎')
      expect(await receives(friendica, 'Dislike', post.object)).toMatchObject({ actor: me })
      await alice.client.redact(room, reaction)
      const undo = await receives(friendica, 'Undo', 'Dislike')
      expect(undo.object).toMatchObject({ type: 'Dislike', object: post.object })
    })
  })

  test('activitypub-express declines a follow, and the bot says so', async () => {
    const dan = apex.account('dan')
    await apex.holdFollows(true)
    await ask(alice, `follow ${dan.handle}`, 'Requested')
    const request = await receives(apex, 'Follow', dan.id)
    await apex.answerFollow('dan', request.id, false)
    await told(alice, `${dan.handle} declined`)
    await apex.holdFollows(false)
  })

  test('the outbox of a Matrix user is read by Fedify, page by page', async () => {
    await alice.client.text(profile, 'the newest word')
    const { id } = noteIn(await receives(fedify, 'Create', 'the newest word'))
    const [first, ...others] = await fedify.accounts.readOutbox('carol', me)
    expect(first).toBe(id)
    expect(new Set(others).size).toBe(others.length)
    expect(others.length).toBeGreaterThan(0)
  })

  test('pings are answered, of snac and of activitypub-express', async () => {
    await snac.user('anna').ping(me)
    await waitUntil('the Pong at snac', () => snac.output().includes(`'Pong' received from ${me}`))
    const { activity } = await apex.accounts.ping('dora', me)
    expect(await receives(apex, 'Pong', activity)).toMatchObject({ actor: me, object: activity })
  })

  test('nobody is shown in collections of activitypub-express', async () => {
    const { activity } = await apex.accounts.requestFeature('dora', me)
    const reject = await receives(apex, 'Reject', activity)
    expect(reject).toMatchObject({ actor: me, object: { type: 'FeatureRequest', object: me } })
  })

  test('names change there when they change here, and the other way round', async () => {
    const room = await follow(alice, apex.account('dora'))
    await apex.rename('dora', 'Dora the second')
    await waitUntil('the name of the room', async () => {
      const state = await alice.client.state(room, 'm.room.name')
      return (state as { readonly name?: string } | undefined)?.name === 'Dora the second'
    })
    const path = `v3/profile/${encodeURIComponent(alice.client.userId)}/displayname`
    await alice.client.request('PUT', path, { displayname: 'Alice the second' })
    await waitUntil('the name at activitypub-express', async () =>
      JSON.stringify((await apex.accounts.knows(me))['name']).includes('Alice the second'),
    )
    await waitUntil('the name at snac', () => snac.output().includes(`updated actor ${me}`))
    await alice.client.text(profile, 'by my new name')
    const { account } = await snac.user('anna').reads('by my new name')
    expect(account.display_name).toBe('Alice the second')
  })

  describe('snac', () => {
    let room: string

    beforeAll(async () => {
      const anna = snac.user('anna')
      await anna.pin(await anna.note('pinned for all'))
      room = await follow(alice, anna)
    })

    test('has pinned what is pinned in its room', async () => {
      const pinned = idOf(await shown(alice.client, room, 'pinned for all'))
      await waitUntil('the pin', async () =>
        JSON.stringify(await alice.client.state(room, 'm.room.pinned_events')).includes(pinned),
      )
    })

    test('takes every reaction for a like', async () => {
      const anna = snac.user('anna')
      const { uri } = await anna.note('something to celebrate')
      const event = idOf(await shown(alice.client, room, 'something to celebrate'))
      await alice.client.react(room, event, '🎉')
      await waitUntil('a like', async () =>
        (await anna.timeline()).some((one) => one.uri === uri && one.favourites_count === 1),
      )
    })

    test('likes and unlikes what a Matrix user publishes', async () => {
      const anna = snac.user('anna')
      const event = await alice.client.text(profile, 'something to like')
      const seen = await anna.reads('something to like')
      await anna.reply(seen, 'I am here')
      await shown(alice.client, profile, 'I am here')
      await anna.like(seen)
      const reaction = await reactionBy(anna.handle, event, '❤️')
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

    test('hears that somebody follows no longer', async () => {
      await alice.client.leave(room)
      await waitUntil('the end of the follow at snac', () =>
        snac.output().includes(`no longer following us ${me}`),
      )
    })
  })
})
