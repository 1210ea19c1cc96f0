import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

/** What policy lists cannot do, and what becomes of them when things go wrong. */

let flow: Flow
let admin: FakeUser
let alice: FakeUser
let keeper: FakeUser
let bob: Account
let list: RoomId
const name = '#bans:hs.test'

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  alice = flow.user('alice')
  keeper = flow.homeserver.addUser('@keeper:keepers.example')
  bob = flow.account('bob', 'social.bad.example')
  list = keeper.createRoom({ preset: 'public_chat', room_alias_name: 'bans' })
  await flow.chat(admin)
  await flow.chat(alice)
}
beforeEach(() => begin())
afterEach(() => flow.close())

const ban = (entity: string) => ({ entity, recommendation: 'm.ban', reason: 'spam' })
const put = async (kind: string, entity: string): Promise<void> => {
  keeper.setState(list, `m.policy.rule.${kind} rule:${entity}`, ban(entity))
  await flow.quiet()
}
const drop = async (kind: string, entity: string): Promise<void> => {
  keeper.setState(list, `m.policy.rule.${kind} rule:${entity}`, {})
  await flow.quiet()
}
const ask = async (line: string) => (await flow.command(admin, line)).at(-1) ?? ''
const add = () => ask(`policy-list add ${name}`)
const told = async () => flow.bodies(await flow.chat(admin)).join('\n')
const isOut = async (user: FakeUser): Promise<boolean> =>
  (await flow.command(user, 'whoami')).join().includes('has not enabled')
const hears = async (portal: RoomId, content: string): Promise<boolean> => {
  await flow.tell(bob.post({ content }))
  await flow.minutes(1)
  return flow.bodies(portal).includes(content)
}

describe('nobody is meant who runs this', () => {
  test.each([
    ['user', '@apbot:hs.test', 'it names me'],
    ['user', '*', 'it names me'],
    ['user', '@*:hs.test', 'it names me'],
    ['user', '@[a-z]*', undefined],
    ['user', '@_ap_*', 'it names everybody whom I bring here'],
    ['user', '@admin:hs.test', 'it names an admin of this bridge'],
    ['server', 'hs.test', 'it names this server'],
    ['server', '*.test', 'it names this server'],
    ['server', 'bridge.example', 'it names this server'],
    ['server', 'EXAMPLE', 'it names this server'],
    ['room', '!*', 'it names every room on this server'],
  ])('by a rule for the %s %s', async (kind, entity, why) => {
    await add()
    await put(kind, entity)
    await flow.minutes(1)
    expect(await isOut(alice)).toBe(false)
    expect(await ask('whoami')).not.toContain('has not enabled')
    const shown = await ask(`policy-list show ${name}`)
    const reason = why === undefined ? '' : `: not taken, because ${why}`
    expect(shown).toContain(reason)
    if (why === undefined) return
    expect(await told()).toContain(
      `Of the list #bans:hs.test I do not take the rule for the ${kind} ${entity.toLowerCase()}, because ${why}. \`policy-list show #bans:hs.test\` shows all of it.`,
    )
  })

  test('an admin whom a pattern fits stays one, the others of it are out; admins read it', async () => {
    await add()
    await put('user', '@a*n*:hs.test')
    await flow.minutes(1)
    const anna = flow.user('anna')
    const dm = anna.createDm(bot)
    await flow.minutes(1)
    expect(flow.bodies(dm)).toEqual([])
    expect(await ask('whoami')).not.toContain('has not enabled')
    expect(await told()).toContain('It does not hold for @admin:hs.test, who is an admin here.')
  })

  test('rooms of admins, and rooms of lists, are not left', async () => {
    await add()
    const chat = await flow.chat(admin)
    await put('room', chat)
    await put('room', list)
    await flow.minutes(1)
    expect(flow.homeserver.members(chat, 'join')).toContain(bot)
    expect(flow.homeserver.members(list, 'join')).toContain(bot)
    expect(await ask('whoami')).not.toBe('')
  })
})

describe('what stands beside a list', () => {
  test('a block by an admin stays when the list drops its rule, and the other way round', async () => {
    const portal = await flow.follow(alice, bob)
    await ask('block-domain bad.example by hand')
    await add()
    await put('server', 'bad.example')
    await drop('server', 'bad.example')
    expect(await hears(portal, 'first')).toBe(false)
    await put('server', 'bad.example')
    expect(await ask('unblock-domain bad.example')).toBe(
      'bad.example has no block of its own any more. bad.example is blocked, and all below it, by the list #bans:hs.test: nothing comes from there, and nothing goes there.',
    )
    expect(await hears(portal, 'second')).toBe(false)
    await drop('server', 'bad.example')
    expect(await hears(portal, 'third')).toBe(true)
    const blocked = flow.bodies(portal).filter((body) => body.includes('has blocked'))
    expect(blocked).toHaveLength(1)
  })

  test('an account that an admin has suspended, too, comes only when both let it', async () => {
    await flow.follow(alice, bob)
    const entity = flow.ghostOf(bob)
    await ask(`suspend ${bob.handle}`)
    await add()
    await put('user', entity)
    expect(await ask(`unsuspend ${bob.handle}`)).toContain(
      'is still suspended by the list #bans:hs.test (spam)',
    )
    expect((await flow.command(alice, `follow ${bob.handle}`)).at(-1)).toContain('has suspended')
    await ask(`suspend ${bob.handle}`)
    await drop('user', entity)
    expect((await flow.command(alice, `follow ${bob.handle}`)).at(-1)).toContain('has suspended')
    expect(await ask(`unsuspend ${bob.handle}`)).toContain('may come again')
  })

  test('what an admin lets in is in, whatever the list says', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    await put('server', 'bad.example')
    await ask('allow-domain social.bad.example')
    expect(await hears(portal, 'let in')).toBe(true)
  })

  test('another list with the same rule', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    await put('server', 'bad.example')
    list = keeper.createRoom({ preset: 'public_chat', room_alias_name: 'more' })
    await put('server', 'bad.example')
    await ask('policy-list add #more:hs.test')
    await ask(`policy-list remove ${name}`)
    expect(await hears(portal, 'first')).toBe(false)
    await ask('policy-list remove #more:hs.test')
    expect(await hears(portal, 'second')).toBe(true)
  })

  test('with an allow list, only servers come in that an admin names', async () => {
    flow.close()
    await begin({ moderation: { allowListOnly: true } })
    await ask('allow-domain bad.example')
    const portal = await flow.follow(alice, bob)
    await add()
    await put('server', 'social.bad.example')
    expect(await hears(portal, 'unheard')).toBe(false)
    await drop('server', 'social.bad.example')
    expect(await hears(portal, 'heard')).toBe(true)
  })
})

describe('forged', () => {
  const head = { sender: '@mallory:hs.test', origin_server_ts: 1, room_id: '' }

  test('events, or those of other rooms, make no rule', async () => {
    await add()
    const type = 'm.policy.rule.user'
    const mallory = flow.user('mallory')
    mallory.join(list)
    mallory.send(list, ban(alice.userId), type)
    expect(() => mallory.setState(list, `${type} rule:x`, ban(alice.userId))).toThrow()
    const other = mallory.createRoom({ preset: 'public_chat', invite: [bot] })
    mallory.setState(other, `${type} rule:x`, ban(alice.userId))
    const pushed = flow.push([
      {
        ...head,
        room_id: list,
        event_id: '$forged',
        type,
        state_key: 'x',
        content: ban(alice.userId),
      },
      {
        ...head,
        room_id: list,
        event_id: '$gone',
        type: 'm.room.tombstone',
        state_key: '',
        content: { replacement_room: other },
      },
    ])
    await flow.minutes(1)
    await pushed
    expect(await isOut(alice)).toBe(false)
    expect(await ask('policy-list')).toContain(`${list}: 0 rules`)
    expect(await flow.failures()).toEqual([])
  })

  test('a tombstone that leads to a room which does not come after is not followed', async () => {
    await add()
    await put('user', alice.userId)
    const other = keeper.createRoom({ preset: 'public_chat' })
    keeper.setState(list, 'm.room.tombstone ', { replacement_room: other })
    await flow.minutes(1)
    await flow.hours(30)
    expect(await isOut(alice)).toBe(true)
    expect(flow.homeserver.members(other, 'join')).toEqual([keeper.userId])
    const heard = (await told()).split('which does not say that it comes after this one')
    expect(heard).toHaveLength(2)
  })
})

describe('a list lives on', () => {
  test('in the room that replaces its own, without a moment between', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    await put('server', 'bad.example')
    const next = keeper.createRoom({
      preset: 'public_chat',
      creation_content: { predecessor: { room_id: list } },
    })
    keeper.setState(next, 'm.policy.rule.server rule', ban('bad.example'))
    keeper.setState(list, 'm.room.tombstone ', { replacement_room: next })
    await flow.minutes(1)
    expect(await ask('policy-list')).toContain(`#bans:hs.test in ${next}: 1 rule`)
    expect(flow.homeserver.members(list, 'join')).not.toContain(bot)
    keeper.setState(next, 'm.policy.rule.server rule', {})
    await flow.quiet()
    expect(await hears(portal, 'again')).toBe(true)
    const news = flow.bodies(portal).filter((body) => body.includes('blocked'))
    expect(news).toHaveLength(2)
    expect(await flow.failures()).toEqual([])
  })

  test('in a closed one, once the bot is invited there', async () => {
    await add()
    await put('user', alice.userId)
    const next = keeper.createRoom({ creation_content: { predecessor: { room_id: list } } })
    keeper.setState(list, 'm.room.tombstone ', { replacement_room: next })
    await flow.minutes(1)
    expect(await told()).toContain('where I am not: it lets me in only by an invite')
    expect(await isOut(alice)).toBe(true)
    keeper.invite(next, bot)
    await flow.minutes(1)
    expect(await isOut(alice)).toBe(false)
    expect(await ask('policy-list')).toContain(`in ${next}: 0 rules`)
  })

  test.each(['kick', 'ban'] as const)(
    'after a %s of the bot its rules stay; admins read it once',
    async (how) => {
      await add()
      await put('user', alice.userId)
      keeper[how](list, bot)
      await flow.hours(50)
      expect(await isOut(alice)).toBe(true)
      expect(
        (await told()).split('I am not in its room. The rules that I know of it stay in force.'),
      ).toHaveLength(2)
      expect(flow.homeserver.members(list, 'join')).not.toContain(bot)
      await ask(`policy-list remove ${name}`)
      expect(await isOut(alice)).toBe(false)
      expect(await flow.failures()).toEqual([])
    },
  )

  test('after a crash at the wrong moment, and what changed meanwhile counts', async () => {
    await add()
    await put('user', alice.userId)
    await put('server', 'bad.example')
    flow.crash(3_600_000)
    keeper.setState(list, `m.policy.rule.user rule:${alice.userId}`, {})
    await flow.hours(2)
    expect(await isOut(alice)).toBe(false)
    const portal = await flow.follow(flow.user('dora'), flow.account('c', 'good.example'))
    expect(flow.bodies(portal).join()).not.toContain('blocked')
    expect(await ask('policy-list')).toContain('1 rule (1 for servers)')
    flow.crash(1_000)
    await flow.minutes(1)
    expect(await ask(`follow ${bob.handle}`)).toContain('has blocked bad.example')
    expect(await flow.failures()).toEqual([])
  })
})

test('the room where admins read reports is never meant', async () => {
  await flow.command(alice, 'register')
  const complaint = { id: 'https://social.bad.example/flags/1', type: 'Flag', actor: bob.id }
  const context = 'https://www.w3.org/ns/activitystreams'
  const object = [await flow.actorOf(alice)]
  await flow.tell(bob.sign({ '@context': context, ...complaint, object }))
  const { roomId } = (await flow.store.findPortal({ kind: 'moderation' })) ?? {}
  if (roomId === undefined) throw new Error('nobody was told')
  await add()
  await put('room', `${roomId.slice(0, 12)}*`)
  await flow.minutes(1)
  expect(flow.homeserver.members(roomId, 'join')).toContain(bot)
  expect(await flow.failures()).toEqual([])
})

test('a list that is ended while its room is read stays ended', async () => {
  await add()
  await put('user', alice.userId)
  flow.homeserver.injectFaults(({ url }) => {
    if (url.endsWith(`${encodeURIComponent(list)}/state`))
      void flow.store.commit([{ change: 'remove-policy-list', roomId: list }])
    return undefined
  })
  await put('server', 'bad.example')
  await flow.minutes(10)
  expect(await flow.store.policyLists()).toEqual([])
  expect(await isOut(alice)).toBe(false)
  expect(await flow.failures()).toEqual([])
})

test('a rule for an address that comes again on the same day counts again', async () => {
  const hall = alice.createRoom({ preset: 'public_chat', room_alias_name: 'hall' })
  const isLetIn = async (): Promise<boolean> => {
    alice.invite(hall, bot)
    await flow.minutes(1)
    return flow.homeserver.members(hall, 'join').includes(bot)
  }
  await add()
  await put('room', '#hall:hs.test')
  await flow.minutes(1)
  await drop('room', '#hall:hs.test')
  await put('room', '#hall:hs.test')
  await flow.minutes(1)
  expect(await isLetIn()).toBe(false)
})

test('thousands of rules are taken in one reading, and read again without a change', async () => {
  for (let n = 0; n < 2_000; n += 1)
    keeper.setState(
      list,
      `m.policy.rule.user rule:${n}`,
      ban(n % 2 === 0 ? `@u${n}:x.test` : `@u${n}*:x.test`),
    )
  await put('server', 'bad.example')
  expect(await add()).toContain('2001 rules (2000 for users, 1 for servers)')
  const rows = () => flow.rows()['policy_rule']
  const before = rows()
  expect(before).toHaveLength(2_001)
  await put('server', 'worse.example')
  await drop('server', 'worse.example')
  expect(rows()).toEqual(before)
  expect(await ask('user @u1999zz:x.test')).toContain('`none`')
  expect(await isOut(alice)).toBe(false)
  expect(await flow.failures()).toEqual([])
})
