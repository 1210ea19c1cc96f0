import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { pngOf } from '../support/samples.ts'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, received, receives } from './support/fediverse.ts'
import { download, fetchFile, type FileServer, startFileServer } from './support/files.ts'
import { describeWith } from './support/peers.ts'
import { bodyOf, idOf, messagesIn, redacted, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const cat = pngOf(48, 36, 10)
const dog = pngOf(36, 48, 200)

type Json = Readonly<Record<string, unknown>>

describeWith(['synapse', 'fedify'], 'chats', () => {
  let stack: Stack
  let peer: ControlledPeer
  let files: FileServer
  let alice: Guest
  let aliceId: string
  let carolId: string
  let room: string

  beforeAll(async () => {
    ;[stack, peer, files] = await Promise.all([
      startStack(),
      startFedify({ accounts: ['carol'], chats: true }),
      startFileServer(),
    ])
    alice = await stack.meet('alice')
    const carol = peer.account('carol')
    carolId = carol.id
    const invite = [ghostOf(carol)]
    room = await alice.client.createRoom({
      is_direct: true,
      preset: 'trusted_private_chat',
      invite,
    })
  })
  afterAll(async () => {
    await files.stop()
    await stack.stop()
    await peer.stop()
  })

  /** What carol has in her chats from here with that in it. */
  const told = (isIt: (line: Awaited<ReturnType<ControlledPeer['chats']>>[number]) => boolean) =>
    waitUntil('a chat message', async () =>
      (await peer.chats('carol')).find((line) => line.from === aliceId && isIt(line)),
    )

  test('go out as chat messages that their server takes', async () => {
    await alice.client.text(room, 'hello carol')
    const create = await receives(peer, 'Create', 'hello carol')
    aliceId = await findActor(stack.publicUrl, alice.handle)
    expect(create).toMatchObject({
      actor: aliceId,
      to: [carolId],
      object: { type: 'ChatMessage', content: '<p>hello carol</p>', to: [carolId] },
    })
    await told(({ content }) => content === '<p>hello carol</p>')
  })

  test('come in to the same room, in the name of who wrote them', async () => {
    await peer.chat('carol', { to: aliceId, content: '<p>hello alice</p>' })
    const line = await shown(alice.client, room, 'hello alice')
    expect(line.sender).toBe(ghostOf(peer.account('carol')))
    await alice.client.reply(room, idOf(line), 'how are you?')
    const { object } = await receives(peer, 'Create', 'how are you?')
    expect(object).toMatchObject({ type: 'ChatMessage' })
    expect(object).not.toHaveProperty('inReplyTo')
    await told(({ content }) => content === '<p>how are you?</p>')
  })

  test('carry a file each way', async () => {
    const url = await alice.client.upload(cat, 'image/png', 'cat.png')
    const info = { mimetype: 'image/png', size: cat.length }
    await alice.client.send(room, { msgtype: 'm.image', body: 'cat.png', url, info })
    const { file } = await told((line) => line.file !== undefined)
    expect(file?.mediaType).toBe('image/png')
    expect((await fetchFile(file?.url ?? '')).bytes.equals(cat)).toBe(true)

    const there = files.put('dog.png', dog, 'image/png')
    await peer.chat('carol', { to: aliceId, file: { url: there, mediaType: 'image/png' } })
    const picture = await alice.client.waitFor(
      ({ room_id, content, sender }) =>
        room_id === room && sender !== alice.client.userId && content['msgtype'] === 'm.image',
      { what: 'the picture of a dog' },
    )
    expect(await download(alice.client, picture.content['url'])).toEqual(dog)
  })

  test('are taken back each way', async () => {
    const event = await alice.client.text(room, 'said too much')
    const { id } = await told(({ content }) => content?.includes('said too much') === true)
    await alice.client.redact(room, event)
    await waitUntil('that it is gone', async () =>
      (await peer.chats('carol')).every((line) => line.id !== id),
    )
    const { object } = await peer.chat('carol', { to: aliceId, content: 'wrote too much' })
    const line = await shown(alice.client, room, 'wrote too much')
    await peer.unchat('carol', object, aliceId)
    await redacted(alice.client, idOf(line))
  })

  test('are edited by an Update, which such a server has the right to leave', async () => {
    const event = await alice.client.text(room, 'a mistake')
    const { id } = await told(({ content }) => content?.includes('a mistake') === true)
    await alice.client.edit(room, event, 'put right')
    const { object } = await receives(peer, 'Update', 'put right')
    expect(object).toMatchObject({ id, type: 'ChatMessage', content: '<p>put right</p>' })
    await alice.client.text(room, 'and on')
    await told(({ content }) => content === '<p>and on</p>')
  })

  test('stay in one room, with nothing twice and nothing as a note', async () => {
    const bodies = (await messagesIn(alice.client, room)).map(bodyOf)
    for (const body of ['hello carol', 'hello alice', 'how are you?', 'and on'])
      expect(bodies.filter((one) => one.endsWith(body))).toHaveLength(1)
    const types = (await received(peer, 'Create', '')).map(({ object }) => (object as Json)['type'])
    expect(new Set(types)).toEqual(new Set(['ChatMessage']))
    const invites = (await alice.client.seen()).filter(
      ({ type, state_key, content }) =>
        type === 'm.room.member' &&
        state_key === alice.client.userId &&
        content['membership'] === 'invite',
    )
    expect(invites).toEqual([])
  })
})
