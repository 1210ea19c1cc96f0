import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let actor: string

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.publish(alice)
  actor = await flow.actorOf(alice)
})
afterEach(() => flow.close())

/** What Bob's server was last told of Alice. */
const told = () => flow.received(bob, 'Update').at(-1)?.['object']

describe('one’s own profile', () => {
  beforeEach(() => flow.gain(alice, bob))

  test('has a name and a text of its own, and gives them back', async () => {
    await flow.command(alice, 'profile name Alice of the Bridge')
    await flow.command(alice, 'profile bio I like cats.\nSee https://example.org #cats')
    expect(told()).toMatchObject({
      id: actor,
      type: 'Person',
      name: 'Alice of the Bridge',
      summary:
        '<p>I like cats.<br>See <a href="https://example.org">https://example.org</a> ' +
        '<a href="https://bridge.example/tags/cats" class="mention hashtag" rel="tag">#<span>cats</span></a></p>',
    })
    // A change on Matrix does not take it away.
    alice.setDisplayName('Alice A.')
    await flow.quiet()
    expect(told()).toMatchObject({ name: 'Alice of the Bridge' })
    await flow.command(alice, 'profile name reset')
    await flow.command(alice, 'profile bio reset')
    expect(told()).toMatchObject({ name: 'Alice A.' })
    expect(told()).not.toHaveProperty('summary')
  })

  test('has fields, whose links can be verified', async () => {
    await flow.command(alice, 'profile field Website https://example.org')
    await flow.command(alice, 'profile field My other = <b>bold</b>')
    expect(told()).toMatchObject({
      attachment: [
        { name: 'Matrix' },
        {
          type: 'PropertyValue',
          name: 'Website',
          value: '<a rel="me" href="https://example.org">https://example.org</a>',
        },
        { name: 'My other', value: '&lt;b&gt;bold&lt;/b&gt;' },
      ],
    })
    await flow.command(alice, 'profile field website')
    expect(told()).toMatchObject({ attachment: [{ name: 'Matrix' }, { name: 'My other' }] })
    const [shown] = await flow.command(alice, 'profile')
    expect(shown).toContain('My other: <b>bold</b>')
  })

  test('has a picture and a header, as replies to them', async () => {
    const chat = await flow.chat(alice)
    const picture = alice.send(chat, {
      msgtype: 'm.image',
      body: 'cat.png',
      url: 'mxc://example.org/cat',
    })
    for (const part of ['avatar', 'header']) {
      alice.reply(chat, picture, `profile ${part}`)
      await flow.quiet()
    }
    expect(told()).toMatchObject({
      icon: { type: 'Image', url: expect.stringContaining(`${actor}/avatar?v=`) as unknown },
      image: { type: 'Image', url: expect.stringContaining(`${actor}/header?v=`) as unknown },
    })
    await flow.command(alice, 'profile header reset')
    expect(told()).not.toHaveProperty('image')
    const [refused] = await flow.command(alice, 'profile header')
    expect(refused).toContain('reply to it with `profile header`')
  })

  test('says what a directory may do, and that it is a program', async () => {
    for (const flag of ['discoverable', 'indexable', 'bot'])
      await flow.command(alice, `profile ${flag} on`)
    expect(told()).toMatchObject({ type: 'Service', discoverable: true, indexable: true })
    expect(await flow.command(alice, 'profile bot maybe')).toEqual([
      '`profile bot` can be `on` or `off`.',
    ])
  })

  test('refuses what is too much', async () => {
    const [long] = await flow.command(alice, `profile name ${'x'.repeat(101)}`)
    expect(long).toBe('That name is too long: 100 characters at most.')
    for (let number = 1; number <= 9; number += 1)
      await flow.command(alice, `profile field F${number} ${number}`)
    expect(told()).toMatchObject({ attachment: { length: 9 } })
  })
})

describe('a locked profile', () => {
  beforeEach(() => flow.command(alice, 'profile locked on'))

  test('asks its owner, who lets them in', async () => {
    const follow = bob.follow(actor)
    await flow.tell(follow)
    expect(flow.received(bob, 'Accept')).toEqual([])
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toMatch(
      /^@bob@remote\.example asks to follow you\./,
    )
    expect(await flow.command(alice, 'requests')).toEqual([
      expect.stringContaining('@bob@remote.example'),
    ])
    await flow.command(alice, 'approve @bob@remote.example')
    expect(flow.received(bob, 'Accept')).toMatchObject([{ object: { id: follow.id } }])
    expect(await flow.command(alice, 'requests')).toEqual(['Nobody waits to follow you.'])
    expect((await flow.command(alice, 'followers'))[0]).toContain('@bob@remote.example')
  })

  test('sends nothing to those who wait, and tells those it declines', async () => {
    const follow = bob.follow(actor)
    await flow.tell(follow)
    await flow.command(alice, 'profile bio Quiet.')
    expect(flow.received(bob, 'Update')).toEqual([])
    await flow.command(alice, 'reject @bob@remote.example')
    expect(flow.received(bob, 'Reject')).toMatchObject([{ object: { id: follow.id } }])
    expect(await flow.command(alice, 'approve @bob@remote.example')).toEqual([
      '`@bob@remote.example` has not asked to follow you. `requests` shows who has.',
    ])
  })

  test('answers again whom it has let in before', async () => {
    await flow.tell(bob.follow(actor))
    await flow.command(alice, 'approve @bob@remote.example')
    await flow.tell(bob.follow(actor))
    expect(flow.received(bob, 'Accept')).toHaveLength(2)
  })
})
