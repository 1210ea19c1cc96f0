import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodyOf,
  editedTo,
  faultsOf,
  ghostId,
  idOf,
  openProfile,
  redacted,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'
/** A notice that counts is written once a minute. */
const summaryTime = 75_000

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'publishing', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let bob: Guest
  let anna: SnacUser
  let room: string
  let aliceId: string
  let bobId: string
  let liked: string

  beforeAll(async () => {
    ;[stack, snac, apex, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna'] }),
      startApex({ accounts: ['dora'] }),
      startFedify({ accounts: ['carol', 'chloe'], cavageFirst: true }),
    ])
    anna = snac.user('anna')
    ;[alice, bob] = [await stack.meet('alice'), await stack.meet('bob')]
    await ask(bob, 'register', 'you are now')
    room = await openProfile(alice)
    await alice.client.invite(room, bob.client.userId)
    await bob.client.join(room)
    aliceId = await findActor(stack.publicUrl, alice.handle)
    bobId = await findActor(stack.publicUrl, bob.handle)
    await anna.follow(alice.handle.slice(1))
    await Promise.all([
      fedify.follow('carol', aliceId),
      fedify.follow('carol', bobId),
      apex.follow('dora', aliceId),
    ])
    await waitUntil('everybody follows', async () => {
      const [ofCarol, ofDora] = [await fedify.following('carol'), await apex.following('dora')]
      return ofCarol.length === 2 && ofDora.length === 1
    })
    await waitUntil('anna follows', async () =>
      (await ask(alice, 'followers', 'Your followers')).includes(anna.handle),
    )
  })
  afterAll(() => stack.stop())

  const reads = (text: string) => shown(alice.client, room, text)
  const write = async (text: string) => {
    const event = await alice.client.text(room, text)
    return { event, note: noteIn(await receives(fedify, 'Create', text)) }
  }
  const outboxOf = async (actor: string): Promise<string> =>
    (await call({ url: `${actor}/outbox?page=1`, accept: 'application/activity+json' })).text
  const post = (as: string, content: string, inReplyTo: string) =>
    fedify.post(as, { content, inReplyTo, mentions: [aliceId] })

  test('the room is its owner’s, and says what is written there is public', async () => {
    const levels = await alice.client.state(room, 'm.room.power_levels')
    expect(levels).toMatchObject({ users: { [alice.client.userId]: 50 }, state_default: 100 })
    const topic = await alice.client.state(room, 'm.room.topic')
    expect(topic).toMatchObject({ topic: expect.stringContaining(alice.handle) })
  })

  test('what the owner writes goes to the followers and the outbox; answers come back as threads', async () => {
    const { event, note } = await write('hello, followers')
    expect(note).toMatchObject({ to: [publicCollection], cc: [`${aliceId}/followers`] })
    await receives(apex, 'Create', 'hello, followers')
    const seen = await anna.reads('hello, followers')
    expect(await outboxOf(aliceId)).toContain(note.id)
    await anna.reply(seen, 'hello, alice')
    const answer = await reads('hello, alice')
    expect(answer.sender).toBe(ghostId(anna.handle))
    expect(relationOf(answer)).toMatchObject({ rel_type: 'm.thread', event_id: event })
    const back = await alice.client.threadReply(room, event, 'good to read you')
    const thanks = await anna.reads('good to read you')
    expect(thanks.visibility).toBe('public')
    expect(back).not.toBe('')
  })

  test('likes of people who are in the room are reactions', async () => {
    const { event, note } = await write('like this')
    liked = event
    const carol = fedify.account('carol')
    await post('carol', 'I do', note.id)
    await reads('I do')
    await apex.like('dora', note.id, aliceId)
    const like = await fedify.like('carol', note.id, aliceId)
    const reaction = await alice.client.waitFor(
      ({ type, sender }) => type === 'm.reaction' && sender === ghostId(carol.handle),
    )
    expect(relationOf(reaction)).toEqual({ rel_type: 'm.annotation', event_id: event, key: '❤️' })
    await fedify.undo('carol', aliceId, like)
    await redacted(alice.client, idOf(reaction))
  })

  test('others’ messages there are replies of theirs', async () => {
    const { event, note } = await write('what do you think?')
    await bob.client.threadReply(room, event, 'bob thinks so')
    const reply = await receives(fedify, 'Create', 'bob thinks so')
    expect(reply.actor).toBe(bobId)
    expect(noteIn(reply)).toMatchObject({ inReplyTo: note.id, attributedTo: bobId })
    await bob.client.text(room, 'bob on his own')
    await shown(bob.client, room, 'Not sent: reply to one of the posts')
    expect(await outboxOf(bobId)).not.toContain('bob on his own')
  })

  describe('later changes', () => {
    test('an edit reaches everybody who got the post', async () => {
      const { event, note } = await write('a post with a tpyo')
      const before = await anna.reads('a post with a tpyo')
      await alice.client.edit(room, event, 'a post without a typo')
      const update = noteIn(await receives(fedify, 'Update', 'without a typo'))
      expect(update).toMatchObject({ id: note.id, to: note.to, cc: note.cc })
      expect(update).toHaveProperty('updated')
      await receives(apex, 'Update', 'without a typo')
      expect((await anna.reads('without a typo')).uri).toBe(before.uri)
    })

    test('a deletion reaches everybody who got the post, and the note is a tombstone', async () => {
      const { event, note } = await write('soon regretted')
      await anna.reads('soon regretted')
      await alice.client.redact(room, event)
      const { object } = await receives(fedify, 'Delete', note.id)
      expect(object).toMatchObject({ id: note.id, type: 'Tombstone' })
      await receives(apex, 'Delete', note.id)
      await waitUntil('the post gone from snac', async () =>
        (await anna.timeline()).every(({ content }) => !content.includes('soon regretted')),
      )
      const served = await call({ url: note.id, accept: 'application/activity+json' })
      expect(served).toMatchObject({ status: 410, body: { type: 'Tombstone' } })
      expect(await outboxOf(aliceId)).not.toContain(note.id)
    })

    test('are for the author alone', async () => {
      const { event } = await write('only mine to change')
      await bob.client.edit(room, event, 'changed by bob')
      const marker = await write('after the forgery')
      expect(JSON.stringify(await fedify.received())).not.toContain('changed by bob')
      const secret = await fedify.post('carol', {
        content: 'only hers to change',
        visibility: 'direct',
        mentions: [aliceId],
      })
      await fedify.update('chloe', secret.object, 'changed by chloe')
      const theirs = await post('carol', 'after the other forgery', marker.note.id)
      const shownThere = await reads('after the other forgery')
      expect(JSON.stringify(await alice.client.seen())).not.toContain('changed by chloe')

      // The owner may redact in the room; that is a matter of the room alone.
      await alice.client.redact(room, idOf(shownThere))
      const after = await write('after the moderation')
      await fedify.update('carol', theirs.object, 'back by an edit')
      await post('carol', 'after the edit', after.note.id)
      await reads('after the edit')
      expect(JSON.stringify(await alice.client.messages(room))).not.toContain('back by an edit')
      const types = (await fedify.received()).filter(
        ({ activity }) =>
          activity.type === 'Delete' && JSON.stringify(activity).includes(theirs.object),
      )
      expect(types).toEqual([])
    })

    test('of answers are edits and redactions here', async () => {
      const { note } = await write('say something')
      const answer = await post('carol', 'someting', note.id)
      const event = idOf(await reads('someting'))
      await fedify.update('carol', answer.object, 'something')
      const edit = await editedTo(alice.client, event, 'something')
      expect(edit.sender).toBe(ghostId(fedify.account('carol').handle))
      expect(edit.content['m.mentions']).toEqual({})
      await fedify.remove('carol', answer.object)
      await redacted(alice.client, event)
    })
  })

  test('what others did with a post is counted in one notice below it', async () => {
    const summary = await alice.client.waitFor((e) => bodyOf(e) === '❤️ 1', {
      timeout: summaryTime,
    })
    expect(relationOf(summary)).toMatchObject({ rel_type: 'm.thread', event_id: liked })
  })

  test('messages name who is meant and where posts are from', async () => {
    expect(faultsOf(await alice.client.seen(), stack.botId)).toEqual([])
  })
})
