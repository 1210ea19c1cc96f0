import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeCertificate } from './support/certificate.ts'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostAt, listed, noteIn, received, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import type { MatrixClient, MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { freePort } from '../support/free-port.ts'
import {
  ask,
  bodyOf,
  follow,
  idOf,
  openProfile,
  portalAlias,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import type { Homeserver } from './support/homeserver.ts'
import { startSynapse } from './support/synapse.ts'
import { waitUntil } from './support/wait.ts'

const refusal = "This server's admin has not enabled Footbridge for you."

describeWith(['synapse', 'snac', 'fedify'], 'a user of another homeserver', () => {
  let stack: Stack
  let other: Homeserver
  let fedify: ControlledPeer
  let snac: Snac
  let client: MatrixClient
  /** On the fediverse. */
  let username: string
  let carol: Guest
  let me: string

  beforeAll(async () => {
    const certificate = await makeCertificate()
    const port = await freePort()
    ;[fedify, snac, stack, other] = await Promise.all([
      startFedify({ accounts: ['dora', 'dina', 'dave', 'dirk'] }),
      startSnac({ users: ['anna'] }),
      startStack({ certificate }),
      startSynapse({ serverName: `localhost:${port}`, federation: { ...certificate, port } }),
    ])
    client = await other.register('carol')
    username = `carol.localhost_${port}`
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(
        [stack.bridge, stack.homeserver, other].map((it) => it.output()).join('\n'),
      )
    await Promise.all([stack.stop(), other.stop(), fedify.stop(), snac.stop()])
  })

  const ghostOf = (account: { name: string; id: string }): string =>
    ghostAt(stack.homeserver.serverName)(account)
  const fingered = async (): Promise<number> => {
    const resource = encodeURIComponent(`acct:${username}@${stack.handleDomain}`)
    return (await call({ url: `${stack.publicUrl}/.well-known/webfinger?resource=${resource}` }))
      .status
  }

  describe('whom the admin permits nothing', () => {
    let alice: Guest

    beforeAll(async () => {
      alice = await stack.meet('alice')
    })

    /** How somebody left, or declined, as that client sees it. */
    const departure = (watcher: MatrixClient, roomId: string, userId: string) =>
      watcher.waitFor(
        (e) =>
          e.room_id === roomId && e.state_key === userId && e.content['membership'] === 'leave',
        { what: `${userId} leaving ${roomId}` },
      )

    test('reads why the bot does not come', async () => {
      const room = await client.createRoom({ is_direct: true, invite: [stack.botId] })
      const { sender, content } = await departure(client, room, stack.botId)
      expect([sender, content['reason']]).toEqual([stack.botId, refusal])
    })

    test('reads why an account does not come, and nothing goes out', async () => {
      const dora = fedify.account('dora')
      await follow(alice, dora, stack.homeserver.serverName)
      const room = await client.createRoom({ is_direct: true, invite: [ghostOf(dora)] })
      await client.text(room, 'from nobody')
      const { sender, content } = await departure(client, room, ghostOf(dora))
      expect([sender, content['reason']]).toEqual([ghostOf(dora), refusal])
      expect(await received(fedify, 'Create', 'from nobody')).toEqual([])
    })

    test('is turned away from rooms, and is nobody on the fediverse', async () => {
      const alias = portalAlias(fedify.account('dora').handle, stack.homeserver.serverName)
      const room = await client.knock(alias)
      // Synapse tells other servers of an invite taken back, of a knock refused it does not.
      const { sender, content } = await departure(alice.client, room, client.userId)
      expect([sender, content['reason']]).toEqual([stack.botId, refusal])
      expect(await fingered()).toBe(404)
    })
  })

  describe('whose homeserver the admin permits', () => {
    beforeAll(async () => {
      await stack.permit({ [stack.homeserver.serverName]: 'user', [other.serverName]: 'user' })
    })

    test('is welcomed and becomes an account whose name says where it is from', async () => {
      carol = await stack.welcome(client, username)
      expect(await ask(carol, 'register', 'you are now')).toContain(carol.handle)
      me = await findActor(stack.publicUrl, carol.handle)
      const actor = await call({ url: me, accept: 'application/activity+json' })
      expect(actor.body).toMatchObject({ preferredUsername: username })
    })

    test('follows, reads and replies', async () => {
      const dina = fedify.account('dina')
      const room = await follow(carol, dina, stack.homeserver.serverName)
      const { object } = await fedify.post('dina', { content: 'to all who follow' })
      const post = await shown(client, room, 'to all who follow')
      expect(post.sender).toBe(ghostOf(dina))
      await client.threadReply(room, idOf(post), 'from far away')
      const reply = await receives(fedify, 'Create', 'from far away')
      expect([reply.actor, noteIn(reply).inReplyTo]).toEqual([me, object])

      await fedify.post('dina', {
        content: 'so I heard',
        mentions: [me],
        inReplyTo: noteIn(reply).id,
      })
      const answer = await shown(client, room, 'so I heard')
      expect(relationOf(answer)).toMatchObject({ rel_type: 'm.thread', event_id: idOf(post) })
      expect(answer.content['m.mentions']).toEqual({ user_ids: [client.userId] })
    })

    test('begins a chat on her own server: what was written at once arrives, in order, once', async () => {
      const dina = fedify.account('dina')
      const room = await client.createRoom({ is_direct: true, invite: [ghostOf(dina)] })
      const words = ['one', 'two', 'three']
      for (const word of words) await client.text(room, `early ${word}`)
      await receives(fedify, 'Create', 'early three')
      const notes = (await received(fedify, 'Create', 'early')).map(noteIn)
      expect(notes.map(({ content }) => content)).toEqual(words.map((w) => `<p>early ${w}</p>`))
      expect(notes.flatMap(({ to }) => listed(to))).toEqual(words.map(() => dina.id))
      await fedify.post('dina', { content: 'late', visibility: 'direct', mentions: [me] })
      expect(await shown(client, room, 'late')).toMatchObject({ sender: ghostOf(dina) })
    })

    test('is written to first, from another server, and answers', async () => {
      const anna = snac.user('anna')
      const sent = await anna.direct(me, 'do you read me?')
      const { room_id: room } = await client.waitFor(
        (e) =>
          e.sender === ghostOf(anna) &&
          e.state_key === client.userId &&
          e.content['is_direct'] === true,
        { what: 'an invite to a chat' },
      )
      await waitUntil('joining the chat', () => client.join(room))
      // It was written before her server was in the room: no sync brings it, her history does.
      const first = await waitUntil('what was written', async () =>
        (await client.messages(room)).find((e) => bodyOf(e).includes('do you read me?')),
      )
      expect(first.sender).toBe(ghostOf(anna))
      await client.text(room, 'loud and clear')
      expect(await anna.reads('loud and clear')).toMatchObject({
        in_reply_to_id: sent.id,
        visibility: 'private',
      })
    })

    test('loses it again with the permission', async () => {
      const { serverName } = stack.homeserver
      await stack.permit({ [serverName]: 'user' })
      const alias = portalAlias(fedify.account('dina').handle, serverName)
      const room = await client.join(alias)
      await client.text(room, 'one more')
      expect(bodyOf(await shown(client, room, 'Not sent'))).toContain(
        'admin has not enabled Footbridge for you',
      )
      expect(await received(fedify, 'Create', 'one more')).toEqual([])
    })
  })

  describe('where rooms are for users of our homeserver alone (`rooms.federate`)', () => {
    let bea: Guest
    let profile: string
    /** Of rooms of Bea. */
    let made: readonly string[]

    const federates = async (who: MatrixClient, room: string): Promise<unknown> =>
      ((await who.state(room, 'm.room.create')) as Readonly<Record<string, unknown>>)['m.federate']
    const isInvite = ({ type, state_key, content }: MatrixEvent): boolean =>
      type === 'm.room.member' &&
      state_key === bea.client.userId &&
      content['membership'] === 'invite'

    beforeAll(async () => {
      await stack.configure({
        permissions: { [other.serverName]: 'user' },
        rooms: { federate: false },
        appservice: { spaces: 'on' },
      })
      bea = await stack.meet('bea')
      profile = await openProfile(bea)
      const her = await findActor(stack.publicUrl, bea.handle)
      await follow(bea, fedify.account('dave'), stack.homeserver.serverName)
      await ask(bea, `follow ${fedify.account('dirk').handle} --home`, 'Requested')
      const mentions = [her]
      await fedify.post('dina', { content: 'to a stranger', mentions })
      await fedify.post('dina', { content: 'psst', visibility: 'direct', mentions })
      made = await waitUntil(
        'a portal, a home, a public room, a chat, a Space and news',
        async () => {
          const rooms = (await bea.client.seen()).filter(isInvite).map(({ room_id }) => room_id)
          return new Set(rooms).size === 6 && [...new Set(rooms)]
        },
      )
      for (const room of made) await bea.client.join(room)
    })

    test('every room that is made says so, and lets in nobody else', async () => {
      const said = await Promise.all(made.map((room) => federates(bea.client, room)))
      expect(said).toEqual(made.map(() => false))
      await expect(bea.client.invite(profile, client.userId)).rejects.toThrow('unfederatable')
    })

    test('rooms of before say nothing, and keep whom they have', async () => {
      const alias = portalAlias(fedify.account('dina').handle, stack.homeserver.serverName)
      const room = await client.join(alias)
      expect(await federates(client, room)).toBeUndefined()
      await fedify.post('dina', { content: 'as before' })
      await shown(client, room, 'as before')
    })

    test('others are told so who ask for a room, and write in chats of their own', async () => {
      const { id, handle } = fedify.account('dave')
      await ask(carol, `follow ${handle}`, 'I can bring you into no room')
      const room = await client.createRoom({
        is_direct: true,
        invite: [ghostOf({ name: 'dave', id })],
      })
      await client.text(room, 'by another way')
      expect(await receives(fedify, 'Create', 'by another way')).toMatchObject({ actor: me })
      const follows = await received(fedify, 'Follow', id)
      expect(follows.filter(({ actor }) => actor === me)).toEqual([])
    })
  })
})
