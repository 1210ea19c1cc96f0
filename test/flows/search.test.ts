import { beforeEach, describe, expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

let bridge: Bridge
let alice: FakeUser
let chat: RoomId

beforeEach(async () => {
  bridge = await createBridge({
    permissionOf: (userId) => (userId === '@admin:hs.test' ? 'admin' : 'user'),
  })
  ;({ user: alice, chat } = await bridge.meet('@alice:hs.test'))
})

async function ask(line: string): Promise<string> {
  alice.say(chat, line)
  await bridge.settle()
  return bridge.notices(chat).at(-1) ?? ''
}

const open = { fields: [], isLocked: false, wishes: { isDiscoverable: true } } as const
const closed = { fields: [], isLocked: false, wishes: {} } as const

/** An account that somebody here has met. */
async function met(handle: string, other: Partial<RemoteActor> = {}): Promise<RemoteActor> {
  const actor = bridge.fediverse.addAccount(handle, { details: open, ...other })
  await bridge.store.commit([{ change: 'put-remote-actor', actor }])
  return actor
}

describe('search', () => {
  test('finds accounts by the beginnings of their words, all of them', async () => {
    await met('jane@social.test', { name: 'Jane Doe' })
    await met('janet@other.test', { name: 'Janet Roe' })
    await met('bob@social.test')
    expect(await ask('search jan')).toBe(
      'Called `jan`:\n@jane@social.test · Jane Doe\n@janet@other.test · Janet Roe',
    )
    expect(await ask('search Doe JAN')).toBe('Called `Doe JAN`:\n@jane@social.test · Jane Doe')
    expect(await ask('search jan social')).toContain('@jane@social.test')
    expect(await ask('search ane')).toContain('I know nobody')
  })

  test('shows nobody who has not said that they may be found, or takes it back', async () => {
    await met('jane@social.test', { details: closed })
    expect(await ask('search jane')).toContain('I know nobody')
    await met('jane@social.test', { details: open })
    expect(await ask('search jane')).toContain('@jane@social.test')
    await met('jane@social.test', { details: closed })
    expect(await ask('search jane')).toContain('I know nobody')
  })

  test('shows nobody of a suspended server, and nobody who is gone', async () => {
    const jane = await met('jane@social.test')
    const janet = await met('janet@other.test')
    await bridge.store.commit([{ change: 'delete-remote-actor', id: janet.id }])
    expect(await ask('search jane')).toBe(`Called \`jane\`:\n@jane@social.test · jane`)
    const { user: admin, chat: theirs } = await bridge.meet('@admin:hs.test')
    admin.say(theirs, 'block-domain social.test')
    await bridge.settle()
    expect(await ask('search jane')).toContain('I know nobody')
    expect(jane.host).toBe('social.test')
  })

  test.each([
    ['has asked to be left alone', 'stopped'],
    ['was suspended by an admin', 'barred'],
  ])('shows nobody who %s', async (_, kind) => {
    const jane = await met('jane@social.test')
    await bridge.store.commit([
      { change: 'mark', key: `${kind} ${jane.id}`, value: 'stop', at: bridge.clock.now() },
    ])
    expect(await ask('search jane')).toContain('I know nobody')
    for (const line of ['search @jane@social.test', 'resolve @jane@social.test'])
      expect(await ask(line)).toContain('nothing goes there or comes from there')
    expect(await bridge.store.findGhost(jane.id)).toBeUndefined()
  })

  test('says when there are more than it shows', async () => {
    for (let i = 0; i < 25; i++) await met(`jane${i}@social.test`)
    const lines = (await ask('search jane')).split('\n')
    expect(lines).toHaveLength(22)
    expect(lines.at(-1)).toContain('There are more')
  })

  test('with an address says who that is, known or not', async () => {
    const actor = bridge.fediverse.addAccount('bob@social.test', { name: 'Bob' })
    const told = await ask('search @bob@social.test')
    expect(told).toContain('@bob@social.test · Bob')
    expect(told).toContain('https://matrix.to/#/%40_ap_bob_social.test%3Ahs.test')
    expect(told).toContain(actor.url ?? actor.id)
    expect(told).toContain('`follow @bob@social.test`')
    expect(await ask('resolve bob@social.test')).toBe(told)
    expect(bridge.hs.rooms()).toEqual([chat])
  })
})

test.each([
  ['resolve nobody', 'is no fediverse address'],
  ['resolve @nobody@social.test', 'I cannot find @nobody@social.test'],
  ['search 🦊', 'I know nobody'],
])('%s', async (line, answer) => {
  expect(await ask(line)).toContain(answer)
})
