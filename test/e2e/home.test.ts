import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  editedTo,
  enter,
  faultsOf,
  ghostId,
  idOf,
  isOut,
  portalAlias,
  redacted,
  relationOf,
  shown,
  told,
} from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse', 'snac', 'fedify'], 'the home room', () => {
  let stack: Stack
  let snac: Snac
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let home: string

  beforeAll(async () => {
    ;[stack, snac, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna', 'ben'] }),
      startFedify({ accounts: ['carol'], cavageFirst: true }),
    ])
    anna = snac.user('anna')
    alice = await stack.meet('alice')
    await anna.note('from before')
    await alice.client.text(alice.management, `follow ${anna.handle} --home`)
    home = await enter(alice.client, 'Home')
    await told(alice, `Following ${anna.handle}`)
    await ask(alice, `follow ${fedify.account('carol').handle} --home`, 'Following')
  })
  afterAll(() => Promise.all([stack.stop(), fedify.stop()]))

  const reads = (text: string, room = home) => shown(alice.client, room, text)
  const aliases = async () =>
    (await alice.client.seen())
      .filter(({ type }) => type === 'm.room.canonical_alias')
      .map(({ content }) => content['alias'])

  test('shows each account as itself, and opens no room of theirs', async () => {
    await anna.note('anna at home')
    await fedify.post('carol', { content: 'carol at home', visibility: 'followers' })
    expect((await reads('anna at home')).sender).toBe(ghostId(anna.handle))
    const carol = fedify.account('carol')
    expect((await reads('carol at home')).sender).toBe(ghostId(carol.handle))
    expect(await bodiesIn(alice.client, home)).not.toContain('from before')
    for (const { handle } of [anna, carol])
      expect(await aliases()).not.toContain(portalAlias(handle))
    expect(await alice.client.state(home, 'm.room.join_rules')).toEqual({ join_rule: 'invite' })
  })

  test('has threads, whose answers go to the right server, and edits and deletions', async () => {
    const post = await anna.note('a question at home')
    const question = idOf(await reads('a question at home'))
    await alice.client.threadReply(home, question, 'an answer at home')
    const answer = await anna.reads('an answer at home')
    await anna.reply(answer, 'thank you at home')
    expect(relationOf(await reads('thank you at home'))).toMatchObject({
      rel_type: 'm.thread',
      event_id: question,
    })
    await anna.edit(post, 'a better question')
    await editedTo(alice.client, question, 'a better question')
    await anna.remove(post)
    await redacted(alice.client, question)
    expect(JSON.stringify(await fedify.received())).not.toContain('an answer at home')
  })

  describe('an account', () => {
    test('moves into a room of its own and back, without following again', async () => {
      await ask(alice, `home remove ${anna.handle}`, 'a room of its own')
      const room = await enter(alice.client, portalAlias(anna.handle))
      await anna.note('in my own room')
      await reads('in my own room', room)
      await ask(alice, `home add ${anna.handle}`, 'come into your Home room')
      await isOut(alice.client, room)
      await anna.note('home again')
      await reads('home again')
      expect(await bodiesIn(alice.client, home)).not.toContain('in my own room')
    })

    test('is still followed when its reader leaves the room, and is shown when they come back', async () => {
      await alice.client.leave(home)
      await told(alice, 'You have left your Home room')
      await ask(alice, 'home', 'Read in your Home room (2)')
      await waitUntil('coming back', () => alice.client.join(home))
      await anna.note('welcome home')
      await reads('welcome home')
      const undone = (await fedify.received()).filter(({ activity }) => activity.type === 'Undo')
      expect(undone).toEqual([])
    })
  })

  test('open brings a post of anybody into the notifications, to answer and boost', async () => {
    const ben = snac.user('ben')
    const post = await ben.note('found somewhere on the web')
    await ask(alice, `open ${post.uri}`, 'comes into your notifications')
    const notifications = await enter(alice.client, 'Fediverse notifications')
    const found = await reads('found somewhere on the web', notifications)
    expect(found.sender).toBe(ghostId(ben.handle))
    await alice.client.reply(notifications, idOf(found), 'an answer to what was found')
    const answer = await ben.reads('an answer to what was found')
    expect(answer.content).toContain('an answer')
    expect(await ask(alice, `open ${post.uri}`, 'already')).toContain(
      encodeURIComponent(idOf(found)),
    )
    await ask(alice, `open ${snac.url}/nobody/p/1`, 'leads to no post')
    const carols = await fedify.post('carol', { content: 'not seen before', visibility: 'direct' })
    expect(await ask(alice, `open ${carols.object}`, 'post')).not.toContain('comes into')
    await fedify.post('carol', { content: 'thank you, bridge' })
    expect(bodyOf(await reads('thank you, bridge'))).toContain('thank you')
  })

  test('stands in the Space of its reader, beside their chat with the bot', async () => {
    await ask(alice, 'settings space on', 'is now')
    const space = await enter(alice.client, 'Fediverse')
    type Hierarchy = { rooms: readonly { room_id: string; name?: string; room_type?: string }[] }
    const roomsIn = async () => {
      const path = `v1/rooms/${encodeURIComponent(space)}/hierarchy`
      return (await alice.client.request<Hierarchy>('GET', path)).rooms
    }
    // One after another.
    await waitUntil('its rooms', async () => {
      const listed = (await roomsIn()).map(({ room_id }) => room_id)
      return [alice.management, home].every((room) => listed.includes(room))
    })
    const [itself] = await roomsIn()
    expect(itself).toMatchObject({ room_id: space, room_type: 'm.space', name: 'Fediverse' })
    await ask(alice, 'settings space off', 'is now')
    await isOut(alice.client, space)
  })

  test('what answers nothing is not sent', async () => {
    const loose = await alice.client.text(home, 'a thought of mine')
    expect(relationOf(await reads('Not sent: reply to one of the posts here'))).toEqual({
      'm.in_reply_to': { event_id: loose },
    })
    expect(faultsOf(await alice.client.seen(), stack.botId)).toEqual([])
    expect(JSON.stringify(await fedify.received())).not.toContain('a thought of mine')
  })
})
