import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, ghostOf, listed, noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodiesIn, bodyOf, enter, idOf, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const names = ['carol', 'cleo', 'fay', 'flo', 'gil', 'hal', 'ida']

describeWith(['synapse', 'fedify'], 'notifications', () => {
  let stack: Stack
  let fedify: ControlledPeer
  let alice: Guest
  let me: string
  let room: string

  beforeAll(async () => {
    ;[stack, fedify] = await Promise.all([startStack(), startFedify({ accounts: names })])
    alice = await stack.meet('alice')
    await ask(alice, 'register', 'On the fediverse you are now')
    me = await findActor(stack.publicUrl, alice.handle)
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await Promise.all([stack.stop(), fedify.stop()])
  })

  /** Rooms, each once: an invitation is seen again among the state of the room entered. */
  const invitesOf = async (guest: Guest): Promise<readonly string[]> => {
    const invites = (await guest.client.seen()).filter(
      (e) =>
        e.type === 'm.room.member' &&
        e.state_key === guest.client.userId &&
        e.content['membership'] === 'invite' &&
        e.content['is_direct'] === true,
    )
    return [...new Set(invites.map(({ room_id }) => room_id))]
  }

  test('a mention by a stranger stands there, and is answered from there', async () => {
    const carol = fedify.account('carol')
    const { object } = await fedify.post('carol', { content: 'hello you', mentions: [me] })
    room = await enter(alice.client, 'Fediverse notifications')
    const mention = await shown(alice.client, room, 'hello you')
    expect(mention).toMatchObject({
      sender: ghostOf(carol),
      content: { 'm.mentions': { user_ids: [alice.client.userId] } },
    })
    await alice.client.reply(room, idOf(mention), 'hello back')
    const note = noteIn(await receives(fedify, 'Create', 'hello back'))
    expect(note.inReplyTo).toBe(object)
    expect([...listed(note.to), ...listed(note.cc)]).toContain(carol.id)
  })

  test('new followers are told in one line', async () => {
    // Those of the same half minute are.
    await waitUntil('a half minute that is young', () => Date.now() % 30_000 < 15_000)
    await fedify.follow('fay', me)
    await fedify.follow('flo', me)
    const told = await alice.client.waitFor((e) => bodyOf(e).startsWith('New followers'), {
      what: 'the new followers',
      timeout: 90_000,
    })
    for (const name of ['fay', 'flo']) {
      expect(bodyOf(told)).toContain(fedify.account(name).handle)
    }
  })

  test('whoever may write first is the user’s choice', async () => {
    const bob = await stack.meet('bob')
    await ask(bob, 'register', 'On the fediverse you are now')
    const him = await findActor(stack.publicUrl, bob.handle)
    const write = (as: string, content: string) =>
      fedify.post(as, { content, visibility: 'direct', mentions: [him] })
    const done = (id: string) =>
      waitUntil(`${id} done`, () => stack.bridge.log().some(({ key }) => key === id))

    await write('gil', 'while everybody may')
    const chat = await waitUntil('an invite', async () => (await invitesOf(bob))[0])
    await bob.client.join(chat)
    await shown(bob.client, chat, 'while everybody may')
    await ask(bob, 'settings dms followed', '`dms` is now `followed`')
    await done((await write('hal', 'from a stranger')).activity)
    await bob.client.text(bob.management, `follow ${fedify.account('ida').id}`)
    await enter(bob.client, `ida of fedify`)
    await write('ida', 'from one whom he follows')
    const second = await waitUntil('an invite', async () => (await invitesOf(bob))[1])
    await bob.client.join(second)
    await shown(bob.client, second, 'from one whom he follows')
    await ask(bob, 'settings dms nobody', '`dms` is now `nobody`')
    await write('gil', 'in a chat that was there')
    await shown(bob.client, chat, 'in a chat that was there')
    await done((await write('cleo', 'from another stranger')).activity)
    expect(await invitesOf(bob)).toHaveLength(2)
  })

  test('a refused request is told', async () => {
    await fedify.holdFollows(true)
    await alice.client.text(alice.management, `follow ${fedify.account('cleo').id}`)
    const follow = await waitUntil('the request', async () =>
      (await fedify.received()).find(
        ({ activity }) =>
          activity.type === 'Follow' && activity.object === fedify.account('cleo').id,
      ),
    )
    await fedify.answerFollow('cleo', follow.activity.id, false)
    const told = await waitUntil('the refusal told', async () =>
      [
        ...(await bodiesIn(alice.client, alice.management)),
        ...(await bodiesIn(alice.client, room)),
      ].find((body) => body.includes(fedify.account('cleo').handle) && /refus|declin/i.test(body)),
    )
    expect(told).toContain(fedify.account('cleo').handle)
  })
})
