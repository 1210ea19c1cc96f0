import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createModerated, type Moderated } from './moderated.ts'
import { bot, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let me: string
let post: string
let { flag, moderation, told, latest } = {} as Moderated

beforeEach(async () => {
  ;({ flow, alice, admin, me, post, flag, moderation, told, latest } = await createModerated())
})
afterEach(() => flow.close())

describe('the room where admins read reports', () => {
  const rooms = (user: FakeUser) => [...user.rooms('invite'), ...user.rooms('join')]
  const permissionsChanged = async () => {
    // As a start does, and a reload.
    flow.crash(1_000)
    await flow.minutes(1)
  }

  test('is made with the first report, for the admins alone, and shows nobody what was before', async () => {
    expect(await flow.store.findPortal({ kind: 'moderation' })).toBeUndefined()
    const other = flow.user('other')
    flow.permissions.set(other.userId, 'admin')
    await flow.tell(flag({ content: 'one', object: [me, post] }))
    const room = await moderation()
    expect(rooms(admin)).toContain(room)
    // Nobody knows that they are one, before they talk with the bot.
    expect(rooms(other)).not.toContain(room)
    expect(flow.homeserver.state(room, 'm.room.join_rules')).toEqual({ join_rule: 'invite' })
    const history = flow.homeserver.state(room, 'm.room.history_visibility')
    expect(history).toEqual({ history_visibility: 'invited' })
    expect(() => alice.join(room)).toThrow()
    await flow.chat(other)
    await flow.tell(flag({ content: 'two', object: [me] }))
    other.join(room)
    const seen = JSON.stringify(other.timeline(room))
    expect(seen).toContain('> two')
    expect(seen).not.toContain('> one')
    expect(await moderation()).toBe(room)
  })

  test('says how commands begin there', async () => {
    await flow.tell(flag({ content: 'one', object: [me] }))
    const state = flow.homeserver.state(await moderation(), 'm.room.topic')
    expect(state?.['topic']).toContain('Commands begin with !ap here.')
  })

  test('is left by who is no admin any more, and entered by who becomes one', async () => {
    await flow.tell(flag({ content: 'one', object: [me] }))
    const room = await moderation()
    admin.join(room)
    await flow.chat(alice)
    flow.permissions.set(admin.userId, 'user')
    flow.permissions.set(alice.userId, 'admin')
    await permissionsChanged()
    expect(rooms(admin)).not.toContain(room)
    expect(rooms(alice)).toContain(room)
    await flow.tell(flag({ content: 'two', object: [me] }))
    expect(JSON.stringify(admin.timeline(room))).not.toContain('> two')
    flow.permissions.set(admin.userId, 'admin')
    await permissionsChanged()
    expect(admin.rooms('invite')).toContain(room)
  })

  test('tells nobody before those are out who are no admins any more', async () => {
    await flow.tell(flag({ content: 'one', object: [me] }))
    const room = await moderation()
    admin.join(room)
    await flow.chat(alice)
    flow.permissions.set(admin.userId, 'user')
    flow.permissions.set(alice.userId, 'admin')
    await flow.tell(flag({ content: 'two', object: [me] }))
    expect(JSON.stringify(admin.timeline(room))).not.toContain('> two')
    expect(flow.bodies(room).join()).toContain('> two')
  })

  test('is not made where there is no admin', async () => {
    flow.permissions.set(admin.userId, 'user')
    await flow.tell(flag({ content: 'one', object: [me] }))
    expect(await flow.store.findPortal({ kind: 'moderation' })).toBeUndefined()
    expect(await flow.store.openReports(10)).toHaveLength(1)
  })

  test('takes commands about reports, also in answer to a notice', async () => {
    await flow.tell(flag({ content: 'one', object: [me, post] }))
    const room = await moderation()
    admin.join(room)
    const [{ eventId } = { eventId: undefined }] = flow.messages(room)
    if (eventId === undefined) throw new Error('nothing was told')
    const answer = async (body: string) => {
      admin.send(room, {
        msgtype: 'm.text',
        body,
        'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
      })
      await flow.quiet()
      return flow.bodies(room)
    }
    expect((await answer('!ap reports show')).at(-1)).toContain('They say:\n> one')
    expect(await answer('!ap reports resolve')).toContainEqual(
      expect.stringContaining('Report 1 is closed.'),
    )
    expect((await latest()).body).toContain('Closed by @admin:hs.test')
    // What people say there goes nowhere, and no command is made of it.
    const before = flow.bodies(room).length
    admin.say(room, 'reports')
    await flow.quiet()
    expect(flow.bodies(room)).toHaveLength(before + 1)
  })

  test('veils what its author marked as sensitive', async () => {
    const profile = (await flow.store.findLocalActorByUser(alice.userId))?.id
    await flow.command(alice, 'post --cw spider eight legs')
    const objects = (flow.rows()['object'] ?? []).map(
      (row) => JSON.parse(row) as { id: string; author: string },
    )
    const last = objects.findLast(({ author }) => author === profile)?.id ?? ''
    await flow.tell(flag({ object: [me, last] }))
    const { body, html } = await latest()
    expect(body).not.toContain('eight legs')
    expect(body).toContain('> (marked as sensitive: its address shows it)')
    expect(html).toContain('<span data-mx-spoiler="">eight legs</span>')
  })

  test("shows the words of another server's post as they stand in a room, and what they hide", async () => {
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'buy <b>this</b>' }))
    await flow.command(alice, `report ${bob.handle} spam`)
    const answered = flow
      .messages(portal)
      .find(({ content }) => String(content['body']).includes('buy'))
    alice.send(portal, {
      msgtype: 'm.text',
      body: '!ap report rude',
      'm.relates_to': { 'm.in_reply_to': { event_id: answered?.eventId } },
    })
    await flow.minutes(1)
    const all = await told(admin)
    expect(all.at(-1)).toContain('> buy this')
    expect(all.at(-1)).toContain(
      'Report 2: @alice:hs.test reports @bob@remote.example, for a post.',
    )
  })
})

describe('a room that the configuration names for reports', () => {
  const named = async (prepare: (room: RoomId) => void): Promise<RoomId> => {
    flow.close()
    const known: RoomId[] = []
    // Its id is known once it is there.
    const sabotage = ({ deps }: { readonly deps: object }): void => {
      Object.defineProperty(deps, 'reportsRoom', { get: () => known[0] })
    }
    ;({ flow, alice, admin, me, post, flag, moderation, told, latest } = await createModerated({
      sabotage,
    }))
    const room = admin.createRoom({ invite: [bot, alice.userId] })
    known.push(room)
    await flow.quiet()
    prepare(room)
    await flow.tell(flag({ content: 'spam', object: [me] }))
    return room
  }

  test('holds them', async () => {
    const room = await named(() => undefined)
    expect(flow.bodies(room)).toEqual([expect.stringContaining('> spam')])
    expect(await flow.store.findPortal({ kind: 'moderation' })).toBeUndefined()
  })

  test.each([
    [
      'the bot is not let in',
      (one: RoomId) => {
        admin.ban(one, bot)
      },
    ],
    [
      'the bot may not speak',
      (one: RoomId) => {
        admin.setState(one, 'm.room.power_levels', { events_default: 50 })
      },
    ],
    [
      'it is encrypted',
      (one: RoomId) => {
        admin.setState(one, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
      },
    ],
  ])('is left aside where %s', async (_, prepare) => {
    const room = await named(prepare)
    expect(flow.bodies(room).join()).not.toContain('> spam')
    expect((await told(admin)).join()).toContain('> spam')
  })
})
