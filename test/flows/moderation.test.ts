import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let admin: FakeUser
let alice: FakeUser
let bob: Account
let carol: Account

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  alice = flow.user('alice')
  bob = flow.account('bob', 'social.bad.example')
  carol = flow.account('carol', 'good.example')
  await flow.command(alice, 'register')
}
beforeEach(() => begin())
afterEach(() => flow.close())

const mentions = async () => [{ id: await flow.actorOf(alice), name: '@alice' }]
const head =
  '#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate,#private_comment\n'

describe('a list of blocks from a file', () => {
  const send = async (text: string): Promise<() => void> => {
    const mxc = 'mxc://hs.test/list'
    flow.homeserver.addMedia(mxc, Buffer.from(text))
    const chat = await flow.chat(admin)
    const content = { msgtype: 'm.file', body: 'blocks.csv', url: mxc, info: { size: text.length } }
    const event = admin.send(chat, content)
    await flow.quiet()
    return () => void admin.reply(chat, event, 'import-blocks')
  }
  const last = async () => flow.bodies(await flow.chat(admin)).at(-1)

  test('is taken whole, and what was blocked already stays', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.command(admin, 'block-domain loud.example --silence')
    const go = await send(
      `${head}bad.example,suspend,TRUE,TRUE,spam,TRUE,asked twice\nloud.example,suspend,,,,\nb*d.example,suspend,,,,\n`,
    )
    go()
    await flow.minutes(1)
    expect(await last()).toBe(
      'Blocked 1 domain: 1 kept away, 0 silenced, 0 otherwise. Accounts are read here of bad.example. 1 domain had a block already and keep it. 1 line could not be taken. `blocked-domains` lists all.',
    )
    await flow.tell(bob.post({ content: 'unheard' }))
    expect(flow.bodies(portal).join()).not.toContain('unheard')
    expect(flow.bodies(portal).at(-1)).toContain('has blocked bad.example')
    const listed = (await flow.command(admin, 'blocked-domains')).join()
    expect(listed).toContain('loud.example: its people reach only')
    expect(listed).toContain('its name is shown in part; everybody reads: spam (asked twice)')
    await flow.command(admin, 'unblock-domain bad.example')
    await flow.tell(bob.post({ content: 'heard again' }))
    expect(flow.bodies(portal).join()).toContain('heard again')
  })

  test('that is none changes nothing', async () => {
    const go = await send('<html>hello</html>')
    go()
    await flow.quiet()
    expect(await last()).toContain('That is no list of blocks that I can read.')
    expect(await flow.store.domainBlocks()).toEqual([])
  })
})

describe('a list that others keep', () => {
  const url = 'https://lists.example/blocks.csv'
  const put = (text: string): void => {
    flow.fediverse
      .server('lists.example')
      .files.set('/blocks.csv', { bytes: Buffer.from(text), type: 'text/csv' })
  }

  test('is tried, followed, read again each day, and taken back', async () => {
    const portal = await flow.follow(alice, bob)
    put(`${head}bad.example,suspend,,,spam,TRUE,asked twice\nloud.example,silence\n`)
    const [tried] = await flow.command(admin, `blocklist try ${url}`)
    expect(tried).toContain('2 domains: 1 kept away, 1 silenced')
    expect(await flow.store.blocklists()).toEqual([])
    await flow.command(admin, `blocklist add ${url}`)
    await flow.minutes(1)
    expect((await flow.command(admin, `blocklist show ${url}`)).join()).toContain(
      'its name is shown in part; everybody reads: spam (asked twice)',
    )
    await flow.tell(bob.post({ content: 'unheard' }))
    expect(flow.bodies(portal).at(-1)).toContain('has blocked bad.example')
    expect((await flow.command(admin, 'unblock-domain bad.example')).join()).toContain(
      'is blocked by the list',
    )
    put(`${head}loud.example,silence\nworse.example,suspend\n`)
    await flow.hours(25)
    expect(flow.bodies(await flow.chat(admin)).at(-1)).toContain(
      'names worse.example now, and no longer names bad.example',
    )
    await flow.tell(bob.post({ content: 'heard' }))
    expect(flow.bodies(portal).join()).toContain('heard')
    expect((await flow.store.findDomainBlock('a.worse.example'))?.severity).toBe('suspend')
    await flow.command(admin, `blocklist remove ${url}`)
    expect(await flow.store.findDomainBlock('worse.example')).toBeUndefined()
    expect(await flow.failures()).toEqual([])
  })

  test('does not count where an admin lets a domain in', async () => {
    const portal = await flow.follow(alice, bob)
    put(`${head}bad.example,suspend\n`)
    await flow.command(admin, 'allow-domain social.bad.example')
    await flow.command(admin, `blocklist add ${url}`)
    await flow.tell(bob.post({ content: 'heard' }))
    expect(flow.bodies(portal).join()).toContain('heard')
  })

  test('that is broken, or cut to less than half, is not taken; admins read why once', async () => {
    put(`${head}bad.example,suspend\na.example,suspend\nb.example,suspend\n`)
    await flow.command(admin, `blocklist add ${url}`)
    put(`${head}a.example,suspend\n`)
    await flow.hours(50)
    const told = flow
      .bodies(await flow.chat(admin))
      .filter((body) => body.includes('was not taken: it names less than half'))
    expect(told).toHaveLength(1)
    expect((await flow.store.findDomainBlock('bad.example'))?.severity).toBe('suspend')
    expect((await flow.command(admin, 'blocklist')).join()).toContain('less than half')
  })
})

test('with an allow list only servers come in that an admin names', async () => {
  flow.close()
  await begin({ moderation: { allowListOnly: true } })
  await flow.command(admin, 'allow-domain good.example')
  const portal = await flow.follow(alice, carol)
  await flow.tell(carol.post({ content: 'hello' }))
  expect(flow.bodies(portal)).toContain('hello')
  expect((await flow.command(alice, `follow ${bob.handle}`)).join()).toContain('has blocked')
  await flow.tell(bob.post({ content: 'psst', mentions: await mentions() }))
  expect(flow.received(bob)).toEqual([])
  await flow.command(admin, 'unblock-domain good.example')
  await flow.tell(carol.post({ content: 'unheard' }))
  expect(flow.bodies(portal)).not.toContain('unheard')
})

describe('for oneself', () => {
  test('a server is blocked: follows end both ways, and nothing passes until it is taken back', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.gain(alice, bob)
    const [said] = (await flow.command(alice, 'block bad.example')).slice(-1)
    expect(said).toBe(
      'You have blocked bad.example and all below it. `unblock bad.example` takes it back.',
    )
    expect(flow.received(bob, 'Undo')).toHaveLength(1)
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
    await flow.tell(bob.post({ content: 'greetings', mentions: await mentions() }))
    const rooms = alice.rooms('join').concat(alice.rooms('invite'))
    expect(rooms.flatMap((room) => flow.bodies(room)).join()).not.toContain('greetings')
    expect((await flow.command(alice, `follow ${bob.handle}`)).join()).toContain(
      '`unblock bad.example` comes first.',
    )
    expect(await flow.command(alice, 'block')).toEqual([expect.stringContaining('bad.example')])
    await flow.command(alice, 'unblock bad.example')
    await flow.command(alice, `follow ${bob.handle}`)
    expect(flow.received(bob, 'Follow')).toHaveLength(2)
    expect(portal).toBeDefined()
  })

  test('who writes or reacts to somebody of a blocked server reads what takes the block back', async () => {
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'hello')
    await flow.quiet()
    await flow.tell(bob.post({ content: 'hi', visibility: 'direct', mentions: await mentions() }))
    await flow.command(alice, 'block bad.example')
    alice.say(room, 'and goodbye')
    await flow.quiet()
    expect(flow.bodies(room).at(-1)).toBe(
      'Not sent: you have blocked bad.example. `unblock bad.example` takes it back.',
    )
    alice.react(room, flow.eventOf(room, 'hi'), '👍')
    await flow.quiet()
    expect(flow.bodies(room).at(-1)).toBe(
      'Not sent: you have blocked bad.example. `unblock bad.example` takes it back.',
    )
    await flow.command(alice, 'unblock bad.example')
    alice.say(room, 'again')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(2)
  })

  test('an account is muted, as a reply too: it is shown nothing of, and does not learn of it', async () => {
    const home = await flow.followHome(alice, bob)
    await flow.tell(bob.post({ content: 'first' }))
    alice.reply(home, flow.eventOf(home, 'first'), '!ap mute')
    await flow.quiet()
    const sent = flow.received(bob).length
    await flow.tell(
      bob.post({ content: 'second' }),
      bob.post({ content: 'greetings', mentions: await mentions() }),
      bob.post({ content: 'psst', visibility: 'direct', mentions: await mentions() }),
    )
    const shown = () =>
      [...alice.rooms('join'), ...alice.rooms('invite')].flatMap((room) => flow.bodies(room)).join()
    expect(shown()).not.toMatch(/second|greetings|psst/)
    expect(flow.received(bob)).toHaveLength(sent)
    expect((await flow.command(alice, 'mute')).join()).toContain(bob.handle)
    await flow.command(alice, `unmute ${bob.handle}`)
    await flow.tell(bob.post({ content: 'third' }))
    expect(shown()).toContain('third')
  })

  test('a server is muted: a boost of what is from there is not shown at home', async () => {
    const home = await flow.followHome(alice, carol)
    await flow.command(alice, 'mute bad.example')
    const { object } = bob.post({ content: 'from there' })
    await flow.tell(carol.boost(object))
    await flow.minutes(1)
    expect(flow.bodies(home).join()).not.toContain('from there')
    await flow.command(alice, 'unmute bad.example')
    const other = bob.post({ content: 'again from there' })
    await flow.tell(carol.boost(other.object))
    await flow.minutes(1)
    expect(flow.bodies(home).join()).toContain('again from there')
  })
})

describe('a ghost that is put out', () => {
  const membership = (roomId: RoomId): unknown =>
    flow.homeserver.state(roomId, 'm.room.member', flow.ghostOf(bob))?.['membership']

  test('of a private chat by a ban is blocked', async () => {
    const room = alice.createRoom({ preset: 'private_chat', invite: [flow.ghostOf(bob)] })
    await flow.quiet()
    alice.say(room, 'hello')
    await flow.quiet()
    alice.ban(room, flow.ghostOf(bob))
    await flow.quiet()
    expect(flow.received(bob, 'Block')).toHaveLength(1)
    const known = [...alice.rooms('join'), ...alice.rooms('invite')]
    await flow.tell(bob.post({ content: 'psst', visibility: 'direct', mentions: await mentions() }))
    expect([...alice.rooms('join'), ...alice.rooms('invite')]).toEqual(known)
    expect(membership(room)).toBe('ban')
    await flow.command(alice, `unblock ${bob.handle}`)
    expect(flow.received(bob, 'Undo')).toHaveLength(1)
  })

  // While its packs of emoji are looked for, and what was written before it came.
  test.each(['limit=50', 'limit=100'])(
    'of a new private chat by a ban is blocked, also while it comes in (at %s)',
    async (path) => {
      const ghost = flow.ghostOf(bob)
      const room = alice.createRoom({ preset: 'private_chat', invite: [ghost] })
      flow.homeserver.injectFaults(({ url }) => {
        const isNow = url.includes(path) && membership(room) === 'join'
        if (isNow) alice.ban(room, ghost)
        return undefined
      })
      await flow.minutes(2)
      expect(membership(room)).toBe('ban')
      expect(flow.received(bob, 'Block')).toHaveLength(1)
      expect(await flow.failures()).toEqual([])
      expect(flow.rows()['job']?.filter((row) => row.includes(room))).toEqual([])
    },
  )

  test.each(['kick', 'ban'] as const)(
    'of the room of its account by a %s stays out, and nothing fights that',
    async (how) => {
      const portal = await flow.follow(alice, bob)
      await flow.tell(bob.post({ content: 'before' }))
      const ghost = flow.ghostOf(bob)
      // An admin of the homeserver may give a member the power to.
      const levels = flow.homeserver.state(portal, 'm.room.power_levels')
      const users = { [alice.userId]: 100 }
      flow.homeserver.addUser(bot).setState(portal, 'm.room.power_levels ', { ...levels, users })
      alice[how](portal, ghost)
      const calls = () => flow.homeserver.calls.filter((call) => call.includes(ghost)).length
      await flow.quiet()
      await flow.tell(bob.post({ content: 'while out' }))
      await flow.hours(3)
      expect(membership(portal)).toBe(how === 'ban' ? 'ban' : 'leave')
      const before = calls()
      await flow.tell(bob.post({ content: 'still out' }))
      await flow.hours(3)
      expect(calls() - before).toBeLessThan(10)
      expect(flow.bodies(portal).join()).not.toMatch(/while out|still out/)
      expect(await flow.failures()).toEqual([])
    },
  )

  test('of one’s own room by a kick does not come back by itself', async () => {
    const profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    alice.say(profile, 'my post')
    await flow.quiet()
    const { id } = flow.received(bob, 'Create').at(-1)?.['object'] as { id: string }
    const reply = { inReplyTo: id, mentions: await mentions() }
    await flow.tell(bob.post({ content: 'one', ...reply }))
    expect(membership(profile)).toBe('join')
    alice.kick(profile, flow.ghostOf(bob))
    await flow.quiet()
    await flow.tell(bob.post({ content: 'two', ...reply }))
    expect([membership(profile), flow.bodies(profile).includes('two')]).toEqual(['leave', false])
    expect(await flow.failures()).toEqual([])
    alice.invite(profile, flow.ghostOf(bob))
    await flow.quiet()
    await flow.tell(bob.post({ content: 'three', ...reply }))
    expect(flow.bodies(profile)).toContain('three')
  })
})
