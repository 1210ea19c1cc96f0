import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, listed, mentionsOf, noteIn } from './support/fediverse.ts'
import { received, receives } from './support/fediverse.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const bodies = (events: readonly MatrixEvent[]): string[] =>
  events.flatMap(({ type, content }) =>
    type === 'm.room.message' && typeof content['body'] === 'string' ? [content['body']] : [],
  )

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'direct messages', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let apex: ControlledPeer
  let snac: Snac
  let alice: Guest
  let bob: Guest

  beforeAll(async () => {
    ;[fedify, apex, snac, stack] = await Promise.all([
      startFedify({ accounts: ['carol', 'cleo', 'chloe'] }),
      startApex({ accounts: ['dora', 'dina'] }),
      startSnac({ users: ['anna'] }),
      startStack(),
    ])
    alice = await stack.meet('alice')
    bob = await stack.meet('bob')
  })

  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write([stack.bridge, apex, fedify].map((it) => it.output()).join('\n'))
    await Promise.all([stack.stop(), snac.stop(), fedify.stop(), apex.stop()])
  })

  /** Element's way is `trusted_private_chat`, which makes everybody an owner. */
  const chatWith = (
    guest: Guest,
    ghosts: readonly string[],
    preset = 'trusted_private_chat',
  ): Promise<string> => guest.client.createRoom({ is_direct: true, preset, invite: ghosts })
  const textsOf = async (guest: Guest, roomId: string) =>
    bodies(await guest.client.messages(roomId))
  const shows = (guest: Guest, roomId: string, body: string): Promise<MatrixEvent> =>
    waitUntil(`"${body}" in ${roomId}`, async () =>
      (await guest.client.messages(roomId)).find(({ content }) =>
        String(content['body']).includes(body),
      ),
    )
  /** The room that one of these ghosts invited this user to as a chat with all of them. */
  const invitedWith = (guest: Guest, ghosts: readonly string[]): Promise<string> =>
    waitUntil(`an invite to a chat with ${ghosts.join(', ')}`, async () => {
      const invites = (await guest.client.seen()).filter(
        (e) =>
          e.type === 'm.room.member' &&
          e.state_key === guest.client.userId &&
          e.content['is_direct'] === true &&
          ghosts.includes(e.sender),
      )
      for (const { room_id: roomId } of invites) {
        await guest.client.join(roomId)
        const members = await guest.client.members(roomId)
        const found = [...members.keys()].filter((id) => id.startsWith('@_ap_'))
        if (JSON.stringify(found.sort()) === JSON.stringify([...ghosts].sort())) return roomId
      }
      return undefined
    })

  test('a chat started with a ghost: what was written at once arrives, in order, once', async () => {
    const carol = fedify.account('carol')
    const room = await chatWith(alice, [ghostOf(carol)])
    for (const word of ['one', 'two', 'three']) await alice.client.text(room, `early ${word}`)
    await receives(fedify, 'Create', 'early three')
    await alice.client.text(room, 'early four')
    await receives(fedify, 'Create', 'early four')

    const creates = await received(fedify, 'Create', 'early')
    const notes = creates.map(noteIn)
    expect(notes.map(({ content }) => content)).toEqual(
      ['one', 'two', 'three', 'four'].map((word) => `<p>early ${word}</p>`),
    )
    for (const note of notes) {
      expect(listed(note.to)).toEqual([carol.id])
      expect(listed(note.cc)).toEqual([])
      expect(mentionsOf(note)).toEqual([carol.id])
    }
    expect(new Set(notes.map(({ context }) => context)).size).toBe(1)
    expect(notes.map(({ conversation }) => conversation)).toEqual(
      notes.map(({ context }) => context),
    )
    expect(notes.map(({ inReplyTo }) => inReplyTo ?? undefined)).toEqual([
      undefined,
      ...notes.slice(0, -1).map(({ id }) => id),
    ])
    const told = await textsOf(alice, room)
    expect(told.filter((text) => text.includes('What you write here goes to'))).toHaveLength(1)
    expect(told.filter((text) => text.includes(`you are now ${alice.handle}`))).toHaveLength(1)

    const last = notes.at(-1)
    await fedify.post('carol', {
      content: '<p>an answer</p>',
      visibility: 'direct',
      mentions: [await findActor(stack.publicUrl, alice.handle)],
      inReplyTo: last?.id ?? '',
    })
    expect(await shows(alice, room, 'an answer')).toMatchObject({ sender: ghostOf(carol) })
  })

  test('edits, deletions and likes cross in both directions and reach nobody else', async () => {
    const cleo = fedify.account('cleo')
    const room = await chatWith(alice, [ghostOf(cleo)])
    const event = await alice.client.text(room, 'a mistake')
    const { object } = await receives(fedify, 'Create', 'a mistake')
    const { id } = object as { id: string }
    await alice.client.edit(room, event, 'corrected words')
    const update = await receives(fedify, 'Update', 'corrected words')
    expect([update.object].map((it) => (it as { id: string }).id)).toEqual([id])
    expect(listed(update['to'])).toEqual([cleo.id])
    await alice.client.redact(room, event)
    await receives(fedify, 'Delete', id)

    const me = await findActor(stack.publicUrl, alice.handle)
    const post = await fedify.post('cleo', {
      content: 'a frist answer',
      visibility: 'direct',
      mentions: [me],
    })
    const shown = await shows(alice, room, 'a frist answer')
    await alice.client.react(room, shown.event_id ?? '', '❤️')
    await waitUntil('a like', async () =>
      (await fedify.received()).some(
        ({ activity }) => activity.type === 'Like' && activity.object === post.object,
      ),
    )
    await fedify.update('cleo', post.object, 'a first answer')
    await shows(alice, room, '* a first answer')
    await fedify.remove('cleo', post.object)
    await waitUntil('the redaction', async () => {
      const now = (await alice.client.messages(room)).find((e) => e.event_id === shown.event_id)
      return Object.keys(now?.content ?? { body: '' }).length === 0
    })
    const liked = await alice.client.text(room, 'something to like')
    const { object: mine } = await receives(fedify, 'Create', 'something to like')
    await fedify.like('cleo', (mine as { id: string }).id, me)
    await waitUntil('the reaction', async () =>
      (await alice.client.messages(room)).find(
        (e) =>
          e.type === 'm.reaction' &&
          e.sender === ghostOf(cleo) &&
          JSON.stringify(e.content).includes(liked),
      ),
    )
    const paths = (await fedify.received()).flatMap(({ path, activity }) =>
      JSON.stringify(activity).includes(id) ? [path] : [],
    )
    expect(new Set(paths)).toEqual(new Set([new URL(cleo.inbox).pathname]))
  })

  test('a chat with several ghosts reaches exactly them, also those who join later', async () => {
    const anna = snac.user('anna')
    const [carol, dora] = [fedify.account('carol'), apex.account('dora')]
    const room = await chatWith(alice, [carol, dora, anna].map(ghostOf), 'private_chat')
    await alice.client.text(room, `for you three, not for ${apex.account('dina').handle}`)
    const everybody = [carol.id, dora.id, anna.id].sort()
    for (const peer of [fedify, apex]) {
      const note = noteIn(await receives(peer, 'Create', 'for you three'))
      expect([...listed(note.to)].sort()).toEqual(everybody)
      expect([...mentionsOf(note)].sort()).toEqual(everybody)
      expect(note.content).toContain(`href="${apex.account('dina').id}"`)
    }
    await anna.reads('for you three')
    expect(await received(apex, 'Create', 'for you three')).toHaveLength(1)

    await alice.client.kick(room, ghostOf(dora))
    await alice.client.text(room, 'only for two')
    const note = noteIn(await receives(fedify, 'Create', 'only for two'))
    expect([...listed(note.to)].sort()).toEqual([carol.id, anna.id].sort())
    await anna.reads('only for two')
    expect(await received(apex, 'Create', 'only for two')).toEqual([])
  })

  test('dm opens one room, private and with the right history', async () => {
    const chloe = fedify.account('chloe')
    await alice.command(`dm ${chloe.handle}`)
    const room = await invitedWith(alice, [ghostOf(chloe)])
    // Clients name it after the people in it: there is no name, and no alias that they would show.
    const alias = await alice.client.state(room, 'm.room.canonical_alias')
    expect(Object.keys(alias as object)).toEqual(['org.footbridge.alias'])
    expect(await alice.client.state(room, 'm.room.history_visibility')).toEqual({
      history_visibility: 'invited',
    })
    expect(await alice.client.state(room, 'm.room.join_rules')).toEqual({ join_rule: 'invite' })
    await alice.client.text(room, 'by command')
    expect(listed(noteIn(await receives(fedify, 'Create', 'by command')).to)).toEqual([chloe.id])
    expect(await alice.command(`dm ${chloe.handle}`)).toContain(encodeURIComponent(room))
  })

  test('first contact from the fediverse makes one room, also for two messages at once', async () => {
    await bob.command('register')
    const me = await findActor(stack.publicUrl, bob.handle)
    const dina = apex.account('dina')
    await Promise.all(
      ['first', 'second'].map((word) =>
        apex.post('dina', { content: `${word} contact`, visibility: 'direct', mentions: [me] }),
      ),
    )
    const room = await invitedWith(bob, [ghostOf(dina)])
    await shows(bob, room, 'first contact')
    await shows(bob, room, 'second contact')
    const rooms = (await bob.client.seen()).flatMap((e) =>
      e.state_key === bob.client.userId && e.content['is_direct'] === true ? [e.room_id] : [],
    )
    expect(new Set(rooms)).toEqual(new Set([room]))
    await bob.client.text(room, 'nice to meet you')
    const note = noteIn(await receives(apex, 'Create', 'nice to meet you'))
    expect(listed(note.to)).toEqual([dina.id])
    expect(listed(note.inReplyTo)[0]).toMatch(new RegExp(`^${apex.url}/o/`))
  })

  test('a message to more people opens another room and adds nobody to the first', async () => {
    const me = await findActor(stack.publicUrl, bob.handle)
    const [dina, dora] = [apex.account('dina'), apex.account('dora')]
    const first = await invitedWith(bob, [ghostOf(dina)])
    const before = await bob.client.members(first)
    const { object: inReplyTo } = await apex.post('dina', {
      content: 'shall we ask dora?',
      visibility: 'direct',
      mentions: [me],
    })
    await shows(bob, first, 'shall we ask dora?')
    await apex.post('dina', {
      content: 'now with dora',
      visibility: 'direct',
      mentions: [me, dora.id],
      inReplyTo,
    })
    const second = await invitedWith(bob, [ghostOf(dina), ghostOf(dora)])
    await shows(bob, second, 'now with dora')
    expect(second).not.toBe(first)
    const link = `https://matrix.to/#/${encodeURIComponent(second)}`
    await shows(bob, first, `This goes on with other people, in another room. ${link}`)
    expect(await bob.client.members(first)).toEqual(before)
    await apex.post('dina', { content: 'as before', visibility: 'direct', mentions: [me] })
    await shows(bob, first, 'as before')
  })

  test('from snac and back, in one conversation', async () => {
    const me = await findActor(stack.publicUrl, bob.handle)
    const anna = snac.user('anna')
    const sent = await anna.direct(me, 'hello from snac')
    const room = await invitedWith(bob, [ghostOf(anna)])
    await shows(bob, room, 'hello from snac')
    await bob.client.text(room, 'hello from Matrix')
    const status = await anna.reads('hello from Matrix')
    expect(status).toMatchObject({ in_reply_to_id: sent.id, visibility: 'private' })
    expect(await textsOf(bob, room)).toContain('hello from Matrix')
  })

  test('nobody is left: nothing is sent, and the writer is told', async () => {
    const carol = fedify.account('carol')
    const room = await chatWith(bob, [ghostOf(carol)], 'private_chat')
    await bob.client.text(room, 'while you are here')
    await receives(fedify, 'Create', 'while you are here')
    await bob.client.kick(room, ghostOf(carol))
    await bob.client.text(room, 'to nobody')
    expect(await received(fedify, 'Create', 'to nobody')).toEqual([])
  })
})
