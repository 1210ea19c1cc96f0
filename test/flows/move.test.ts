import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let old: Account
let next: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  old = flow.account('bob', 'old.example')
  next = flow.account('bob', 'new.example')
})
afterEach(() => flow.close())

let count = 0
const moveOf = (from: Account, to: Account): Sent =>
  from.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${from.id}#moves/${++count}`,
    type: 'Move',
    actor: from.id,
    object: from.id,
    target: to.id,
  })

const follows = (account: Account) =>
  flow.received(account, 'Follow').map(({ actor, object }) => [actor, object])

describe('an account that moves, as the new one agrees', () => {
  beforeEach(() => {
    next.profile = { alsoKnownAs: [old.id] }
  })

  test('is followed there by whoever follows it here, who are told once', async () => {
    const portal = await flow.follow(alice, old)
    const carol = flow.user('carol')
    await flow.follow(carol, old)
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    const [a, c] = [await flow.actorOf(alice), await flow.actorOf(carol)]
    expect(follows(next)).toEqual([
      [a, next.id],
      [c, next.id],
    ])
    expect(flow.received(old, 'Undo').map(({ actor }) => actor)).toEqual([a, c])
    expect(flow.bodies(portal)).toEqual([
      '@bob@old.example has moved to @bob@new.example: https://new.example/@bob. Whoever followed it here follows the new account now.',
    ])
    expect(alice.rooms('join')).toContain(portal)
    expect(flow.invitesOf(alice)).toContain(flow.portalOf(next))
    expect(await flow.command(alice, 'following')).toEqual([
      expect.not.stringContaining('old.example'),
    ])
  })

  test('is read where it was read before', async () => {
    await flow.command(alice, `follow ${old.handle} --home --replies`)
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    const me = (await flow.store.findLocalActorByUser(alice.userId))?.id
    const [follow] = me === undefined ? [] : await flow.store.followsOf(me)
    expect(follow).toMatchObject({ followed: next.id, shownIn: 'home', withReplies: true })
  })

  test('moves once a week', async () => {
    await flow.follow(alice, old)
    const further = flow.account('bob', 'further.example')
    further.profile = { alsoKnownAs: [old.id] }
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    await flow.tell(moveOf(old, further), moveOf(old, next))
    await flow.minutes(2)
    expect(follows(further)).toEqual([])
    expect(follows(next)).toHaveLength(1)
  })

  test('takes all its followers with it, also when the bridge dies in between', async () => {
    const users = Array.from({ length: 23 }, (_, index) => flow.user(`user${index}`))
    for (const user of users) await flow.command(user, `follow ${old.handle}`)
    flow.senders.send(moveOf(old, next))
    await flow.time.pass(300)
    flow.crash()
    await flow.minutes(5)
    expect(new Set(follows(next).map(([actor]) => actor)).size).toBe(23)
    expect(follows(next)).toHaveLength(23)
    expect(flow.received(old, 'Undo')).toHaveLength(23)
  })

  test('takes others with it also where one of them cannot be told', async () => {
    const dave = flow.user('dave')
    for (const user of [alice, dave]) await flow.command(user, `follow ${old.handle} --home`)
    const chat = encodeURIComponent(await flow.chat(alice))
    flow.homeserver.injectFaults(({ url, method }) =>
      method === 'PUT' && url.includes(`/rooms/${chat}/send/`) ? 'forbid' : undefined,
    )
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    const users = [await flow.actorOf(alice), await flow.actorOf(dave)]
    expect(follows(next).map(([actor]) => actor)).toEqual(users)
    expect(flow.bodies(await flow.chat(dave)).join()).toContain('has moved to @bob@new.example')
  })

  test('tells whoever a block keeps from it in private, and the room of nobody’s block', async () => {
    const portal = await flow.follow(alice, old)
    const dave = flow.user('dave')
    await flow.follow(dave, old)
    await flow.command(alice, `block ${next.handle}`)
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    expect(flow.bodies(portal)).toEqual([expect.stringContaining('follows the new account now')])
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('which you do not follow')
    expect(flow.bodies(await flow.chat(dave)).join()).not.toContain('blocked')
    expect(follows(next).map(([actor]) => actor)).toEqual([await flow.actorOf(dave)])
  })

  test.each(['', ' --home'])(
    'is read by nobody who went on, also where others follow the old one%s',
    async (where) => {
      const portal = await flow.follow(alice, old)
      await flow.tell(moveOf(old, next))
      await flow.minutes(2)
      await flow.tell(old.post({ content: 'only for some', visibility: 'followers' }))
      expect(flow.bodies(portal).join()).not.toContain('only for some')
      await flow.command(flow.user('dave'), `follow ${old.handle}${where}`)
      await flow.minutes(1)
      expect(alice.rooms('join')).not.toContain(portal)
      await flow.tell(old.post({ content: 'for those who follow', visibility: 'followers' }))
      expect(flow.bodies(portal).join()).toContain('for those who follow')
    },
  )

  test('leaves what somebody follows already as it was', async () => {
    await flow.follow(alice, old)
    await flow.command(alice, `follow ${next.handle} --home --replies`)
    await flow.tell(moveOf(old, next))
    await flow.minutes(2)
    const me = (await flow.store.findLocalActorByUser(alice.userId))?.id
    const all = me === undefined ? [] : await flow.store.followsOf(me)
    expect(all).toMatchObject([{ followed: next.id, shownIn: 'home', withReplies: true }])
    expect(follows(next)).toHaveLength(1)
  })
})

test('an account that moves to one that does not say so stays followed', async () => {
  const portal = await flow.follow(alice, old)
  next.profile = { alsoKnownAs: ['https://elsewhere.example/users/bob'] }
  await flow.tell(moveOf(old, next))
  await flow.minutes(2)
  expect([follows(next), flow.bodies(portal), flow.received(old, 'Undo')]).toEqual([[], [], []])
})

describe('a user who moves away', () => {
  let room: RoomId
  beforeEach(async () => {
    room = await flow.publish(alice)
    await flow.gain(alice, old)
  })

  test('asks first, and only where the new account agrees', async () => {
    const me = await flow.actorOf(alice)
    expect(await flow.command(alice, `move-to ${next.handle} confirm`)).toEqual([
      '@bob@new.example does not say that it is you as well. Add @alice@bridge.example to its aliases in its own settings, then try again.',
    ])
    next.profile = { alsoKnownAs: [me] }
    expect(await flow.command(alice, `move-to ${next.handle}`)).toEqual([
      expect.stringContaining('`move-to @bob@new.example confirm` does it.'),
    ])
    expect(flow.received(old, 'Move')).toEqual([])
    await flow.command(alice, `move-to ${next.handle} confirm`)
    expect(flow.received(old, 'Move')).toMatchObject([{ actor: me, object: me, target: next.id }])
    expect(flow.received(old, 'Update').at(-1)).toMatchObject({ object: { movedTo: next.id } })
  })

  test('hears that an account of this server is neither an alias nor a place to move to', async () => {
    const carol = flow.user('carol')
    await flow.command(carol, 'register')
    expect([
      await flow.command(alice, 'alias add @carol@bridge.example'),
      await flow.command(alice, 'move-to @carol@bridge.example'),
    ]).toEqual([
      ['That account is on this server; an alias is an account elsewhere.'],
      ['That account is on this server; you can move only to one elsewhere.'],
    ])
  })

  test('hears what to do where there is nothing to move or no alias to take back', async () => {
    const carol = flow.user('carol')
    expect([
      await flow.command(carol, `move-to ${next.handle}`),
      await flow.command(carol, 'alias'),
      await flow.command(alice, `alias remove ${next.handle}`),
    ]).toEqual([
      [
        'There is nothing to move: nobody on the fediverse knows you yet. `register` gives you an account.',
      ],
      ['You have said of no other account that it is yours. `alias add @user@host` does.'],
      ['@bob@new.example is no alias of yours. `alias` lists those that are.'],
    ])
  })

  test('publishes nothing more and gains nobody, until they come back', async () => {
    const me = await flow.actorOf(alice)
    next.profile = { alsoKnownAs: [me] }
    await flow.command(alice, `move-to ${next.handle} confirm`)
    alice.say(room, 'still here')
    await flow.quiet()
    expect(flow.bodies(room).at(-1)).toContain('your account has moved')
    const said = await flow.command(alice, 'post still here')
    await flow.gain(alice, next)
    expect([flow.received(old, 'Create'), flow.received(next, 'Accept')]).toEqual([[], []])
    expect(flow.received(next, 'Reject')).toHaveLength(1)
    expect(said.join()).toContain('moved')
    expect(await flow.command(alice, 'boost')).toEqual([expect.stringContaining('has moved')])
    await flow.command(alice, 'move-to cancel')
    expect(flow.received(old, 'Update').at(-1)).not.toMatchObject({ object: { movedTo: next.id } })
    await flow.command(alice, 'post back again')
    expect(flow.received(old, 'Create')).toHaveLength(1)
  })

  test('reads that an edit goes nowhere, and can delete what they wrote', async () => {
    const me = await flow.actorOf(alice)
    next.profile = { alsoKnownAs: [me] }
    alice.say(room, 'hello')
    await flow.quiet()
    await flow.command(alice, `move-to ${next.handle} confirm`)
    const said = flow.eventOf(room, 'hello')
    alice.edit(room, said, 'hello all')
    await flow.quiet()
    expect(flow.bodies(room).at(-1)).toContain('Not sent: your account has moved')
    alice.redact(room, said)
    await flow.quiet()
    expect(flow.received(old, 'Delete')).toHaveLength(1)
  })
})

test('an alias is told to the followers, and taken back', async () => {
  await flow.publish(alice)
  await flow.gain(alice, next)
  await flow.command(alice, `alias add ${old.handle}`)
  const told = () =>
    (flow.received(next, 'Update').at(-1)?.['object'] as { alsoKnownAs?: unknown }).alsoKnownAs
  expect(told()).toEqual([old.id])
  expect(await flow.command(alice, 'alias')).toEqual([
    'These accounts are yours too: @bob@old.example.',
  ])
  await flow.command(alice, `alias remove ${old.handle}`)
  expect(told()).toBeUndefined()
})
