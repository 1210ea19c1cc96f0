import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodyOf,
  enter,
  faultsOf,
  follow,
  ghostId,
  isOut,
  membership,
  messagesIn,
  openProfile,
  portalAlias,
  shown,
  told,
} from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'following', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let bob: Guest
  let anna: SnacUser

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora'] }),
      startFedify({ accounts: ['carol', 'locked'], cavageFirst: true }),
    ])
    anna = snac.user('anna')
    ;[alice, bob] = [await stack.meet('alice'), await stack.meet('bob')]
  })
  afterAll(() => stack.stop())

  const undone = (peer: ControlledPeer, since: number) =>
    waitUntil('an Undo of the follow', async () =>
      (await peer.received()).slice(since).some(({ activity }) => activity.type === 'Undo'),
    )

  describe('an account with posts', () => {
    let room: string

    test('brings its last twenty posts, oldest first with their own dates, then the invite', async () => {
      const posts: { content: string; created_at: string }[] = []
      for (let n = 1; n <= 22; n++) posts.push(await anna.note(`post number ${n}.`))
      expect(await ask(alice, `follow ${anna.handle}`, 'Requested')).toContain(alice.handle)
      room = await enter(alice.client, portalAlias(anna.handle))
      await told(alice, `Following ${anna.handle}`)
      const events = await alice.client.messages(room)
      const backlog = events.filter(({ sender }) => sender === ghostId(anna.handle))
      const texts = backlog.filter(({ type }) => type === 'm.room.message')
      expect(texts.map(bodyOf)).toEqual(
        Array.from({ length: 20 }, (_, index) => `post number ${index + 3}.`),
      )
      expect(texts.map((event) => event.origin_server_ts)).toEqual(
        posts.slice(2).map(({ created_at }) => Date.parse(created_at)),
      )
      const invited = events.findIndex(
        ({ state_key, content }) =>
          state_key === alice.client.userId && content['membership'] === 'invite',
      )
      expect(invited).toBeGreaterThan(events.findIndex((event) => bodyOf(event).includes(' 22.')))
    })

    test('is a room that says what it is and lets nobody in by accident', async () => {
      const state = async (type: string) => (await alice.client.state(room, type)) ?? {}
      expect(await state('m.room.create')).toMatchObject({ room_version: '12' })
      expect(await state('m.room.name')).toEqual({ name: 'anna' })
      expect(await state('m.room.topic')).toMatchObject({
        topic: expect.stringContaining(anna.handle),
      })
      expect(await state('m.room.join_rules')).toEqual({ join_rule: 'knock' })
      expect(await state('m.room.history_visibility')).toEqual({ history_visibility: 'shared' })
      expect(await state('m.room.canonical_alias')).toEqual({ alias: portalAlias(anna.handle) })
      expect(await state('io.element.functional_members')).toEqual({
        service_members: [stack.botId],
      })
      expect(await state('m.room.power_levels')).toMatchObject({ invite: 100, state_default: 100 })
      const bridges = (await alice.client.messages(room)).filter(({ type }) =>
        ['m.bridge', 'uk.half-shot.bridge'].includes(type),
      )
      expect(bridges.map(({ type }) => type).sort()).toEqual(['m.bridge', 'uk.half-shot.bridge'])
      for (const { content } of bridges)
        expect(content).toMatchObject({
          bridgebot: stack.botId,
          protocol: { id: 'activitypub' },
          channel: { id: anna.id },
        })
    })

    test('can be named in every way', async () => {
      const host = new URL(snac.url).host
      for (const name of [`anna@${host}`, `acct:anna@${host}`, `${snac.url}/anna`, anna.handle])
        expect(await ask(alice, `follow ${name}`, 'already')).toContain(anna.handle)
      expect(await ask(alice, 'following', anna.handle)).not.toContain('not answered')
    })

    test('can be followed by a knock at the alias of its room', async () => {
      await bob.client.knock(portalAlias(anna.handle))
      expect(await told(bob, 'you are now')).toContain(bob.handle)
      const found = await enter(bob.client, portalAlias(anna.handle))
      expect(found).toBe(room)
      // Shared history: what its followers may see, a new follower may see too.
      expect((await messagesIn(bob.client, room)).map(bodyOf)).toContain('post number 3.')
      await anna.note('for both of you')
      await Promise.all([alice, bob].map(({ client }) => shown(client, room, 'for both of you')))
    })

    test('stays followed when somebody else removes the follower, who is told and may come back', async () => {
      const token = 'as-token-0123456789abcdef'
      const url = `${stack.homeserver.url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.power_levels`
      const { body } = await call({ url, token })
      const levels = { ...(body as object), users: { [bob.client.userId]: 60 } }
      expect((await call({ method: 'PUT', url, token, json: levels })).status).toBe(200)
      await bob.client.kick(room, alice.client.userId)
      expect(await told(alice, `${bob.client.userId} removed you`)).toContain('still follow')
      expect(await ask(alice, 'following', anna.handle)).toContain(anna.handle)
      await ask(alice, `follow ${anna.handle}`, 'invited you to its room again')
      await waitUntil('the second invite', () => alice.client.join(room))
    })

    test('can be left by leaving its room', async () => {
      await bob.client.leave(room)
      await waitUntil('the end of the follow', async () =>
        (await ask(bob, 'following', 'follow')).includes('You follow nobody'),
      )
      await anna.note('no longer for bob')
      await shown(alice.client, room, 'no longer for bob')
    })

    test('can be followed again, and nothing is shown twice', async () => {
      await bob.client.text(bob.management, `follow ${anna.handle}`)
      await waitUntil('joining again', () => bob.client.join(room))
      await anna.note('for bob again')
      await shown(bob.client, room, 'for bob again')
      const bodies = (await messagesIn(bob.client, room)).map(bodyOf)
      expect(bodies).toEqual([...new Set(bodies)])
    })
  })

  describe('an account nobody asked for yet', () => {
    test('is looked up when somebody knocks at its alias, and an invite that is declined ends it', async () => {
      const dora = apex.account('dora')
      const since = (await apex.received()).length
      await alice.client.knock(portalAlias(dora.handle))
      const invited = await alice.client.waitFor(
        (e) =>
          e.type === 'm.room.canonical_alias' && e.content['alias'] === portalAlias(dora.handle),
      )
      await told(alice, `Following ${dora.handle}`)
      expect(await apex.followers('dora')).toHaveLength(1)
      await waitUntil('declining', () => alice.client.leave(invited.room_id).then(() => true))
      await undone(apex, since)
      expect(await ask(alice, 'following', 'You follow')).not.toContain(dora.handle)
    })

    test('that is nowhere is said to be nowhere', async () => {
      const host = new URL(apex.url).host
      await ask(alice, `follow nobody@${host}`, `cannot find @nobody@${host}`)
      await expect(alice.client.knock(portalAlias(`@nobody@${host}`))).rejects.toThrow('404')
    })
  })

  describe('an account that answers its followers itself', () => {
    const requestOf = (who: Guest, since: number) =>
      waitUntil(
        `the request of ${who.handle}`,
        async () =>
          (await fedify.received()).slice(since).find(({ activity }) => activity.type === 'Follow')
            ?.activity.id,
      )

    test('accepts late or declines, and the bot says which', async () => {
      await fedify.holdFollows(true)
      const locked = fedify.account('locked')
      await ask(alice, `follow ${locked.handle}`, 'Requested')
      const first = await requestOf(alice, 0)
      expect(await ask(alice, 'following', locked.handle)).toContain('not answered yet')
      await fedify.answerFollow('locked', first, true)
      const room = await enter(alice.client, portalAlias(locked.handle))
      await told(alice, `Following ${locked.handle}`)

      const since = (await fedify.received()).length
      await ask(bob, `follow ${locked.id}`, 'Requested')
      await fedify.answerFollow('locked', await requestOf(bob, since), false)
      await told(bob, `${locked.handle} declined`)
      expect((await alice.client.members(room)).get(bob.client.userId)).toBeUndefined()
    })

    test('may accept what was taken back, and nothing comes of it', async () => {
      const locked = fedify.account('locked')
      const since = (await fedify.received()).length
      await ask(bob, `follow ${locked.id}`, 'Requested')
      const request = await requestOf(bob, since)
      await ask(bob, `unfollow ${locked.handle}`, 'taken back')
      await undone(fedify, since)
      await fedify.answerFollow('locked', request, true)
      await fedify.holdFollows(false)
      expect(await ask(bob, 'following', 'follow')).not.toContain(locked.handle)
    })

    test('removes a follower, who leaves the room at once', async () => {
      const carol = fedify.account('carol')
      const since = (await fedify.received()).length
      const room = await follow(alice, carol)
      await fedify.answerFollow('carol', await requestOf(alice, since), false)
      await isOut(alice.client, room)
      await told(alice, `${carol.handle} has removed you`)
    })

    test('blocks somebody, who leaves the room at once and hears nothing more', async () => {
      const carol = fedify.account('carol')
      const room = await follow(bob, carol)
      const { actor } = (await fedify.received()).at(-1)?.activity ?? {}
      await fedify.block('carol', String(actor))
      await isOut(bob.client, room)
      await ask(bob, `follow ${carol.handle}`, 'blocked you')
    })
  })

  test('unfollow says so on the other side and leaves the room', async () => {
    const dora = apex.account('dora')
    const room = await follow(alice, dora)
    await waitUntil('dora has a follower', async () => (await apex.followers('dora')).length === 1)
    const since = (await apex.received()).length
    await ask(alice, `unfollow ${dora.handle}`, 'no longer follow')
    await isOut(alice.client, room)
    await undone(apex, since)
    await waitUntil('no follower', async () => (await apex.followers('dora')).length === 0)
  })

  test('a person of this bridge is read in their own room, and nothing leaves the server', async () => {
    const profile = await openProfile(alice)
    await ask(bob, `follow ${alice.handle}`, 'is on this server')
    await waitUntil('joining the room', () => bob.client.join(profile))
    await membership(alice.client, profile, { of: bob.client.userId, is: 'join' })
  })

  test('followers are listed until they leave', async () => {
    await anna.follow(alice.handle.slice(1))
    await waitUntil('anna among the followers', async () =>
      (await ask(alice, 'followers', 'follow')).includes(anna.handle),
    )
    await anna.unfollow(await findActor(stack.publicUrl, alice.handle))
    await waitUntil('nobody among the followers', async () =>
      (await ask(alice, 'followers', 'follow')).includes('Nobody follows you'),
    )
  })

  test('every message says who is meant, and of posts where they are from', async () => {
    expect(faultsOf(await alice.client.seen(), stack.botId)).toEqual([])
  })
})
