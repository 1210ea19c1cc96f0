import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { asObjectId } from '../../src/model/ids.ts'
import { everybody } from '../fakes/fediverse.ts'
import { accountOn, agree, openGroup, typesOf } from './group-stage.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let ann: FakeUser
let room: RoomId
let group: string
/** Follow the group: a microblog, and a server of groups. */
let bob: Account
let lou: Account
let louFollows: Sent

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  ann = flow.user('ann')
  ;({ roomId: room, id: group } = await openGroup(flow, alice, ann))
  await agree(flow, room, alice)
  bob = accountOn(flow, 'bob', 'mastodon')
  lou = accountOn(flow, 'lou', 'lemmy')
  louFollows = lou.follow(group)
  await flow.tell(bob.follow(group), louFollows)
})
afterEach(() => {
  expect(flow.fediverse.refusals).toEqual([])
  flow.close()
})

const newsOf = (account: Account): readonly string[] =>
  typesOf(flow.received(account)).filter((type) => type !== 'Accept')

/** The post that Alice wrote in the room. */
async function said(words: string): Promise<string> {
  alice.say(room, words)
  await flow.quiet()
  const mapping = await flow.store.findMappingByEvent(room, flow.eventOf(room, words))
  if (mapping === undefined) throw new Error(`nobody published ${words}`)
  return mapping.remoteId
}

const toGroup = () => ({ extra: { audience: group, to: [everybody], cc: [group] } })

describe('what somebody of another server says over and over', () => {
  test('is a post that the group told of, and nothing new', async () => {
    const carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    for (let n = 0; n < 3; n++)
      await flow.tell(carol.sign({ ...sent.activity, id: `${carol.id}/creates/${n}` }))
    expect(newsOf(lou)).toEqual(['Announce(Create)'])
    expect(newsOf(bob)).toEqual(['Announce'])
  })

  test('is whole for once where the post was only boosted before', async () => {
    await flow.tell(lou.undo(louFollows))
    const carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    await flow.tell(lou.follow(group))
    for (let n = 0; n < 3; n++)
      await flow.tell(carol.sign({ ...sent.activity, id: `${carol.id}/creates/${n}` }))
    expect(newsOf(lou)).toEqual(['Announce(Create)'])
    expect(newsOf(bob)).toEqual(['Announce'])
  })

  test('is passed on so often of one server in a day, from whichever account', async () => {
    const post = await said('hello all')
    const day = Math.floor(flow.time.now() / 86_400_000)
    const others = Array.from(
      { length: 1_999 },
      (_, n) =>
        ({ change: 'mark', key: `passed on ${day} many.example ${n}`, value: '', at: 1 }) as const,
    )
    await flow.store.commit(others)
    await flow.tell(flow.account('one', 'many.example').like(post))
    await flow.tell(flow.account('two', 'many.example').like(post))
    await flow.tell(flow.account('three', 'more.example').like(post))
    expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Like)', 'Announce(Like)'])
  })
})

describe('what is passed on', () => {
  const kept = () => [flow.rows()['activity']?.length, flow.rows()['forwarded']?.length]

  test('is kept no longer than it is on its way', async () => {
    const post = await said('hello all')
    await flow.tell(bob.like(post))
    expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Like)'])
    const announces = () => flow.rows()['activity']?.filter((row) => row.includes('Announce'))
    expect(announces()).toHaveLength(3)
    expect(flow.rows()['forwarded']).toHaveLength(1)
    await flow.hours(24 * 9)
    expect(announces()).toEqual([expect.stringContaining(post)])
    expect(flow.rows()['forwarded']).toEqual([])
  })

  test('is nothing where no follower reads it', async () => {
    await flow.tell(lou.undo(louFollows))
    const post = await said('hello all')
    const before = kept()
    await flow.tell(bob.like(post))
    expect(kept()).toEqual(before)
    const marks = flow.rows()['mark'] ?? []
    expect(marks.filter((row) => row.includes('passed on'))).toEqual([])
    expect(newsOf(bob)).toEqual(['Announce'])
  })
})

test('a server of groups is known as one after a season in which nothing was said', async () => {
  const now = flow.time.now() + 1
  await flow.store.prune({ kind: 'servers', limit: 100, before: now, now, isDry: false })
  await said('hello again')
  expect(newsOf(lou)).toEqual(['Announce(Create)'])
  expect(newsOf(bob)).toEqual(['Announce'])
})

test('while the bot is put out, a group passes on the end of what it told of, and nothing else', async () => {
  const carol = flow.account('carol', 'carol.example')
  const sent = carol.post({ content: 'look at this', ...toGroup() })
  await flow.tell(sent)
  alice.kick(room, bot)
  await flow.minutes(1)
  await flow.tell(bob.like(sent.object), carol.edit(sent.object, 'look at that'))
  expect(newsOf(lou)).toEqual(['Announce(Create)'])
  await flow.tell(carol.delete(sent.object))
  expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Delete)'])
})

describe('a server of groups that follows no more', () => {
  test('hears of the new words and the end of what it got, and of nothing else', async () => {
    await said('hello all')
    await flow.tell(lou.undo(louFollows))
    await said('not for you')
    alice.edit(room, flow.eventOf(room, 'hello all'), 'hello everybody')
    await flow.quiet()
    alice.redact(room, flow.eventOf(room, 'hello all'))
    await flow.quiet()
    expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Update)', 'Announce(Delete)'])
    expect(newsOf(bob)).toEqual(['Announce', 'Announce', 'Update', 'Delete'])
  })

  test('hears so of what somebody of another server wrote', async () => {
    const carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    await flow.tell(lou.undo(louFollows))
    await flow.tell(carol.edit(sent.object, 'look at that'), bob.like(sent.object))
    await flow.tell(carol.delete(sent.object))
    expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Update)', 'Announce(Delete)'])
  })
})

describe('whom the author has blocked', () => {
  test.each(['block lou.example', 'block @lou@lou.example'])(
    'by %s reads nothing of theirs in the group but its end',
    async (command) => {
      await said('hello all')
      await flow.command(alice, command)
      await said('not for you')
      alice.edit(room, flow.eventOf(room, 'hello all'), 'hello everybody')
      await flow.quiet()
      expect(newsOf(lou).filter((type) => type !== 'Block')).toEqual(['Announce(Create)'])
      alice.redact(room, flow.eventOf(room, 'hello all'))
      await flow.quiet()
      expect(newsOf(lou).at(-1)).toBe('Announce(Delete)')
      expect(JSON.stringify(flow.received(lou))).not.toContain('hello everybody')
      expect(newsOf(bob)).toEqual(['Announce', 'Announce', 'Update', 'Delete'])
    },
  )

  test.each(['mastodon', 'lemmy'])(
    'while it waits for their server, %s, reads it no more',
    async (software) => {
      const server = flow.fediverse.server('alone.example', { hasSharedInbox: false })
      Object.assign(server, { software })
      const carl = flow.account('carl', 'alone.example')
      await flow.tell(carl.follow(group))
      server.isAway = true
      await said('not for you')
      await flow.command(alice, `block ${carl.handle}`)
      server.isAway = false
      await flow.hours(6)
      expect(newsOf(carl).filter((type) => type.startsWith('Announce'))).toEqual([])
      expect(JSON.stringify(flow.received(carl))).not.toContain('not for you')
      alice.redact(room, flow.eventOf(room, 'not for you'))
      await flow.hours(6)
      expect(newsOf(carl).at(-1)).toBe(software === 'lemmy' ? 'Announce(Delete)' : 'Delete')
    },
  )

  test('gets boosts of what others write alone, unless somebody else at its inbox gets all', async () => {
    const [bea, cleo] = [flow.account('bea', 'bob.example'), flow.account('cleo', 'cleo.example')]
    await flow.tell(bea.follow(group), cleo.follow(group))
    await flow.command(alice, `block ${bob.handle}`)
    await flow.command(alice, `block ${cleo.handle}`)
    await agree(flow, room, ann)
    const post = await said('hello all')
    ann.say(room, 'from Ann')
    await flow.quiet()
    const boosted = (who: Account) => flow.received(who, 'Announce').map(({ object }) => object)
    expect(boosted(bea)).toHaveLength(2)
    expect(boosted(bea)).toContain(post)
    expect(boosted(cleo)).toHaveLength(1)
    expect(boosted(cleo)).not.toContain(post)
  })
})

test('what a moderator took one message of out stays out, whatever its author does', async () => {
  const carol = flow.account('carol', 'carol.example')
  const attachment = [1, 2].map((n) => ({
    ...{ type: 'Document', mediaType: 'image/png' },
    url: `https://carol.example/files/${n}.png`,
  }))
  const extra = { ...toGroup().extra, attachment }
  const sent = carol.post({ content: 'look at this', extra })
  await flow.tell(sent)
  const lines = flow.messages(room).filter(({ sender }) => sender === flow.ghostOf(carol))
  expect(lines).toHaveLength(2)
  for (const { eventId } of lines.slice(1)) alice.redact(room, eventId)
  await flow.quiet()
  expect(newsOf(bob)).toEqual(['Announce', 'Undo'])
  await flow.tell(carol.edit(sent.object, 'look at that'))
  await flow.tell(carol.sign({ ...sent.activity, id: `${carol.id}/creates/again` }))
  await flow.tell(bob.like(sent.object))
  expect(newsOf(bob)).toEqual(['Announce', 'Undo'])
  expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Delete)'])
})

test('what comes while the bot is put out of the room is neither shown nor told', async () => {
  const inReplyTo = await said('hello all')
  alice.kick(room, bot)
  await flow.quiet()
  const before = flow.messages(room)
  // Everybody may join the room: ghosts, too.
  await flow.tell(bob.post({ content: 'look at this', ...toGroup() }))
  await flow.tell(lou.post({ content: 'an answer', inReplyTo, ...toGroup() }))
  expect(flow.messages(room)).toEqual(before)
  expect(flow.homeserver.members(room, 'join')).toEqual([alice.userId, ann.userId])
  expect(newsOf(lou)).toEqual(['Announce(Create)'])
  alice.invite(room, bot)
  await flow.quiet()
  await flow.tell(bob.post({ content: 'and this', ...toGroup() }))
  expect(flow.bodies(room)).toContain('and this')
  expect(await flow.failures()).toEqual([])
})

test('what answers a post that a moderator took out stands there only where it names the group', async () => {
  await agree(flow, room, ann)
  ann.say(room, 'buy this')
  await flow.quiet()
  const event = flow.eventOf(room, 'buy this')
  const inReplyTo = (await flow.store.findMappingByEvent(room, event))?.remoteId ?? ''
  alice.redact(room, event)
  await flow.quiet()
  await flow.tell(bob.post({ content: 'a bargain', inReplyTo }))
  expect(flow.bodies(room)).not.toContain('a bargain')
  expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Delete)'])
  await flow.tell(bob.post({ content: 'to all', inReplyTo, ...toGroup() }))
  expect(flow.bodies(room).join()).toContain('to all')
  expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Delete)', 'Announce(Create)'])
})

describe('who can say nothing in the room', () => {
  let post: string
  let carol: Account

  beforeEach(async () => {
    await agree(flow, room, ann)
    post = await said('hello all')
    carol = flow.account('carol', 'carol.example')
  })

  async function expectHeardByAnn(): Promise<void> {
    const rooms = () => [...ann.rooms('invite'), ...ann.rooms('join')]
    const [before, told] = [rooms(), newsOf(lou)]
    const mentions = [{ id: await flow.actorOf(ann), name: '@ann' }]
    await flow.tell(carol.post({ content: 'dear ann', inReplyTo: post, mentions }))
    await flow.tell(carol.post({ content: 'dear all', inReplyTo: post, ...toGroup() }))
    const fresh = rooms().filter((roomId) => !before.includes(roomId))
    expect(fresh.map((roomId) => flow.bodies(roomId).length)).toEqual([1])
    expect(flow.bodies(room).join()).not.toContain('dear')
    expect(newsOf(lou)).toEqual(told)
    expect(await flow.failures()).toEqual([])
  }

  test('as a moderator has banned them is heard by whom they name', async () => {
    await flow.tell(carol.post({ content: 'first', inReplyTo: post }))
    alice.ban(room, flow.ghostOf(carol))
    await flow.quiet()
    await expectHeardByAnn()
  })

  test('as nobody can be brought in is heard by whom they name', async () => {
    alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' })
    alice.setState(room, 'm.room.power_levels', { users: {}, invite: 50 })
    await flow.quiet()
    await expectHeardByAnn()
  })
})

describe('of somebody who is not to be bridged any more', () => {
  let carol: Account
  let post: string

  beforeEach(async () => {
    carol = flow.account('carol', 'carol.example')
    const sent = carol.post({ content: 'look at this', ...toGroup() })
    await flow.tell(sent)
    post = sent.object
  })

  async function expectOut(): Promise<void> {
    expect(newsOf(bob)).toEqual(['Announce', 'Undo'])
    expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Delete)'])
    expect(await flow.store.ownBoostsOf(asObjectId(post))).toEqual([])
    expect(flow.bodies(room)).not.toContain('look at this')
    await flow.tell(bob.like(post))
    expect(newsOf(lou)).toHaveLength(2)
  }

  test('by their own word, nothing stays in the group', async () => {
    carol.profile = { summary: '<p>#nobridge</p>' }
    await flow.tell(carol.updateProfile(carol.profile))
    await flow.minutes(30)
    await expectOut()
  })

  test('by an admin, nothing stays in the group', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    await flow.command(admin, `suspend ${carol.handle}`)
    await flow.minutes(30)
    await expectOut()
  })

  test('since their domain is blocked, reactions to what they wrote are not told', async () => {
    const admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    await flow.command(admin, 'block-domain carol.example')
    await flow.tell(bob.like(post))
    expect(newsOf(lou)).toEqual(['Announce(Create)'])
  })
})

test('posts from a silenced domain stand there of those alone who follow the group', async () => {
  const admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  const loud = flow.account('loud', 'loud.example')
  const louder = flow.account('louder', 'loud.example')
  await flow.tell(loud.follow(group))
  await flow.command(admin, 'block-domain loud.example --silence')
  const post = await said('hello all')
  await flow.tell(louder.post({ content: 'of a stranger', ...toGroup() }))
  await flow.tell(louder.post({ content: 'an answer of one', inReplyTo: post }))
  await flow.tell(loud.post({ content: 'of a follower', ...toGroup() }))
  await flow.tell(loud.post({ content: 'an answer of one who follows', inReplyTo: post }))
  expect(flow.bodies(room).join()).not.toMatch(/of a stranger|an answer of one\b(?! who)/)
  expect(flow.bodies(room)).toContain('of a follower')
  expect(flow.bodies(room)).toContain('an answer of one who follows')
  expect(newsOf(bob)).toEqual(['Announce', 'Announce', 'Announce'])
})

test('reactions from a silenced domain are told of those alone who follow the group', async () => {
  const admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  const loud = flow.account('loud', 'loud.example')
  const louder = flow.account('louder', 'loud.example')
  await flow.tell(loud.follow(group))
  const post = await said('hello all')
  await flow.command(admin, 'block-domain loud.example --silence')
  await flow.tell(louder.like(post))
  expect(newsOf(lou)).toEqual(['Announce(Create)'])
  await flow.tell(loud.like(post))
  expect(newsOf(lou)).toEqual(['Announce(Create)', 'Announce(Like)'])
})
