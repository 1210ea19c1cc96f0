import { describe, expect, test } from '@jest/globals'
import { giveUpHandlers } from '../../src/handlers.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { asActivityId, asUserId } from '../../src/model/ids.ts'
import type { Change } from '../../src/model/change.ts'
import type { Job } from '../../src/model/job.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

const job: Job = {
  id: 1,
  kind: 'event',
  key: '$event',
  lane: 'event',
  payload: '',
  attempts: 0,
  claims: 1,
  addedAt: 0,
}

/** What is told, and below which event, of those changes. */
const told = (changes: readonly Change[]) =>
  changes.flatMap((one) => {
    if (one.change !== 'enqueue') return []
    const { text, replyTo } = JSON.parse(one.job.payload) as { text: string; replyTo?: string }
    return [{ text, replyTo }]
  })

/** A chat of alice with a ghost, and one message of hers there that was sent. */
async function createChat() {
  const bridge = await createBridge()
  bridge.fediverse.addAccount('bob@social.test')
  const { user, chat } = await bridge.meet('@alice:hs.test')
  user.say(chat, 'register')
  const room = user.createDm(asUserId('@_ap_bob_social.test:hs.test'))
  await bridge.settle()
  const sent = user.say(room, 'helo')
  await bridge.settle()
  return { bridge, chat, room, sent }
}

const gone = new RejectedError('no', { status: 403 })

const giveUp = async (bridge: Bridge, roomId: string, raw: Readonly<Record<string, unknown>>) => {
  const common = { event_id: '$1', room_id: roomId, sender: '@alice:hs.test' }
  const payload = JSON.stringify({ ...common, origin_server_ts: 1, ...raw })
  return told(await giveUpHandlers(bridge.deps).event({ ...job, payload }, gone))
}

const text = (body: string) => ({ msgtype: 'm.text', body })
const edit = (target: string) => ({
  type: 'm.room.message',
  content: {
    ...text('* hello'),
    'm.new_content': text('hello'),
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
  },
})
const redaction = (target: string) => ({
  type: 'm.room.redaction',
  redacts: target,
  content: { redacts: target },
})
const reaction = (target: string) => ({
  type: 'm.reaction',
  content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: '👍' } },
})

describe('an event that could not be handled', () => {
  const reason = 'a server refused it with HTTP status 403.'

  test.each([
    ['an edit', edit, `Not changed: ${reason}`],
    ['a redaction', redaction, `Not deleted on the fediverse: ${reason}`],
    ['a reaction', reaction, `Reaction not sent: ${reason}`],
  ])('%s: is told below the message that it is about', async (_, make, notice) => {
    const { bridge, room, sent } = await createChat()
    expect(await giveUp(bridge, room, make(sent))).toEqual([{ text: notice, replyTo: sent }])
    expect(await giveUp(bridge, room, make('$never-bridged'))).toEqual([])
  })

  test('a message is told below itself', async () => {
    const { bridge, room } = await createChat()
    const raw = { type: 'm.room.message', content: text('hi') }
    expect(await giveUp(bridge, room, raw)).toEqual([
      { text: `Not sent: ${reason}`, replyTo: '$1' },
    ])
  })

  test('a command did not work, in the chat and with the prefix', async () => {
    const { bridge, chat, room } = await createChat()
    const raw = (body: string) => ({ type: 'm.room.message', content: text(body) })
    const notice = [{ text: `This did not work: ${reason}`, replyTo: '$1' }]
    expect(await giveUp(bridge, chat, raw('following'))).toEqual(notice)
    expect(await giveUp(bridge, room, raw('!ap following'))).toEqual(notice)
  })

  test('the ✅ of a held message is told as that message', async () => {
    const { bridge, room, sent } = await createChat()
    const message = {
      type: 'message',
      kind: 'text',
      eventId: sent,
      roomId: room,
      sender: asUserId('@alice:hs.test'),
      ts: 1,
      text: { body: 'helo', mentions: [] },
      media: [],
      relation: { isFallback: false },
    } as const
    const promptId = '$prompt' as typeof sent
    await bridge.store.commit([
      { change: 'hold', held: { roomId: room, eventId: sent, promptId, message } },
    ])
    const notice = [{ text: `Not sent: ${reason}`, replyTo: sent }]
    expect(await giveUp(bridge, room, reaction('$prompt'))).toEqual(notice)
  })
})

describe('a delivery to an inbox that is gone', () => {
  const status = (code: number) => new RejectedError('no', { status: code })

  /** Which of three followers of alice are left after a delivery there was given up. */
  async function followersAfter(
    error: unknown,
    inbox: string,
    days = 1,
  ): Promise<readonly string[]> {
    const { bridge } = await createChat()
    const alice = await bridge.store.findLocalActorByUser(asUserId('@alice:hs.test'))
    if (alice === undefined) throw new Error('alice is nobody')
    const carl = bridge.fediverse.addAccount('carl@old.test')
    const dora = bridge.fediverse.addAccount('dora@old.test')
    // An account whose server has but one inbox for everybody.
    const erin = bridge.fediverse.addAccount('erin@one.test', { inbox: 'https://one.test/inbox' })
    const follow = {
      state: 'accepted',
      requestedAt: 1,
      withReplies: false,
      withBoosts: true,
      shownIn: 'room',
    } as const
    const activityId = asActivityId('https://old.test/follow')
    for (const actor of [carl, dora, erin]) {
      const ids = { follower: actor.id, followed: alice.id, activityId }
      await bridge.store.commit([
        { change: 'put-remote-actor', actor },
        { change: 'put-follow', follow: { ...follow, ...ids } },
      ])
    }
    const payload = JSON.stringify({
      activityId: 'https://fedi.hs.test/activities/1',
      inbox,
      signer: alice.id,
    })
    const { delivery } = giveUpHandlers(bridge.deps)
    for (let day = 1; day <= days; day++) {
      const failed = { ...job, kind: 'delivery', payload } as const
      // Twice a day says no more than once.
      await bridge.store.commit(await delivery(failed, error))
      await bridge.store.commit(await delivery(failed, error))
      await bridge.clock.advance(86_400_000)
    }
    return (await bridge.store.followersOf(alice.id))
      .map(({ follower }) => new URL(follower))
      .map(({ pathname }) => pathname.split('/').at(-1) ?? '')
      .sort()
  }

  const all = ['carl', 'dora', 'erin']

  test.each([404, 410])('%d at its own inbox on three days: it follows no more', async (code) => {
    const inbox = 'https://old.test/users/carl/inbox'
    expect(await followersAfter(status(code), inbox, 2)).toEqual(all)
    expect(await followersAfter(status(code), inbox, 3)).toEqual(['dora', 'erin'])
  })

  test('403 says nothing of the account', async () => {
    expect(await followersAfter(status(403), 'https://old.test/users/carl/inbox')).toEqual(all)
  })

  test.each(['https://old.test/inbox', 'https://one.test/inbox'])(
    '410 at %s, an inbox of many, removes nobody',
    async (inbox) => {
      expect(await followersAfter(status(410), inbox)).toEqual(all)
    },
  )
})
