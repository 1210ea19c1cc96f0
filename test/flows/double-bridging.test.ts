import { afterEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser

async function begin(moderation: { readonly matrixBridges?: readonly string[] } = {}) {
  flow = await createFlow({}, { moderation })
  alice = flow.user('alice')
  await flow.command(alice, 'register')
}
afterEach(() => flow.close())

/** What comes of it when somebody here asks for that account, and when it writes to them. */
async function isKeptOut(account: Account): Promise<string> {
  const me = await flow.actorOf(alice)
  const rooms = () => [...alice.rooms('invite'), ...alice.rooms('join')]
  const before = [...rooms(), await flow.chat(alice)]
  const mentions = [{ id: me, name: '@alice' }]
  await flow.tell(account.post({ content: 'hey', mentions }))
  await flow.tell(account.post({ content: 'psst', visibility: 'direct', mentions }))
  const [line = ''] = await flow.command(alice, `follow ${account.handle}`)
  expect(await flow.command(alice, `dm ${account.handle}`)).toEqual([line])
  const portal = await flow.follow(alice, flow.account('carol', 'carols.example'))
  await flow.tell(
    flow.account('carol', 'carols.example').boost(account.post({ content: 'ho' }).object),
  )
  await flow.minutes(5)
  expect(flow.bodies(portal).join()).not.toContain('ho')
  expect(rooms().filter((roomId) => !before.includes(roomId))).toEqual([portal])
  expect(flow.received(account, 'Follow')).toEqual([])
  expect(await flow.failures()).toEqual([])
  return line
}

describe('somebody on Matrix whom another bridge shows on the fediverse', () => {
  test('is known by what a Footbridge says of its users, and where they are is told', async () => {
    await begin()
    const bob = flow.account('bob', 'remote.example')
    await flow.gain(alice, bob)
    await flow.command(alice, 'profile name Alice')
    await flow.minutes(5)
    const [update] = flow.received(bob, 'Update')
    const ours = update?.['object'] as Readonly<Record<string, unknown>>
    expect(ours['url']).toMatch(/^https:/)
    // The same document as it would come from another Footbridge.
    const dave = flow.account('dave', 'second.example')
    const { attachment, tag, matrixUserId, url } = JSON.parse(
      JSON.stringify(ours).replaceAll('@alice:hs.test', '@dave:far.test'),
    ) as typeof ours
    dave.profile = { attachment, tag, matrixUserId, url }
    expect(await isKeptOut(dave)).toBe(
      '@dave@second.example is somebody on Matrix, whom another bridge shows on the fediverse: nothing goes there or comes from there. It says that it is @dave:far.test there, to whom you can write on Matrix.',
    )
  })

  test.each([
    [
      'everybody may join',
      'public_chat',
      'It says that it is #dogs:far.test there, which you can join on Matrix.',
    ],
    ['few are let into', 'private_chat', 'Whoever is in it can invite you there.'],
  ] as const)('is not said of a room that %s', async (_, preset, way) => {
    await begin()
    const bob = flow.account('bob', 'remote.example')
    const roomId = alice.createRoom({ preset, name: 'Cats', room_alias_name: 'cats' })
    alice.invite(roomId, bot)
    await flow.command(alice, '!ap group open cats', roomId)
    const group = (await flow.store.findGroupByRoom(roomId))?.id ?? ''
    await flow.tell(bob.follow(group))
    alice.setState(roomId, 'm.room.canonical_alias', { alias: '#cats:hs.test' })
    alice.setState(roomId, 'm.room.name', { name: 'All cats' })
    await flow.minutes(1)
    // The same document as it would come from another Footbridge.
    const dogs = flow.account('dogs', 'second.example')
    Object.assign(flow.fediverse.server(dogs.host), { software: 'footbridge' })
    const { type, attachment, tag } = JSON.parse(
      JSON.stringify(flow.received(bob, 'Update').at(-1)?.['object']).replaceAll(
        'cats:hs.test',
        'dogs:far.test',
      ),
    ) as Readonly<Record<string, unknown>>
    expect(type).toBe('Group')
    dogs.profile = { type, attachment, tag }
    expect(await isKeptOut(dogs)).toBe(
      `@dogs@second.example is a room on Matrix, which another bridge shows on the fediverse: nothing goes there or comes from there. ${way}`,
    )
  })

  test.each(['kazarma', 'footbridge'])('is known by the software %s', async (software) => {
    await begin()
    const dave = flow.account('dave', 'copies.example')
    Object.assign(flow.fediverse.server(dave.host), { software, softwareVersion: '1.0' })
    expect(await isKeptOut(dave)).toContain('is somebody on Matrix')
  })

  test.each(['copies.example', 'a.copies.example'])(
    'is known by a host of the admin’s list: %s',
    async (host) => {
      await begin({ matrixBridges: ['copies.example'] })
      expect(await isKeptOut(flow.account('dave', host))).toContain('is somebody on Matrix')
    },
  )

  test('is nobody who merely says how to be reached on Matrix', async () => {
    await begin({ matrixBridges: ['copies.example'] })
    const dave = flow.account('dave', 'notcopies.example')
    Object.assign(flow.fediverse.server(dave.host), {
      software: 'lemmy',
      softwareVersion: '0.19.5',
    })
    const value = '<a href="https://matrix.to/#/@dave:far.test" rel="me">@dave:far.test</a>'
    dave.profile = {
      matrixUserId: '@dave:far.test',
      attachment: [{ type: 'PropertyValue', name: 'Matrix', value }],
    }
    const portal = await flow.follow(alice, dave)
    await flow.tell(dave.post({ content: 'words of dave' }))
    expect(flow.bodies(portal)).toContain('words of dave')
  })

  test('whose software is known later is removed with the next thing that comes', async () => {
    await begin()
    const dave = flow.account('dave', 'copies.example')
    const portal = await flow.follow(alice, dave)
    await flow.tell(dave.post({ content: 'words of dave' }))
    expect(flow.bodies(portal)).toContain('words of dave')
    Object.assign(flow.fediverse.server(dave.host), { software: 'kazarma', softwareVersion: '1.0' })
    await flow.hours(25)
    await flow.command(alice, `follow ${dave.handle}`)
    await flow.tell(dave.post({ content: 'more of it' }))
    await flow.minutes(1)
    expect(flow.bodies(portal).join()).not.toMatch(/words of dave|more of it/)
  })
})
