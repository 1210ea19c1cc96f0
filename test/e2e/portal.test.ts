import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, receives } from './support/fediverse.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  editedTo,
  faultsOf,
  follow,
  idOf,
  redacted,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Snac, type SnacUser, startSnac } from './support/snac.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'

describeWith(['synapse', 'snac', 'fedify'], 'rooms of accounts', () => {
  let stack: Stack
  let snac: Snac
  let fedify: ControlledPeer
  let alice: Guest
  let anna: SnacUser
  let annas: string
  let carols: string

  beforeAll(async () => {
    ;[stack, snac, fedify] = await Promise.all([
      startStack(),
      startSnac({ users: ['anna', 'ben'] }),
      startFedify({ accounts: ['carol', 'chloe'], cavageFirst: true }),
    ])
    anna = snac.user('anna')
    alice = await stack.meet('alice')
    ;[annas, carols] = await Promise.all([
      follow(alice, anna),
      follow(alice, fedify.account('carol')),
    ])
    await anna.follow(fedify.account('carol').id)
    await anna.follow(snac.user('ben').id)
    await waitUntil('anna follows carol', async () =>
      (await fedify.followers('carol')).includes(anna.id),
    )
  })
  afterAll(() => stack.stop())

  const reads = (text: string, room: string) => shown(alice.client, room, text)

  describe('what they show', () => {
    test('posts with their page, replies to strangers only to those who asked for them', async () => {
      const ben = snac.user('ben')
      await ben.note('a stranger speaks')
      const strange = await anna.reads('a stranger speaks')
      await anna.reply(strange, 'hidden from those who did not ask')
      const post = await anna.note('seen by everybody')
      const seen = await reads('seen by everybody', annas)
      expect(seen.content['external_url']).toBe(post.uri)
      expect(await bodiesIn(alice.client, annas)).not.toContain('hidden from those who did not ask')

      await ask(alice, `follow ${anna.handle} --replies`, 'answers to others come')
      const answer = await anna.reply(strange, 'shown in one line')
      const line = await reads('shown in one line', annas)
      expect(bodyOf(line)).toContain(answer.uri)
      expect(relationOf(line)).toBeUndefined()
    })

    test('a reply to somebody whom a reader follows, in both rooms; edits and deletes reach both', async () => {
      await fedify.post('carol', { content: 'carol asks something' })
      const question = await reads('carol asks something', carols)
      const answer = await anna.reply(await anna.reads('carol asks something'), 'anna answers')
      const beside = await reads('anna answers', carols)
      expect(relationOf(beside)).toMatchObject({ rel_type: 'm.thread', event_id: idOf(question) })
      const own = await reads('anna answers', annas)
      const fetched = await reads('carol asks something', annas)
      expect(relationOf(own)).toMatchObject({ rel_type: 'm.thread', event_id: idOf(fetched) })

      await anna.edit(answer, 'anna answers better')
      for (const event of [beside, own])
        await editedTo(alice.client, idOf(event), 'anna answers better')
      await anna.remove(answer)
      for (const event of [beside, own]) await redacted(alice.client, idOf(event))
    })

    test('what is for followers in the room of its author alone', async () => {
      const post = await anna.note('answer me quietly')
      const open = await reads('answer me quietly', annas)
      const quiet = { content: 'carol whispers', visibility: 'followers' } as const
      await fedify.post('carol', { ...quiet, inReplyTo: post.uri })
      const whisper = await reads('carol whispers', carols)
      expect(bodyOf(whisper)).toContain('🔒')
      expect((await bodiesIn(alice.client, annas)).join()).not.toContain('carol whispers')
      expect(idOf(open)).not.toBe('')
    })
  })

  describe('threads', () => {
    test('of the fediverse are threads here, and a reply to a reply names it', async () => {
      const root = await fedify.post('carol', { content: 'thread begins' })
      const first = await fedify.post('carol', { content: 'thread, one', inReplyTo: root.object })
      await fedify.post('carol', { content: 'thread, two', inReplyTo: first.object })
      await fedify.post('carol', { content: 'thread, three', inReplyTo: root.object })
      const rootEvent = idOf(await reads('thread begins', carols))
      const one = await reads('thread, one', carols)
      const two = await reads('thread, two', carols)
      const three = await reads('thread, three', carols)
      const thread = { rel_type: 'm.thread', event_id: rootEvent }
      const to = (event: string) => ({ 'm.in_reply_to': { event_id: event } })
      expect(relationOf(one)).toEqual({ ...thread, is_falling_back: true, ...to(rootEvent) })
      expect(relationOf(two)).toEqual({ ...thread, is_falling_back: false, ...to(idOf(one)) })
      expect(relationOf(three)).toEqual({ ...thread, is_falling_back: true, ...to(idOf(two)) })
    })

    test('from here answer the right post, mention its author, and are as public as it', async () => {
      const carol = fedify.account('carol')
      const { object } = await fedify.post('carol', { content: 'answer this' })
      const root = idOf(await reads('answer this', carols))
      const second = await fedify.post('carol', { content: 'or this', inReplyTo: object })
      const inThread = idOf(await reads('or this', carols))
      const { client } = alice
      await client.threadReply(carols, root, 'an answer in the thread')
      await client.reply(carols, root, 'a plain answer')
      await client.send(carols, {
        msgtype: 'm.text',
        body: 'an answer to the second',
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: root,
          is_falling_back: false,
          'm.in_reply_to': { event_id: inThread },
        },
      })
      const expected = [
        ['an answer in the thread', object],
        ['a plain answer', object],
        ['an answer to the second', second.object],
      ] as const
      for (const [text, inReplyTo] of expected) {
        const note = noteIn(await receives(fedify, 'Create', text))
        expect(note).toMatchObject({ inReplyTo })
        expect([note['to'], note['cc']].flat()).toEqual(
          expect.arrayContaining([publicCollection, carol.id]),
        )
        expect([note['tag']].flat()).toContainEqual(
          expect.objectContaining({ type: 'Mention', href: carol.id, name: carol.handle }),
        )
      }
    })

    test('go on: an answer to an answer from here stands below it, and pings', async () => {
      await fedify.post('carol', { content: 'shall we talk?' })
      const root = idOf(await reads('shall we talk?', carols))
      const mine = await alice.client.threadReply(carols, root, 'let us talk')
      const { id } = noteIn(await receives(fedify, 'Create', 'let us talk'))
      const aliceId = await findActor(stack.publicUrl, alice.handle)
      await fedify.post('carol', { content: 'talking', inReplyTo: id, mentions: [aliceId] })
      const answer = await reads('talking', carols)
      expect(relationOf(answer)).toEqual({
        rel_type: 'm.thread',
        event_id: root,
        is_falling_back: false,
        'm.in_reply_to': { event_id: mine },
      })
      expect(answer.content['m.mentions']).toEqual({ user_ids: [alice.client.userId] })
    })

    test('are changed and deleted for those who were answered', async () => {
      await fedify.post('carol', { content: 'a question' })
      const root = idOf(await reads('a question', carols))
      const mine = await alice.client.threadReply(carols, root, 'a wrong answer')
      const before = noteIn(await receives(fedify, 'Create', 'a wrong answer'))
      await alice.client.edit(carols, mine, 'a right answer')
      const { id, to, cc, inReplyTo, tag } = before
      const after = noteIn(await receives(fedify, 'Update', 'a right answer'))
      expect(after).toMatchObject({ id, to, cc, inReplyTo, tag })
      await alice.client.redact(carols, mine)
      await receives(fedify, 'Delete', id)
      const texts = (await bodiesIn(alice.client, carols)).filter((body) => body.includes('answer'))
      expect(texts.filter((body) => body.includes('right answer'))).toEqual([])
    })

    test('never reach more people than what they answer', async () => {
      const carol = fedify.account('carol')
      await fedify.post('carol', { content: 'only for followers', visibility: 'followers' })
      const root = idOf(await reads('only for followers', carols))
      await alice.client.threadReply(carols, root, `a quiet answer, not for ${anna.handle}`)
      const note = noteIn(await receives(fedify, 'Create', 'a quiet answer'))
      expect([note['to'], note['cc'] ?? []].flat()).toEqual([carol.id])
    })

    test('hold what answers nothing until its author wants it public', async () => {
      const { client } = alice
      const loose = await client.text(carols, 'a thought of mine')
      const prompt = await reads('React ✅', carols)
      expect(relationOf(prompt)).toEqual({ 'm.in_reply_to': { event_id: loose } })
      expect(prompt.content['m.mentions']).toEqual({ user_ids: [client.userId] })
      await client.edit(carols, loose, 'a better thought of mine')
      await client.react(carols, idOf(prompt), '✅')
      const note = noteIn(await receives(fedify, 'Create', 'better thought'))
      await editedTo(client, idOf(prompt), 'Published.')
      expect(note).not.toHaveProperty('inReplyTo')
      expect([note['to']].flat()).toContain(publicCollection)
      expect([note['tag']].flat()).toContainEqual(
        expect.objectContaining({ href: fedify.account('carol').id }),
      )

      await ask(alice, 'settings room_posts off', 'is now')
      await client.text(carols, 'never sent')
      await reads('Not sent: reply to one of the posts', carols)
      await ask(alice, 'settings room_posts on', 'is now')
      await client.text(carols, 'sent at once')
      await receives(fedify, 'Create', 'sent at once')
      const all = JSON.stringify(await fedify.received())
      expect(all).not.toContain('never sent')
    })
  })

  test('messages name who is meant and where posts are from', async () => {
    expect(faultsOf(await alice.client.seen(), stack.botId)).toEqual([])
  })
})
