import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let bob: Account
let portal: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  await flow.chat(admin)
  bob = flow.account('bob', 'remote.example')
  portal = await flow.follow(alice, bob)
})
afterEach(() => flow.close())

const sentHere =
  'Reported to the admins of remote.example, without your name, and to those of this server. `!ap block @bob@remote.example` stops everything between you and @bob@remote.example.'
const told = async (): Promise<readonly string[]> => {
  const room = await flow.store.findPortal({ kind: 'moderation' })
  return room === undefined ? [] : flow.bodies(room.roomId)
}
const flags = (account = bob) => flow.received(account, 'Flag')
const sent = sentHere.replace('!ap ', '')

/** Answers in that room with the text; what the bot says to it. */
async function answer(room: RoomId, body: string, text: string): Promise<string | undefined> {
  alice.reply(room, flow.eventOf(room, body), text)
  await flow.quiet()
  return flow.bodies(room).at(-1)
}

describe('report', () => {
  test('as an answer to a post goes to its server without a name, and to the admins here with it', async () => {
    const post = bob.post({ content: 'buy this' })
    await flow.tell(post)
    expect(await answer(portal, 'buy this', '!ap report spam, again\nand again')).toBe(sentHere)
    const [flag, ...more] = flags()
    expect(flag).toMatchObject({
      type: 'Flag',
      ...{ actor: `${publicUrl}/actor`, object: [bob.id, post.object], to: [bob.id] },
      content: 'spam, again\nand again',
    })
    expect(more).toEqual([])
    expect(JSON.stringify(flag)).not.toMatch(/alice|actors\//)
    const [notice = '', ...others] = await told()
    expect(others).toEqual([])
    expect(notice).toMatch(
      /^Report 1: @alice:hs\.test reports @bob@remote\.example, for a post\.\n> spam, again\n> and again\nPost: .*\n> buy this\n/,
    )
    const [shown = ''] = await flow.command(admin, 'reports show 1')
    expect(shown).toContain('from @alice:hs.test, told to their server without the name')
    expect(shown).toContain(`https://remote.example/@bob/${post.object.split('/').at(-1) ?? ''}`)
  })

  test('of somebody whose domain is kept away goes to the admins here alone, and says so', async () => {
    await flow.tell(bob.post({ content: 'buy this' }))
    await flow.command(admin, 'block-domain remote.example')
    await flow.minutes(1)
    expect(await answer(portal, 'buy this', '!ap report spam')).toBe(
      'Reported to the admins of this server. They have blocked remote.example, so its admins are not told.',
    )
    expect(await told()).toHaveLength(1)
    expect((await flow.command(admin, 'reports show 1')).join()).not.toContain(
      'told to their server',
    )
    await flow.minutes(10)
    expect(flags()).toEqual([])
  })

  test('of an account, of a post by its link, and of one that nobody here has seen', async () => {
    const carol = flow.account('carol', 'remote.example')
    const known = bob.post({ content: 'known' })
    await flow.tell(known)
    const unknown = carol.post({ content: 'unknown' })
    const page = `https://remote.example/@bob/${known.object.split('/').at(-1)}`
    for (const name of [bob.handle, bob.id, known.object, page, unknown.object])
      expect(await flow.command(alice, `report ${name} rude`)).toEqual([
        expect.stringContaining('Reported to the admins of remote.example'),
      ])
    expect(flags().map(({ object }) => object)).toEqual([
      ...[[bob.id], [bob.id], [bob.id, known.object], [bob.id, known.object]],
    ])
    expect(flags(carol)).toMatchObject([{ object: [carol.id, unknown.object] }])
  })

  test('makes nobody an account', async () => {
    const dora = flow.user('dora')
    await flow.command(dora, `report ${bob.handle} rude`)
    expect(flags()).toHaveLength(1)
    expect(await flow.store.findLocalActorByUser(dora.userId)).toBeUndefined()
  })

  test('needs a reason, and somebody who is meant', async () => {
    await flow.tell(bob.post({ content: 'buy this' }))
    expect(await answer(portal, 'buy this', '!ap report')).toContain('Say why')
    expect(await flow.command(alice, `report ${bob.handle}`)).toEqual([
      expect.stringContaining('Say why'),
    ])
    for (const line of ['report', 'report spam'])
      expect(await flow.command(alice, line)).toEqual([expect.stringContaining('Reply with')])
    expect(await flow.command(alice, `report ${bob.handle} ${'x'.repeat(5_001)}`)).toEqual([
      expect.stringContaining('at most 5000 characters'),
    ])
    expect(flags()).toEqual([])
    expect(await told()).toEqual([])
  })

  test('of somebody here is for the Matrix client', async () => {
    const carol = flow.user('carol')
    await flow.command(carol, 'register')
    for (const name of ['@carol@bridge.example', carol.userId, await flow.actorOf(carol)])
      expect(await flow.command(alice, `report ${name} rude`)).toEqual([
        expect.stringContaining('@carol@bridge.example is on this server: report them with'),
      ])
    const room = await flow.publish(alice)
    alice.say(room, 'mine')
    await flow.quiet()
    expect(await answer(room, 'mine', '!ap report rude')).toContain('is on this server')
    expect(await told()).toEqual([])
  })

  test('goes out twenty times a day at most', async () => {
    for (let n = 0; n < 20; n += 1) await flow.command(alice, `report ${bob.handle} rude ${n}`)
    expect(await flow.command(alice, `report ${bob.handle} rude`)).toEqual([
      expect.stringContaining('20 times today'),
    ])
    expect(flags()).toHaveLength(20)
    await flow.hours(25)
    expect(await flow.command(alice, `report ${bob.handle} rude`)).toEqual([sent])
  })

  test('that cannot be delivered is told to who reported', async () => {
    flow.fediverse.server('remote.example').isAway = true
    const [first] = await flow.command(alice, `report ${bob.handle} rude`)
    expect(first).toBe(sent)
    await flow.hours(24 * 8)
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toMatch(
      /^Your report did not reach remote\.example: .*\. The admins of this server have it\.$/,
    )
    expect(flags()).toEqual([])
  })
})
