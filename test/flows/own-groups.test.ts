import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { asObjectId } from '../../src/model/ids.ts'
import { accountOn, agree, openGroup, typesOf } from './group-stage.ts'
import { createFlow, type Flow } from './setup.ts'

const everybody = 'https://www.w3.org/ns/activitystreams#Public'

let flow: Flow
let alice: FakeUser
let ann: FakeUser
let room: RoomId
let group: string
let me: string
/** Follow the group: a microblog, and a server of groups. */
let bob: Account
let lou: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  ann = flow.user('ann')
  ;({ roomId: room, id: group } = await openGroup(flow, alice, ann))
  me = await agree(flow, room, alice)
  bob = accountOn(flow, 'bob', 'mastodon')
  lou = accountOn(flow, 'lou', 'lemmy')
  await flow.tell(bob.follow(group), lou.follow(group))
})
afterEach(() => {
  expect(flow.fediverse.refusals).toEqual([])
  flow.close()
})

/** What came from the group or its members, without the answer to the follow. */
const news = (account: Account): readonly Document[] =>
  flow.received(account).filter(({ type }) => type !== 'Accept')

const say = async (who: FakeUser, words: string): Promise<void> => {
  who.say(room, words)
  await flow.quiet()
}

/** The one post that somebody wrote in the room. */
async function postOf(words: string): Promise<string> {
  const event = flow.eventOf(room, words)
  const mapping = await flow.store.findMappingByEvent(room, event)
  if (mapping === undefined) throw new Error(`nobody published ${words}`)
  return mapping.remoteId
}

const documentOf = async (id: string): Promise<Document> =>
  JSON.parse((await flow.store.findObject(asObjectId(id)))?.document ?? '{}') as Document

describe('what is said in the room', () => {
  test('comes as a boost of the post to microblogs, and whole to servers of groups', async () => {
    await say(alice, 'hello all')
    const post = await postOf('hello all')
    const [boost, ...more] = news(bob)
    expect(more).toEqual([])
    expect(boost).toMatchObject({ type: 'Announce', actor: group, object: post, to: [everybody] })
    const [whole, ...others] = news(lou)
    expect(others).toEqual([])
    expect(whole).toMatchObject({
      type: 'Announce',
      actor: group,
      to: [everybody],
      cc: [`${group}/followers`],
      object: { type: 'Create', actor: me, audience: group, object: { id: post } },
    })
    expect(whole?.['proof']).toBeUndefined()
    expect(await documentOf(post)).toMatchObject({
      attributedTo: me,
      audience: group,
      to: [everybody],
      cc: [`${group}/followers`, group],
    })
  })

  test('does not go to who follows the author', async () => {
    const fan = flow.account('fan', 'fans.example')
    await flow.tell(fan.follow(me))
    await say(alice, 'hello all')
    expect(typesOf(flow.received(fan))).toEqual(['Accept'])
  })

  test('by who has not agreed stays there, without a word', async () => {
    const before = flow.messages(room).length
    await say(ann, 'not for you')
    await flow.command(ann, 'register')
    await say(ann, 'nor this')
    expect(news(bob)).toEqual([])
    expect(news(lou)).toEqual([])
    expect(flow.messages(room)).toHaveLength(before + 2)
    expect(flow.rows()['object']).toEqual([])
  })

  test('is one of two posts that answer each other only where both have agreed', async () => {
    await say(ann, 'not for you')
    alice.reply(room, flow.eventOf(room, 'not for you'), 'I see')
    await flow.quiet()
    const answer = await postOf('I see')
    expect(await documentOf(answer)).not.toHaveProperty('inReplyTo')
    expect(JSON.stringify(flow.received(lou))).not.toContain('not for you')
    await agree(flow, room, ann)
    ann.reply(room, flow.eventOf(room, 'I see'), 'me too')
    await flow.quiet()
    expect(await documentOf(await postOf('me too'))).toMatchObject({ inReplyTo: answer })
  })

  test('is changed at the microblogs by its author, at servers of groups by the group', async () => {
    await say(alice, 'hello all')
    const post = await postOf('hello all')
    alice.edit(room, flow.eventOf(room, 'hello all'), 'hello everybody')
    await flow.quiet()
    expect(typesOf(news(bob))).toEqual(['Announce', 'Update'])
    expect(news(bob)[1]).toMatchObject({ actor: me, object: { id: post, audience: group } })
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Update)'])
    expect(JSON.stringify(news(lou)[1])).toContain('hello everybody')
  })

  test('is taken back in the same ways, also by who agrees no more', async () => {
    await say(alice, 'hello all')
    const post = await postOf('hello all')
    alice.say(room, '!ap group out')
    await flow.quiet()
    alice.edit(room, flow.eventOf(room, 'hello all'), 'unheard')
    await flow.quiet()
    alice.redact(room, flow.eventOf(room, 'hello all'))
    await flow.quiet()
    expect(typesOf(news(bob))).toEqual(['Announce', 'Delete'])
    expect(news(bob)[1]).toMatchObject({ actor: me, object: { id: post } })
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Delete)'])
    expect(await flow.store.ownBoostsOf(asObjectId(post))).toEqual([])
  })

  test('is taken back by its author alone once the room is closed', async () => {
    await say(alice, 'hello all')
    const post = await postOf('hello all')
    alice.say(room, '!ap group close confirm')
    await flow.minutes(1)
    alice.redact(room, flow.eventOf(room, 'hello all'))
    await flow.quiet()
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Delete', 'Delete'])
    expect(news(lou).map(({ actor }) => actor)).toEqual([group, group, me])
    expect(news(bob).at(-1)).toMatchObject({ actor: me, object: { id: post } })
  })

  test('is asked as a poll, whose votes count everywhere', async () => {
    const question = { 'org.matrix.msc1767.text': 'Tea?' }
    const answers = ['Yes', 'No'].map((text) => ({ id: text, 'org.matrix.msc1767.text': text }))
    const poll = { kind: 'org.matrix.msc3381.poll.disclosed', max_selections: 1, question, answers }
    const content = { 'org.matrix.msc3381.poll.start': poll, 'org.matrix.msc1767.text': 'Tea?' }
    const event = alice.send(room, content, 'org.matrix.msc3381.poll.start')
    await flow.quiet()
    const post = (await flow.store.findMappingByEvent(room, event))?.remoteId ?? ''
    expect(news(lou)).toMatchObject([{ object: { object: { id: post, type: 'Question' } } }])
    await flow.tell(bob.vote(post, me, 'Yes'))
    await flow.minutes(10)
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Update)'])
    expect(news(bob).at(-1)).toMatchObject({ type: 'Update', object: { votersCount: 1 } })
  })

  test('names nobody in the answers of a poll who has not agreed', async () => {
    const text = (words: string) => ({ 'org.matrix.msc1767.text': words })
    const answers = [ann.userId, `not ${ann.userId}`].map((one, id) => ({
      id: String(id),
      ...text(one),
    }))
    const poll = { kind: 'org.matrix.msc3381.poll.disclosed', max_selections: 1, answers }
    const start = { ...poll, question: text('Who?') }
    const content = { 'org.matrix.msc3381.poll.start': start, ...text('Who?') }
    alice.send(room, content, 'org.matrix.msc3381.poll.start')
    await flow.quiet()
    expect(news(lou)).toMatchObject([
      { object: { object: { oneOf: [{ name: 'somebody' }, { name: 'not somebody' }] } } },
    ])
    expect(JSON.stringify(flow.fediverse.deliveries)).not.toContain(ann.userId)
  })

  test('goes to whom it names as well, and each inbox gets each thing once', async () => {
    await say(alice, `hello ${bob.handle}`)
    expect(typesOf(news(bob)).toSorted()).toEqual(['Announce', 'Create'])
    expect(typesOf(news(lou))).toEqual(['Announce(Create)'])
    const ids = flow.fediverse.deliveries.map(
      ({ inbox, activity }) => `${inbox} ${String(activity['id'])}`,
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('is forgotten where the group has told of it, when its author wants that', async () => {
    await say(alice, 'hello all')
    await flow.command(alice, 'forget-me')
    await flow.command(alice, 'forget-me confirm')
    await flow.minutes(2)
    const ends = [bob, lou].map((one) =>
      flow.received(one, 'Delete').some(({ object }) => object === me),
    )
    expect(ends).toEqual([true, true])
    expect(Object.values(flow.rows()).flat().join('\n')).not.toContain('hello all')
  })
})

describe('a moderator', () => {
  test('takes a post out of the group, and leaves it to its author', async () => {
    await agree(flow, room, ann)
    await say(ann, 'buy this')
    const post = await postOf('buy this')
    const announced = news(bob)[0]?.['id']
    alice.redact(room, flow.eventOf(room, 'buy this'))
    await flow.quiet()
    expect(typesOf(news(bob))).toEqual(['Announce', 'Undo'])
    expect(news(bob)[1]).toMatchObject({
      actor: group,
      object: { type: 'Announce', id: announced },
    })
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Delete)'])
    expect(news(lou)[1]).toMatchObject({ object: { actor: group, object: { id: post } } })
    expect(await documentOf(post)).toMatchObject({ content: '<p>buy this</p>' })
    expect(await flow.store.ownBoostsOf(asObjectId(post))).toEqual([])
  })

  test('is nobody whom the room gives no power to', async () => {
    await say(alice, 'hello all')
    const target = flow.eventOf(room, 'hello all')
    // Other homeservers may push what the rules of the room do not allow.
    const answered = flow.push([
      {
        ...{ type: 'm.room.redaction', event_id: '$forged', room_id: room, sender: ann.userId },
        ...{ origin_server_ts: flow.time.now(), redacts: target, content: { redacts: target } },
      },
    ])
    await flow.quiet()
    await answered
    expect(typesOf(news(bob))).toEqual(['Announce'])
    expect(typesOf(news(lou))).toEqual(['Announce(Create)'])
  })
})

describe('what names the group', () => {
  const toGroup = () => ({ extra: { audience: group, to: [everybody], cc: [group] } })

  test('stands in the room by its author, and goes to all who follow', async () => {
    const carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    const line = flow.messages(room).find(({ content }) => content['body'] === 'look at this')
    expect(line?.sender).toBe(flow.ghostOf(carol))
    expect(typesOf(news(bob))).toEqual(['Announce'])
    expect(news(bob)[0]).toMatchObject({ actor: group, object: sent.object })
    expect(news(lou)).toMatchObject([{ type: 'Announce', actor: group, object: sent.activity }])
  })

  test('comes back to its author, as to everybody, in one form', async () => {
    await flow.tell(lou.post({ content: 'look at this', ...toGroup() }))
    await flow.tell(bob.post({ content: 'and this', ...toGroup() }))
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Create)'])
    expect(typesOf(news(bob))).toEqual(['Announce', 'Announce'])
  })

  test('is heard twice and told once', async () => {
    const sent = bob.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent, bob.sign(sent.activity))
    expect(flow.bodies(room).filter((body) => body === 'look at this')).toHaveLength(1)
    expect(typesOf(news(lou))).toEqual(['Announce(Create)'])
  })

  test('changes and ends in both networks', async () => {
    const sent = bob.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    await flow.tell(bob.edit(sent.object, 'look at that'))
    expect(JSON.stringify(flow.messages(room))).toContain('look at that')
    await flow.tell(bob.delete(sent.object))
    await flow.minutes(1)
    expect(JSON.stringify(alice.timeline(room))).not.toContain('look at')
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Update)', 'Announce(Delete)'])
    expect(typesOf(news(bob))).toEqual(['Announce', 'Undo'])
  })

  test('leaves the group when its author shows it to fewer people', async () => {
    const sent = bob.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    const few = { to: [`${bob.id}/followers`], cc: [group] }
    await flow.tell(
      bob.amend(sent.object, {
        ...few,
        updated: new Date(flow.time.now()).toISOString(),
        content: 'for few',
      }),
    )
    expect(typesOf(news(bob))).toEqual(['Announce', 'Undo'])
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Delete)'])
    expect(JSON.stringify(news(lou))).not.toContain('for few')
  })

  test.each(['followers', 'direct'] as const)(
    'and is %s is shown to nobody',
    async (visibility) => {
      const mentions = [{ id: group, name: '@cats' }]
      const before = flow.homeserver.rooms().length
      await flow.tell(bob.post({ content: 'for few', visibility, mentions }))
      expect(flow.bodies(room)).not.toContain('for few')
      expect(flow.homeserver.rooms()).toHaveLength(before)
      expect(news(bob)).toEqual([])
      expect(news(lou)).toEqual([])
    },
  )

  test('of a blocked server is neither shown nor told', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    const carol = flow.account('carol', 'carol.example')
    await flow.command(admin, 'block-domain carol.example')
    await flow.tell(carol.post({ content: 'look at this', ...toGroup() }))
    expect(flow.bodies(room)).not.toContain('look at this')
    expect(news(lou)).toEqual([])
  })

  test('by somebody who wants no bridges is neither shown nor told', async () => {
    const carol = flow.account('carol', 'carol.example')
    carol.profile = { summary: '<p>#nobridge</p>' }
    await flow.tell(carol.post({ content: 'look at this', ...toGroup() }))
    expect(flow.bodies(room)).not.toContain('look at this')
    expect(news(lou)).toEqual([])
  })

  test('by somebody who was banned from the room is neither shown nor told', async () => {
    const carol = flow.account('carol', 'carol.example')
    const first = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(first)
    alice.ban(room, flow.ghostOf(carol))
    await flow.quiet()
    await flow.tell(
      carol.post({ content: 'and this', ...toGroup() }),
      carol.edit(first.object, 'x'),
    )
    expect(flow.bodies(room)).not.toContain('and this')
    expect(typesOf(news(lou))).toEqual(['Announce(Create)'])
    await flow.tell(carol.delete(first.object))
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Delete)'])
  })

  test('in a room that lets the bot bring nobody in is neither shown nor told', async () => {
    alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' })
    alice.setState(room, 'm.room.power_levels', { users: {}, invite: 50 })
    await flow.quiet()
    await flow.tell(bob.post({ content: 'look at this', ...toGroup() }))
    expect(flow.bodies(room)).not.toContain('look at this')
    expect(news(lou)).toEqual([])
    expect(await flow.failures()).toEqual([])
  })
})

describe('an answer to what stands there', () => {
  test('that names the person alone stands in the thread, and is told', async () => {
    await say(alice, 'hello all')
    const parent = await postOf('hello all')
    const mentions = [{ id: me, name: '@alice' }]
    const sent = bob.post({ content: 'hello alice', inReplyTo: parent, mentions })
    await flow.tell(sent)
    const line = flow.messages(room).find(({ content }) => content['body'] === 'hello alice')
    expect(line?.content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: flow.eventOf(room, 'hello all'),
    })
    expect(line?.content['m.mentions']).toEqual({ user_ids: [alice.userId] })
    expect(news(lou).at(-1)).toMatchObject({ actor: group, object: sent.activity })
    // It stands nowhere else.
    expect(flow.invitesOf(alice)).toEqual([])
  })

  test('and is liked, is so at servers of groups', async () => {
    await say(alice, 'hello all')
    const like = bob.like(await postOf('hello all'))
    await flow.tell(like)
    expect(typesOf(news(lou))).toEqual(['Announce(Create)', 'Announce(Like)'])
    await flow.tell(bob.undo(like))
    expect(typesOf(news(lou)).at(-1)).toBe('Announce(Undo)')
    expect(typesOf(news(bob))).toEqual(['Announce'])
  })

  test('by a member goes to its author, and to the group', async () => {
    const carol = flow.account('carol', 'carol.example')
    const extra = { audience: group, to: [everybody], cc: [group] }
    const sent = carol.post({ content: 'look at this', extra })
    await flow.tell(sent)
    alice.reply(room, flow.eventOf(room, 'look at this'), 'nice')
    await flow.quiet()
    expect(flow.received(carol, 'Create')).toMatchObject([
      { actor: me, audience: group, object: { inReplyTo: sent.object } },
    ])
    expect(typesOf(news(bob))).toEqual(['Announce', 'Announce'])
  })
})
