import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let admin: FakeUser
let alice: FakeUser
/** Who keeps the list, on another homeserver. */
let keeper: FakeUser
let bob: Account
let list: RoomId
const name = '#bans:hs.test'

beforeEach(async () => {
  flow = await createFlow()
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  alice = flow.user('alice')
  keeper = flow.homeserver.addUser('@keeper:keepers.example')
  bob = flow.account('bob', 'social.bad.example')
  list = keeper.createRoom({ preset: 'public_chat', room_alias_name: 'bans' })
  await flow.chat(admin)
  await flow.chat(alice)
})
afterEach(() => flow.close())

type Rule = { readonly entity: string; readonly reason?: string; readonly recommendation?: string }

const put = async (kind: string, rule: Rule, type = 'm.policy.rule'): Promise<void> => {
  const content = { recommendation: 'm.ban', ...rule }
  keeper.setState(list, `${type}.${kind} rule:${rule.entity}`, content)
  await flow.quiet()
}
const drop = async (kind: string, entity: string): Promise<void> => {
  keeper.setState(list, `m.policy.rule.${kind} rule:${entity}`, {})
  await flow.quiet()
}
const ask = async (line: string) => (await flow.command(admin, line)).at(-1) ?? ''
const add = () => ask(`policy-list add ${name}`)

describe('a list', () => {
  test('is followed by its address, shown with its rules and reasons, and ended', async () => {
    await put('server', { entity: 'bad.example', reason: 'spam' })
    await put('user', { entity: '@eve:other.test' })
    await put('user', { entity: '@mild:other.test', recommendation: 'm.mute' })
    expect(await add()).toBe(
      'Following the list `#bans:hs.test`: 2 rules (1 for users, 1 for servers), 1 passed over. What changes there holds at once; `policy-list remove #bans:hs.test` takes all of it back.',
    )
    expect(await ask('policy-list')).toMatch(
      /^Policy lists that are followed:\n#bans:hs.test in !\S+: 2 rules \(1 for users, 1 for servers\), 1 passed over; read on /,
    )
    expect(await ask(`policy-list show ${name}`)).toBe(
      'Rules of the list #bans:hs.test (2):\nserver `bad.example` (spam)\nuser `@eve:other.test`',
    )
    expect(await ask('unblock-domain social.bad.example')).toContain(
      'is blocked by the list #bans:hs.test',
    )
    expect(await ask(`policy-list remove ${list}`)).toBe(
      'The list `#bans:hs.test` is not followed any more, and nothing that it alone named is kept away.',
    )
    expect(await ask('policy-list')).toContain('No policy list is followed.')
    expect(await flow.store.findDomainBlock('bad.example')).toBeUndefined()
    await flow.minutes(1)
    expect(flow.homeserver.members(list, 'join')).not.toContain(bot)
    expect(await flow.failures()).toEqual([])
  })

  test('turns no line around that shows what it names', async () => {
    await put('user', { entity: '@\u202eeve*:other.test' })
    await put('user', { entity: `@\u202e*` })
    const added = await add()
    await flow.minutes(1)
    const told = [
      added,
      await ask(`policy-list show ${name}`),
      ...flow.bodies(await flow.chat(admin)),
    ]
    expect(told.join()).toContain('eve*:other.test')
    expect(told.join()).not.toContain('\u202e')
  })

  test.each([
    ['policy-list add', 'It is written like this'],
    ['policy-list add nonsense', 'It is written like this'],
    ['policy-list add @alice:hs.test', 'It is written like this'],
    ['policy-list shew #a:b', 'It is written like this'],
    ['policy-list show #a:b', 'is not followed'],
    ['policy-list remove #a:b', 'is not followed'],
    ['policy-list add #none:hs.test', 'I cannot join `#none:hs.test`: no room is known'],
    ['policy-list add !none', 'Name a server that is in it'],
    ['policy-list add https://matrix.to/#/%23none:hs.test?via=x', 'I cannot join `#none:hs.test`'],
  ])('%s', async (line, answer) => {
    expect(await ask(line)).toContain(answer)
    expect(await flow.store.policyLists()).toEqual([])
  })

  test('is followed from the terminal too, and by admins alone', async () => {
    const typed = await flow.typed(['policy-list', 'add', name])
    expect(typed).toEqual({ end: 'done', text: expect.stringContaining('Following the list') })
    await put('user', { entity: alice.userId })
    expect((await flow.command(alice, 'whoami')).join()).toContain('has not enabled')
    expect((await flow.command(flow.user('dora'), 'policy-list')).join()).toContain('do not know')
  })

  test('that lets nobody in is waited for, and read once somebody invites the bot', async () => {
    list = keeper.createRoom({ preset: 'private_chat' })
    await put('user', { entity: alice.userId })
    expect(await ask(`policy-list add ${list}`)).toContain(
      'yet: it lets me in only by an invite, or has banned me. Have me invited there, @apbot:hs.test, and I follow it from then on.',
    )
    expect(await ask('policy-list')).toContain('not read yet; it lets me in only by an invite')
    keeper.invite(list, bot)
    await flow.minutes(1)
    expect((await flow.command(alice, 'whoami')).join()).toContain('has not enabled')
    expect(await ask('policy-list')).toContain('1 rule (1 for users); read on')
    expect(await flow.failures()).toEqual([])
  })
})

describe('a rule for users', () => {
  test('keeps a Matrix user out at once, and lets them in again when it goes', async () => {
    const profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    await add()
    await put('user', { entity: '@al?c*:hs.test', reason: 'noise' })
    alice.say(profile, 'unheard')
    await flow.minutes(1)
    expect(flow.received(bob, 'Create')).toEqual([])
    expect((await flow.command(alice, 'whoami')).join()).toBe(
      "This server's admin has not enabled Footbridge for you.",
    )
    expect(await ask(`user ${alice.userId}`)).toContain(
      'with the permission `none`, by the list #bans:hs.test (noise)',
    )
    await drop('user', '@al?c*:hs.test')
    alice.say(profile, 'heard')
    await flow.minutes(1)
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('is undone by a redaction of it as well', async () => {
    await add()
    const content = { entity: alice.userId, recommendation: 'org.matrix.mjolnir.ban' }
    const event = keeper.setState(list, 'org.matrix.mjolnir.rule.user rule:alice', content)
    await flow.quiet()
    expect((await flow.command(alice, 'whoami')).join()).toContain('has not enabled')
    keeper.redact(list, event)
    await flow.quiet()
    expect((await flow.command(alice, 'whoami')).join()).not.toContain('has not enabled')
  })

  test.each([
    ['its Matrix id', '@_ap_bob_social.bad.example:hs.test'],
    ['a pattern', '@_ap_*_social.bad.example:hs.test'],
  ])(
    'suspends an account of another server that it names by %s, and lets it come again',
    async (_, entity) => {
      const carol = flow.account('carol', 'good.example')
      const portal = await flow.follow(alice, bob)
      await flow.gain(alice, bob)
      await flow.follow(alice, carol)
      await flow.tell(bob.post({ content: 'before' }))
      await add()
      await put('user', { entity, reason: 'spam' })
      await flow.minutes(5)
      expect(flow.bodies(portal)).not.toContain('before')
      expect(flow.homeserver.members(portal, 'join')).not.toContain(flow.ghostOf(bob))
      expect(flow.received(bob, 'Undo')).toHaveLength(1)
      expect(await flow.store.followersOf((await flow.actorOf(alice)) as never)).toEqual([])
      expect((await flow.command(alice, `follow ${bob.handle}`)).at(-1)).toContain('has suspended')
      expect(await ask(`unsuspend ${bob.handle}`)).toContain(
        'is suspended by the list #bans:hs.test (spam)',
      )
      expect(await ask(`actor ${bob.handle}`)).toContain(
        'Suspended by the list #bans:hs.test (spam)',
      )
      await flow.tell(carol.post({ content: 'others go on' }))
      expect(flow.bodies(flow.portalOf(carol))).toContain('others go on')
      await drop('user', entity)
      await flow.command(alice, `follow ${bob.handle}`)
      await flow.minutes(1)
      await flow.tell(bob.post({ content: 'after' }))
      expect(flow.homeserver.rooms().flatMap((room) => flow.bodies(room))).toContain('after')
      expect(await flow.failures()).toEqual([])
    },
  )

  test('suspends an account that nobody here has met yet, at first sight', async () => {
    await add()
    await put('user', { entity: flow.ghostOf(bob) })
    expect((await flow.command(alice, `follow ${bob.handle}`)).at(-1)).toContain('has suspended')
    expect(flow.received(bob, 'Follow')).toEqual([])
  })
})

describe('a rule for servers', () => {
  test('keeps a domain of the fediverse away, with all below it, until it goes', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    await put('server', { entity: 'bad.example' })
    await flow.minutes(1)
    await flow.tell(bob.post({ content: 'unheard' }))
    expect(flow.bodies(portal).at(-1)).toContain('The admin of this server has blocked bad.example')
    await drop('server', 'bad.example')
    await flow.minutes(1)
    await flow.tell(bob.post({ content: 'heard' }))
    expect(flow.bodies(portal).slice(-2)).toEqual([
      'bad.example is not blocked any more: what is posted there is shown again.',
      'heard',
    ])
  })

  test('with a pattern means what fits it, and changes with its event', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    const rule = (entity: string) => ({ entity, recommendation: 'm.ban' })
    keeper.setState(list, 'm.policy.rule.server rule', rule('*.bad.example'))
    await flow.minutes(1)
    expect(flow.bodies(portal).at(-1)).toContain('has blocked social.bad.example')
    expect(await flow.store.findDomainBlock('bad.example')).toBeUndefined()
    keeper.setState(list, 'm.policy.rule.server rule', rule('?.bad.example'))
    await flow.minutes(1)
    expect(flow.bodies(portal).at(-1)).toContain('is not blocked any more')
  })

  test('keeps users of a homeserver out', async () => {
    const eve = flow.homeserver.addUser('@eve:evil.test:8448')
    flow.permissions.set(eve.userId, 'user')
    await add()
    await put('server', { entity: 'EVIL.test' })
    expect((await flow.command(eve, 'whoami')).join()).not.toContain('fediverse')
    await drop('server', 'EVIL.test')
    const dm = eve.createDm(bot)
    await flow.minutes(1)
    expect(flow.bodies(dm).join()).toContain('fediverse')
  })
})

describe('a rule for rooms', () => {
  test('has us leave, and come back no more while it stands', async () => {
    const chat = alice.createRoom({ preset: 'private_chat', invite: [flow.ghostOf(bob)] })
    await flow.quiet()
    alice.say(chat, 'hello')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    await add()
    await put('room', { entity: chat })
    await flow.minutes(1)
    expect(flow.homeserver.members(chat, 'join')).toEqual([alice.userId])
    alice.say(chat, 'anybody?')
    alice.invite(chat, flow.ghostOf(bob))
    await flow.minutes(1)
    expect(flow.homeserver.members(chat, 'join')).toEqual([alice.userId])
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    await drop('room', chat)
    alice.invite(chat, flow.ghostOf(bob))
    await flow.minutes(1)
    expect(flow.homeserver.members(chat, 'join')).toContain(flow.ghostOf(bob))
    expect(await flow.failures()).toEqual([])
  })

  test('that names one by its address means the room that it leads to', async () => {
    const room = alice.createRoom({ preset: 'public_chat', room_alias_name: 'hall' })
    await add()
    await put('room', { entity: '#hall:hs.test' })
    await put('room', { entity: '#nowhere:hs.test' })
    await flow.minutes(1)
    alice.invite(room, bot)
    await flow.minutes(1)
    expect(flow.homeserver.members(room, 'join')).toEqual([alice.userId])
    expect(await flow.failures()).toEqual([])
  })

  test('with a pattern closes the room of an account, whose next post opens another', async () => {
    const portal = await flow.follow(alice, bob)
    await add()
    await put('room', { entity: `${portal.slice(0, 12)}*` })
    await flow.minutes(1)
    expect(flow.homeserver.members(portal, 'join')).toEqual([alice.userId])
    await flow.tell(bob.post({ content: 'elsewhere' }))
    await flow.minutes(1)
    expect(flow.bodies(portal)).not.toContain('elsewhere')
    const bodies = flow.homeserver.rooms().flatMap((room) => flow.bodies(room))
    expect(bodies).toContain('elsewhere')
    expect(await flow.failures()).toEqual([])
  })
})
