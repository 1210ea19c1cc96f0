import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import { pngOf } from '../support/samples.ts'
import { bot, createFlow, type Flow } from './setup.ts'

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

  test('keeps all of several changes that are made at once in different rooms', async () => {
    const chat = await flow.chat(alice)
    const room = alice.createRoom({ invite: [bot] })
    await flow.quiet()
    const rows = [
      'name Alice',
      'field One 1',
      'locked on',
      'bio I like cats.',
      'field Two 2',
      'bot on',
    ]
    for (const [at, row] of rows.entries())
      alice.say(at % 2 === 0 ? chat : room, `!ap profile ${row}`)
    alice.setDisplayName('Another')
    await flow.minutes(1)
    expect(told()).toMatchObject({
      type: 'Service',
      name: 'Alice',
      manuallyApprovesFollowers: true,
      summary: '<p>I like cats.</p>',
    })
    const names = (told() as { attachment: readonly { name: string }[] }).attachment
    expect(names.map(({ name }) => name).sort()).toEqual(['Bridged by', 'Matrix', 'One', 'Two'])
    // What is told last is what is kept.
    expect(await flow.store.findLocalActorByUser(alice.userId)).toMatchObject({
      displayName: 'Another',
      profile: { name: 'Alice', isLocked: true, isBot: true },
    })
  })

  test('has fields, whose links can be verified', async () => {
    await flow.command(alice, 'profile field Website https://example.org')
    await flow.command(alice, 'profile field My other = <b>bold</b>')
    expect(told()).toMatchObject({
      attachment: [
        { name: 'Matrix' },
        { name: 'Bridged by' },
        {
          type: 'PropertyValue',
          name: 'Website',
          value: '<a rel="me" href="https://example.org">https://example.org</a>',
        },
        { name: 'My other', value: '&lt;b&gt;bold&lt;/b&gt;' },
      ],
    })
    await flow.command(alice, 'profile field website')
    expect(told()).toMatchObject({
      attachment: [{ name: 'Matrix' }, { name: 'Bridged by' }, { name: 'My other' }],
    })
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
    expect(told()).toMatchObject({ attachment: { length: 10 } })
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

describe('a profile on Matrix', () => {
  const words = (body: string) => ({ 'gay.fomx.biography': { 'm.text': [{ body }] } })

  test('says more than a name where the homeserver has room for it', async () => {
    await flow.gain(alice, bob)
    alice.setFields({
      ...words('I like #cats'),
      'chat.commet.profile_banner': 'mxc://hs.test/wide',
    })
    alice.setDisplayName('Alice A.')
    await flow.quiet()
    expect(told()).toMatchObject({
      name: 'Alice A.',
      summary: expect.stringContaining(
        '<p>I like <a href="https://bridge.example/tags/cats"',
      ) as unknown,
      image: { type: 'Image', url: expect.stringContaining(`${actor}/header?v=`) as unknown },
    })
    // What is set for the fediverse alone wins, and gives way again.
    await flow.command(alice, 'profile bio For you alone.')
    expect(told()).toMatchObject({ summary: '<p>For you alone.</p>' })
    await flow.command(alice, 'profile bio reset')
    expect(told()).toMatchObject({ summary: expect.stringContaining('I like') as unknown })
  })

  test('is read anew when somebody looks at it', async () => {
    await flow.gain(alice, bob)
    alice.setDisplayName('Alice')
    await flow.quiet()
    alice.setFields(words('New words'))
    const [shown] = await flow.command(alice, 'profile')
    expect(shown).toContain('New words')
    expect(told()).toMatchObject({ summary: '<p>New words</p>' })
    const updates = flow.received(bob, 'Update').length
    await flow.command(alice, 'profile')
    expect(flow.received(bob, 'Update')).toHaveLength(updates)
  })

  test('shows in the room where one publishes', async () => {
    const [room = ''] = alice.rooms('join').filter((one) => {
      const name = flow.homeserver.state(one, 'm.room.name')?.['name']
      return name === 'alice on the fediverse'
    })
    const shown = () =>
      ['name', 'avatar'].map((what) => flow.homeserver.state(room as never, `m.room.${what}`))
    alice.setDisplayName('Alice A.')
    alice.setAvatar('mxc://hs.test/alice')
    await flow.quiet()
    expect(shown()).toEqual([{ name: 'Alice A. on the fediverse' }, { url: 'mxc://hs.test/alice' }])
    await flow.command(alice, 'profile name Alice of the Bridge')
    alice.setAvatar('')
    await flow.quiet()
    expect(shown()).toEqual([{ name: 'Alice of the Bridge on the fediverse' }, {}])
  })
})

test('a name may have custom emoji', async () => {
  await flow.gain(alice, bob)
  const chat = await flow.chat(alice)
  const formatted_body =
    'profile name Alice <img data-mx-emoticon src="mxc://hs.test/cat" alt=":cat:">'
  const format = 'org.matrix.custom.html'
  alice.send(chat, { msgtype: 'm.text', body: 'profile name Alice :cat:', format, formatted_body })
  await flow.quiet()
  expect(told()).toMatchObject({
    name: 'Alice :cat:',
    tag: [{ type: 'Link' }, { type: 'Emoji', name: ':cat:', icon: { type: 'Image' } }],
  })
  await flow.command(alice, 'profile name Alice')
  expect(told()).toHaveProperty('tag', [expect.objectContaining({ type: 'Link' })])
})

describe('the profile of an account', () => {
  const ghost = () => flow.ghostOf(bob)
  const topic = () => flow.homeserver.state(flow.portalOf(bob), 'm.room.topic')?.['topic']
  beforeEach(() => flow.follow(alice, bob))
  const origin =
    '🌉 Bridged from @bob@remote.example on the fediverse by Footbridge at bridge.example (https://bridge.example/). Its owner ends that by writing "stop" to @bridge.example@bridge.example, or with #nobridge in their profile.'
  const originHtml =
    '<p>🌉 Bridged from <a href="https://remote.example/@bob">@bob@remote.example</a> on the fediverse by <a href="https://bridge.example/">Footbridge at bridge.example</a>. Its owner ends that by writing "stop" to @bridge.example@bridge.example, or with #nobridge in their profile.</p>'
  const biography = (html: string, body: string) => ({
    'm.text': [{ mimetype: 'text/html', body: html }, { body }],
  })

  test('stands in that of its ghost, with its table and its header', async () => {
    const header = { bytes: pngOf(30, 10, 1), type: 'image/png' }
    flow.fediverse.server(bob.host).files.set('/header.png', header)
    const change = {
      type: 'Service',
      summary: '<p>Fish &amp; chips</p>',
      manuallyApprovesFollowers: true,
      image: { type: 'Image', url: 'https://remote.example/header.png' },
      attachment: [{ type: 'PropertyValue', name: 'Site', value: '<b>here</b>' }],
    }
    await flow.tell(bob.updateProfile(change))
    const fields = flow.homeserver.fields(ghost())
    expect(fields['gay.fomx.biography']).toEqual(
      biography(
        `<p>Fish &amp; chips</p><p><strong>Site</strong>: <b>here</b></p><p>🤖 automated · 🔒 approves its followers</p>${originHtml}`,
        `Fish & chips\n\nSite: here\n\n🤖 automated · 🔒 approves its followers\n\n${origin}`,
      ),
    )
    const mxc = String(fields['chat.commet.profile_banner'])
    expect(flow.homeserver.media(mxc)?.bytes).toEqual(header.bytes)
    expect(topic()).toBe(
      '@bob@remote.example · 🤖 automated · 🔒 approves its followers · Fish & chips · Replies here are public.',
    )
    const bare = { ...change, type: 'Person', manuallyApprovesFollowers: false }
    await flow.tell(bob.updateProfile({ ...bare, summary: '', image: null, attachment: [] }))
    expect(flow.homeserver.fields(ghost())).toEqual({
      'gay.fomx.biography': biography(originHtml, origin),
    })
    expect(topic()).toBe('@bob@remote.example · Replies here are public.')
  })

  test('is no trouble to a homeserver that has no room for it', async () => {
    flow.close()
    flow = await createFlow()
    flow.homeserver.setHasFields(false)
    alice = flow.user('alice')
    bob = flow.account('bob', 'remote.example')
    await flow.follow(alice, bob)
    await flow.tell(bob.updateProfile({ summary: '<p>Hi</p>' }))
    expect(topic()).toContain('Hi')
    expect(flow.homeserver.fields(ghost())).toEqual({})
    expect(await flow.failures()).toEqual([])
  })

  const icon = { type: 'Image', url: 'https://remote.example/bob.png' }
  const picture = () => [
    flow.homeserver.profile(ghost())?.avatar_url,
    flow.homeserver.state(flow.portalOf(bob), 'm.room.avatar')?.['url'],
  ]
  const putPicture = () =>
    flow.fediverse
      .server(bob.host)
      .files.set('/bob.png', { bytes: pngOf(8, 8, 1), type: 'image/png' })

  test('gets a picture that could not be had at first', async () => {
    putPicture()
    let faults = 3
    flow.fediverse.setFault(({ url }) =>
      url.endsWith('bob.png') && faults-- > 0 ? 'fail-500' : undefined,
    )
    await flow.tell(bob.updateProfile({ icon, summary: '<p>Hi</p>' }))
    expect([picture(), topic()]).toEqual([
      [undefined, undefined],
      expect.stringContaining('Hi') as unknown,
    ])
    await flow.minutes(5)
    expect(picture()).toEqual(Array(2).fill(expect.stringMatching(/^mxc:/)))
  })

  test('does without one that cannot be had, and that is no failure of ours', async () => {
    putPicture()
    flow.fediverse.setFault(({ url }) => (url.endsWith('bob.png') ? 'fail-500' : undefined))
    await flow.tell(bob.updateProfile({ icon }))
    await flow.hours(26)
    expect(picture()).toEqual([undefined, undefined])
    expect(await flow.failures()).toEqual([])
  })

  test('gets its picture again when the homeserver has lost it', async () => {
    putPicture()
    await flow.tell(bob.updateProfile({ icon }))
    const [before] = picture()
    flow.homeserver.purge(String(before))
    await flow.hours(49)
    await flow.tell(bob.post({ content: 'still here' }))
    await flow.minutes(1)
    const [after, ofRoom] = picture()
    expect([after === before, ofRoom === after]).toEqual([false, true])
    expect(flow.homeserver.media(String(after))?.bytes).toEqual(pngOf(8, 8, 1))
  })

  test('loses its picture when the account takes it away', async () => {
    putPicture()
    await flow.tell(bob.updateProfile({ icon }))
    expect(picture()).toEqual(Array(2).fill(expect.stringMatching(/^mxc:/)))
    await flow.tell(bob.updateProfile({ icon: null }))
    expect(picture()).toEqual(['', undefined])
  })
})
