import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, type ReceivedActivity, startFedify } from './support/control-peer.ts'
import { findActor, received, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { askIn, editedTo, ghostId, idOf, membership, shown } from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'fedify'], 'a room that is a group', () => {
  let stack: Stack
  let snac: Snac
  /** A server like most, and one of groups. */
  let plain: ControlledPeer
  let lemmy: ControlledPeer
  let alice: Guest
  let bob: Guest
  let anna: SnacUser
  let room: string
  let group: string

  /** Types a line in the room and waits for the bot to say this there. */
  const type = ({ client }: Guest, line: string, text: string): Promise<string> =>
    askIn(client, room, { line: `!ap ${line}`, text, by: stack.botId })

  beforeAll(async () => {
    ;[stack, snac, plain, lemmy] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startFedify({ accounts: ['carol'], cavageFirst: true }),
      startFedify({ accounts: ['lou'], software: 'lemmy' }),
    ])
    anna = snac.user('anna')
    ;[alice, bob] = [await stack.meet('alice'), await stack.meet('bob')]
    room = await alice.client.createRoom({
      preset: 'public_chat',
      name: 'Cats',
      topic: 'All of them',
    })
    await bob.client.join(room)
    await alice.client.invite(room, stack.botId)
    await membership(alice.client, room, { of: stack.botId, is: 'join' })
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${plain.output()}\n${lemmy.output()}`)
    await stack.stop()
  })

  test('is found and followed by its handle', async () => {
    const answer = await type(alice, 'group open cats', 'on the fediverse')
    const handle = `@cats@${stack.handleDomain}`
    expect(answer).toContain(handle)
    group = await findActor(stack.publicUrl, handle)
    expect(await plain.accounts.read('carol', group)).toMatchObject({
      ...{ type: 'Group', preferredUsername: 'cats', name: 'Cats' },
    })
    await anna.follow(handle.slice(1))
    await Promise.all([plain.follow('carol', group), lemmy.follow('lou', group)])
    await waitUntil('everybody follows', async () =>
      (await type(alice, 'group', 'on the fediverse')).includes('with 3 followers'),
    )
  })

  /** What the group told that server of a text, as a boost or whole. */
  const toldOf = async (peer: ControlledPeer, text: string): Promise<ReceivedActivity> => {
    const told = await receives(peer, 'Announce', text)
    expect(told.actor).toBe(group)
    return told
  }

  /** Boosts stand on the pages of snac, and not in what it gives to apps. */
  const annaReads = (text: string): Promise<true> =>
    waitUntil(`anna reads "${text}"`, async () => (await anna.page()).includes(text))

  const postOf = async (text: string): Promise<string> => {
    const { object } = await toldOf(lemmy, text)
    return (object as { object: { id: string } }).object.id
  }

  test('tells what members say who agreed, and nothing of others', async () => {
    await bob.client.text(room, 'not for you')
    await type(alice, 'group in', 'goes to everybody')
    await alice.client.text(room, 'hello to all cats')
    expect((await toldOf(lemmy, 'hello to all cats')).object).toMatchObject({
      type: 'Create',
      object: { audience: group, attributedTo: await findActor(stack.publicUrl, alice.handle) },
    })
    expect((await toldOf(plain, await postOf('hello to all cats'))).object).toBe(
      await postOf('hello to all cats'),
    )
    await annaReads('hello to all cats')
    const everything = JSON.stringify([
      await plain.received(),
      await lemmy.received(),
      await anna.page(),
    ])
    expect(everything).not.toContain('not for you')
  })

  test('shows what names it, and tells all who follow', async () => {
    const { object } = await plain.post('carol', {
      content: '<p>look at mine</p>',
      mentions: [group],
    })
    const carol = plain.account('carol')
    expect((await shown(bob.client, room, 'look at mine')).sender).toBe(ghostId(carol.handle))
    expect((await toldOf(lemmy, 'look at mine')).object).toMatchObject({ type: 'Create' })
    expect((await toldOf(plain, object)).object).toBe(object)
    await annaReads('look at mine')
  })

  test('shows an answer in the thread of what it answers', async () => {
    const post = await postOf('hello to all cats')
    const me = await findActor(stack.publicUrl, alice.handle)
    await lemmy.post('lou', { content: '<p>hello to you</p>', inReplyTo: post, mentions: [me] })
    const answer = await shown(alice.client, room, 'hello to you')
    const root = idOf(await shown(alice.client, room, 'hello to all cats'))
    expect(answer.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: root })
  })

  test('brings edits and deletions to each server in its own way', async () => {
    const target = idOf(await shown(alice.client, room, 'hello to all cats'))
    const post = await postOf('hello to all cats')
    await alice.client.edit(room, target, 'hello to everybody')
    await editedTo(bob.client, target, 'hello to everybody')
    await receives(plain, 'Update', 'hello to everybody')
    expect((await toldOf(lemmy, 'hello to everybody')).object).toMatchObject({ type: 'Update' })
    await alice.client.redact(room, target)
    await receives(plain, 'Delete', post)
    await waitUntil('the Delete at the server of groups', async () =>
      (await received(lemmy, 'Announce', post)).some(
        ({ object }) => (object as { type?: string }).type === 'Delete',
      ),
    )
  })

  test('lets its moderators take a post out of it', async () => {
    const target = idOf(await shown(alice.client, room, 'look at mine'))
    await alice.client.redact(room, target)
    const undone = await receives(plain, 'Undo', 'Announce')
    expect(undone.actor).toBe(group)
  })

  test('is deleted when it is closed', async () => {
    await type(alice, 'group close confirm', 'is deleted there')
    expect((await receives(plain, 'Delete', group)).actor).toBe(group)
    expect((await receives(lemmy, 'Delete', group)).actor).toBe(group)
    const { status } = await fetch(group, { headers: { accept: 'application/activity+json' } })
    expect(status).toBe(410)
    await alice.client.text(room, 'said among us')
    await plain.post('carol', { content: '<p>anybody there?</p>', mentions: [group] })
    await alice.client.text(alice.management, 'help')
    expect(JSON.stringify(await lemmy.received())).not.toContain('said among us')
  })
})
