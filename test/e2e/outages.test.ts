import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, noteIn, received, receives } from './support/fediverse.ts'
import { startLoopbackFediverse } from '../fakes/loopback.ts'
import { startLoneAccount } from './support/lone-account.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, relationOf, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const words = ['one', 'two', 'three', 'four', 'five']

describeWith(['synapse', 'apex', 'fedify'], 'outages', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let apex: ControlledPeer
  let alice: Guest
  let me: string

  beforeAll(async () => {
    ;[stack, fedify, apex] = await Promise.all([
      startStack(),
      startFedify({ accounts: ['carol'] }),
      startApex({ accounts: ['dora'] }),
    ])
    alice = await stack.meet('alice')
    await ask(alice, 'register', 'On the fediverse you are now')
    me = await findActor(stack.publicUrl, alice.handle)
  })
  afterAll(() => Promise.all([stack.stop(), fedify.stop(), apex.stop()]))

  const startChat = (ghost: string): Promise<string> =>
    alice.client.createRoom({ is_direct: true, invite: [ghost] })
  /** The contents of the notes with this text that a peer took, in order. */
  const taken = async (peer: ControlledPeer, text: string) =>
    (await received(peer, 'Create', text)).map((activity) => noteIn(activity).content)
  const expected = (text: string) => words.map((word) => `<p>${text} ${word}</p>`)

  test('the bridge is down while five messages go into a fresh chat', async () => {
    const carol = fedify.account('carol')
    // The homeserver has to know the ghost before: nobody answers its question meanwhile.
    await alice.client.text(await startChat(ghostOf(carol)), 'so that we know each other')
    await receives(fedify, 'Create', 'so that we know each other')
    await stack.bridge.kill9()
    const room = await startChat(ghostOf(carol))
    for (const word of words) await alice.client.text(room, `nobody home ${word}`)
    await stack.bridge.restart()
    await waitUntil(
      'all five',
      async () => (await taken(fedify, 'nobody home')).length >= 5,
      60_000,
    )
    expect(await taken(fedify, 'nobody home')).toEqual(expected('nobody home'))
  })

  test('an inbox answers 500 for a while', async () => {
    const room = await startChat(ghostOf(apex.account('dora')))
    await alice.client.text(room, 'all is well')
    await receives(apex, 'Create', 'all is well')
    await apex.failInbox(true)
    for (const word of words) await alice.client.text(room, `broken ${word}`)
    await waitUntil('a failed try', async () =>
      (await apex.received()).some(({ status }) => status === 500),
    )
    await apex.failInbox(false)
    await waitUntil('all five', async () => (await taken(apex, 'broken')).length >= 5, 60_000)
    expect(await taken(apex, 'broken')).toEqual(expected('broken'))
  })

  test('the homeserver is away while the fediverse writes and the bridge starts again', async () => {
    const outside = await startLoopbackFediverse(stack.publicUrl, 1)
    const { fediverse, inbox } = outside
    const gwen = fediverse.account('gwen', outside.hosts[0] ?? '')
    const room = await startChat(ghostOf({ name: 'gwen', id: gwen.id }))
    await alice.client.text(room, 'before the outage')
    await waitUntil('the first message', () => fediverse.deliveries.length === 1)
    await stack.homeserver.stop()
    let restarted = Promise.resolve()
    for (const word of words) {
      const mentions = [{ id: me, name: alice.handle }]
      fediverse.send(gwen.post({ content: `meanwhile ${word}`, visibility: 'direct', mentions }))
      await waitUntil(`${word} taken`, async () => (await fediverse.flush(inbox)).waiting === 0)
      if (word !== 'two') continue
      await stack.bridge.kill9()
      // It is ready when the homeserver is; it takes activities before.
      restarted = stack.bridge.restart()
    }
    await stack.homeserver.start()
    await restarted
    await shown(alice.client, room, 'meanwhile five')
    const texts = await bodiesIn(alice.client, room)
    expect(texts.filter((text) => text.startsWith('meanwhile'))).toEqual(
      words.map((word) => `meanwhile ${word}`),
    )
    await alice.client.text(room, 'after the outage')
    await waitUntil('the last message', () => fediverse.deliveries.length === 2)
    await outside.stop()
  })

  test('an inbox that is gone: the writer reads below the message where and why', async () => {
    const gone = await startLoneAccount('gus', 410)
    const room = await startChat(ghostOf(gone))
    const event = await alice.client.text(room, 'into the void')
    const notice = await shown(alice.client, room, `Not delivered to ${gone.host}`)
    expect(notice.content['body']).toContain('the account no longer exists')
    expect(relationOf(notice)?.['m.in_reply_to']?.event_id).toBe(event)
    expect(gone.posts()).toHaveLength(1)
    await gone.stop()
  })
})
