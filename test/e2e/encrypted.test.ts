import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { ghostOf, received, receives } from './support/fediverse.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { bodyOf, shown } from './support/scene.ts'
import { type Stack, startStack } from './support/stack.ts'

/** As clients do that encrypt whatever is private. */
const startEncryptedChat = (client: MatrixClient, other: string): Promise<string> =>
  client.createRoom({
    is_direct: true,
    preset: 'trusted_private_chat',
    invite: [other],
    initial_state: [
      {
        type: 'm.room.encryption',
        state_key: '',
        content: { algorithm: 'm.megolm.v1.aes-sha2' },
      },
    ],
  })

const linkedIn = (text: string): string =>
  decodeURIComponent(/matrix\.to\/#\/(\S+)/.exec(text)?.[1] ?? '')

const sendCiphertext = (client: MatrixClient, roomId: string): Promise<string> =>
  client.send(
    roomId,
    { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'secret', session_id: 's' },
    'm.room.encrypted',
  )

describeWith(['synapse', 'fedify'], 'encrypted chats', () => {
  let stack: Stack
  let fedify: ControlledPeer

  beforeAll(async () => {
    ;[stack, fedify] = await Promise.all([startStack(), startFedify({ accounts: ['carol'] })])
  })
  afterAll(() => Promise.all([stack.stop(), fedify.stop()]))

  test('with the bot: one notice, which leads to a chat that takes commands', async () => {
    const alice = await stack.homeserver.register('alice')
    const room = await startEncryptedChat(alice, stack.botId)
    const notice = await shown(alice, room, 'I cannot read encrypted rooms')
    const plain = linkedIn(bodyOf(notice))
    await alice.join(plain)
    expect(await alice.state(plain, 'm.room.encryption')).toBeUndefined()
    await alice.text(plain, 'register')
    await shown(alice, plain, 'On the fediverse you are now')
    await sendCiphertext(alice, room)
    await alice.text(plain, 'help')
    await shown(alice, plain, 'follow')
    const said = (await alice.messages(room)).filter(({ sender }) => sender === stack.botId)
    expect(said.filter(({ type }) => type === 'm.room.message')).toHaveLength(1)
  })

  test('with a ghost: one notice, which leads to a chat with the same people, and to it again', async () => {
    const bob = await stack.homeserver.register('bob')
    const ghost = ghostOf(fedify.account('carol'))
    const room = await startEncryptedChat(bob, ghost)
    await sendCiphertext(bob, room)
    const plain = linkedIn(bodyOf(await shown(bob, room, 'I cannot read encrypted rooms')))
    await bob.join(plain)
    await bob.text(plain, 'in plain words')
    await receives(fedify, 'Create', 'in plain words')
    const again = await startEncryptedChat(bob, ghost)
    const second = await shown(bob, again, 'I cannot read encrypted rooms')
    expect(linkedIn(bodyOf(second))).toBe(plain)
    expect(await received(fedify, 'Create', 'secret')).toEqual([])
  })
})

describeWith(['synapse', 'fedify'], 'a homeserver that encrypts every room', () => {
  test('is named', async () => {
    const stack = await startStack({ encrypts: 'all' })
    const fedify = await startFedify({ accounts: ['carol'] })
    const alice = await stack.homeserver.register('alice')
    const withBot = await startEncryptedChat(alice, stack.botId)
    const withGhost = await startEncryptedChat(alice, ghostOf(fedify.account('carol')))
    for (const room of [withBot, withGhost]) {
      await shown(alice, room, 'The server matrix.test encrypts every new room by itself')
    }
    await Promise.all([stack.stop(), fedify.stop()])
  })
})
