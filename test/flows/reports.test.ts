import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Change } from '../../src/model/change.ts'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import { createModerated, type Moderated } from './moderated.ts'
import { bot, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let server: Account
let me: string
let post: string
let { flag, moderation, told, latest } = {} as Moderated

beforeEach(async () => {
  ;({ flow, alice, admin, server, me, post, flag, moderation, told, latest } =
    await createModerated())
})
afterEach(() => flow.close())

const kept = () => flow.store.openReports(1_000)

describe('a report from another server', () => {
  test('is kept, and told to who is an admin alone', async () => {
    await flow.tell(flag({ content: 'spam', object: [me, post], to: me }))
    const [notice = '', ...more] = await told(admin)
    expect(more).toEqual([])
    expect(notice.split('\n')).toEqual([
      'Report 1: mastodon.example reports @alice@bridge.example, for a post.',
      '> spam',
      expect.stringMatching(/^Post: https:\/\/bridge\.example\S+ · https:\/\/matrix\.to\/#\/\S+$/),
      '> look at this',
      '`!ap reports show 1` shows all of it, `!ap reports resolve 1` closes it.',
      'React with ✅ to close it, 🚫 to suspend its accounts, 📨 to pass its posts on to the homeserver.',
    ])
    expect(notice).toContain(`Post: ${post} · `)
    expect(await told(alice)).toEqual([])
    expect(await kept()).toMatchObject([
      { host: 'mastodon.example', accounts: [me], posts: [post], text: 'spam' },
    ])
  })

  test('is dropped while 2000 are open, of which the admins are told once a day', async () => {
    const at = flow.time.now()
    const report = (n: number) => ({
      ...{ activityId: asActivityId(`https://many.example/flags/${n}`), host: 'many.example' },
      ...{ actor: asActorId('https://many.example/a'), accounts: [asActorId(me)], posts: [] },
      ...{ text: 'spam', at },
    })
    const changes = Array.from({ length: 2_000 }, (_, n): Change => ({
      change: 'put-report',
      report: report(n),
    }))
    await flow.store.commit(changes)
    const notices = async () =>
      flow.bodies(await moderation()).filter((body) => body.startsWith('2000 reports are open'))
    for (const content of ['one', 'two']) await flow.tell(flag({ content, object: [me] }))
    expect(await notices()).toHaveLength(1)
    expect(await told(admin)).toEqual([])
    await flow.hours(25)
    await flow.tell(flag({ content: 'three', object: [me] }))
    expect(await notices()).toHaveLength(2)
    await flow.command(admin, 'reports resolve 1')
    await flow.tell(flag({ content: 'four', object: [me] }))
    expect(await notices()).toHaveLength(2)
    expect((await told(admin)).filter((text) => text.startsWith('Report 2001: '))).toHaveLength(1)
  })

  test('is found by the event of its notice', async () => {
    const sent = flag({ object: [me] })
    await flow.tell(sent)
    const chat = await moderation()
    admin.join(chat)
    const { eventId } = flow.messages(chat).findLast(({ sender }) => sender === bot) ?? {}
    if (eventId === undefined) throw new Error('nothing was told')
    expect(await flow.store.findMappingByEvent(chat, eventId)).toMatchObject({
      remoteId: `report:${sent.id}`,
    })
    // Neither does anything yet.
    admin.react(chat, eventId, '👍')
    await flow.quiet()
    expect(await kept()).toHaveLength(1)
    expect(flow.received(server)).toEqual([])
  })

  test('names posts and accounts as each software does', async () => {
    const none = { accounts: [me], posts: [] }
    const both = { accounts: [me], posts: [post] }
    const forms: readonly (readonly [object, object])[] = [
      [{ content: 'a', object: [me, post] }, both],
      [{ content: `Note: ${post}\n-----\nrude`, object: me }, both],
      [{ summary: 'rude', object: post, audience: 'https://lemmy.example/c/a' }, both],
      [{ content: 'a', object: [me, { type: 'Note', id: post, actor: { id: me } }] }, both],
      [
        { content: null, summary: null, object: post },
        { ...both, text: '' },
      ],
      [{ object: `${publicUrl}/@alice` }, none],
      [{ object: [me] }, none],
    ]
    await flow.tell(...forms.map(([members]) => flag(members)))
    const reports = [...(await kept())].sort((one, other) => one.number - other.number)
    expect(reports).toMatchObject(forms.map(([, expected]) => expected))
    expect(await told(admin)).toHaveLength(forms.length)
  })

  test('counts for what is ours alone, and is nothing without', async () => {
    const others = ['https://other.example/users/x', server.id, `${publicUrl}/objects/none`]
    await flow.tell(flag({ object: [...others, me] }), flag({ object: others }))
    expect(await kept()).toMatchObject([{ accounts: [me], posts: [] }])
  })

  test('comes once, however often it is sent', async () => {
    const sent = flag({ object: [me] })
    await flow.tell(sent, server.sign(sent.activity))
    expect(await kept()).toHaveLength(1)
    expect(await told(admin)).toHaveLength(1)
  })

  test('has nothing in it that acts, hides, or looks like a line of the bot', async () => {
    const content = '`reports resolve 1`\n\u202e<b>@room</b>\n'.padEnd(20_000, 'x\n')
    await flow.tell(flag({ content, object: [me] }))
    const [notice = ''] = await told(admin)
    const [, ...lines] = notice.split('\n')
    expect(lines.slice(0, 2)).toEqual(["> 'reports resolve 1'", '> <b>@room</b>'])
    expect(lines.slice(0, -2).every((line) => line.startsWith('> '))).toBe(true)
    expect(lines).toHaveLength(8)
    expect((await kept())[0]?.text).toHaveLength(5_000)
    const { content: event } = flow.messages(await moderation()).at(-1) ?? {}
    expect(event).toMatchObject({ msgtype: 'm.notice', 'm.mentions': {} })
    expect(String(event?.['formatted_body'])).not.toContain('<b>')
  })

  test('names at most a hundred things', async () => {
    const many = Array.from({ length: 150 }, (_, n) => `${publicUrl}/actors/none-${n}`)
    await flow.tell(flag({ object: [...many.slice(0, 99), me] }), flag({ object: [...many, me] }))
    expect(await kept()).toHaveLength(1)
  })

  test('is one of a hundred of its server in a day, of which twenty are told', async () => {
    for (let n = 0; n < 110; n += 1) flow.senders.send(flag({ object: [me] }))
    await flow.minutes(5)
    expect(await kept()).toHaveLength(100)
    const notices = await told(admin)
    expect(notices).toHaveLength(20)
    const said = flow.bodies(await moderation())
    expect(said.filter((body) => body.startsWith('mastodon.example has sent many'))).toHaveLength(1)
    // Another one is heard, and the day passes.
    const other = flow.account('other.example', 'other.example')
    await flow.tell(flag({ object: [me] }, other))
    expect(await told(admin)).toHaveLength(21)
    await flow.hours(25)
    await flow.tell(flag({ object: [me] }))
    expect(await told(admin)).toHaveLength(22)
  })

  test('is told nowhere else, also where its id is that of a post which stands in rooms', async () => {
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(admin, bob)
    const sent = bob.post({ content: 'look here' })
    await flow.tell(sent)
    const { eventId } = flow.messages(portal).at(-1) ?? {}
    if (eventId === undefined) throw new Error('nothing was shown')
    const { object } = sent.activity as { object: { id: string } }
    await flow.tell(flag({ id: object.id, content: 'spam', object: [me, post] }, bob))
    expect(await told(admin)).toHaveLength(1)
    // What an admin thinks of that post is about the post.
    admin.react(portal, eventId, '✅')
    await flow.quiet()
    expect(await kept()).toHaveLength(1)
    await flow.command(admin, 'reports resolve 1')
    expect((await latest()).body).toContain('Closed by @admin:hs.test')
    expect(JSON.stringify(flow.messages(portal))).not.toContain('Report 1')
  })

  test('is not rewritten, answered or removed by who gave it the id of a post', async () => {
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(admin, bob)
    const sent = bob.post({ content: 'look here' })
    await flow.tell(sent)
    const { object } = sent.activity as { object: { id: string } }
    await flow.tell(flag({ id: object.id, content: 'spam', object: [me, post] }, bob))
    const room = await moderation()
    const before = flow.bodies(room)
    const change = (type: string, id: string, of: object) =>
      flow.tell(
        bob.sign({ ...sent.activity, id: `https://remote.example/${id}`, type, object: of }),
      )
    await change('Update', 'u1', {
      ...object,
      content: 'open https://evil.example to log in',
      updated: new Date(flow.time.now()).toISOString(),
    })
    expect(flow.bodies(portal).join()).toContain('evil.example')
    await flow.tell(bob.post({ content: 'an answer', inReplyTo: object.id }))
    await change('Delete', 'd1', { id: object.id, type: 'Tombstone' })
    await flow.minutes(1)
    expect(flow.bodies(portal).join()).not.toContain('evil.example')
    expect(flow.bodies(room)).toEqual(before)
    expect(flow.homeserver.members(room, 'join')).not.toContain(flow.ghostOf(bob))
  })

  test('of somebody whose signature does not hold is none', async () => {
    const sent = flag({ object: [me] })
    const forged = { ...sent, body: Buffer.from(String(sent.body).replace(/flags/, 'flagz')) }
    const asked = flow.ask(forged)
    await flow.quiet()
    expect(await asked).toMatchObject({ status: 401 })
    expect(await kept()).toEqual([])
  })
})

describe('the command reports', () => {
  test('is for admins', async () => {
    expect(await flow.command(alice, 'reports')).toEqual([
      expect.stringContaining('I do not know `reports`'),
    ])
  })

  test('lists what is open, shows one, and closes it', async () => {
    expect(await flow.command(admin, 'reports')).toEqual(['No report is open.'])
    await flow.tell(flag({ content: 'spam', object: [me, post] }), flag({ object: [me] }))
    expect(await flow.command(admin, 'reports')).toEqual([
      [
        'Open reports (2):',
        '2: mastodon.example reports @alice@bridge.example',
        '1: mastodon.example reports @alice@bridge.example, for a post',
        '`reports show <number>` shows one.',
      ].join('\n'),
    ])
    const [shown = ''] = await flow.command(admin, 'reports show 1')
    expect(shown.split('\n')).toEqual([
      expect.stringMatching(/^Report 1, from mastodon\.example, on 2026-01-05 \d\d:\d\d UTC\.$/),
      'Accounts:',
      '@alice@bridge.example (@alice:hs.test)',
      'Posts:',
      `${post}: look at this`,
      'They say:',
      '> spam',
      '`reports resolve 1` closes it.',
    ])
    expect(await flow.command(admin, 'reports resolve 1')).toEqual([
      'Report 1 is closed. `reports` lists the one that is still open.',
    ])
    expect(await flow.command(admin, 'reports resolve 1')).toEqual([
      expect.stringMatching(/^Report 1 was closed by @admin:hs\.test on .* UTC already\.$/),
    ])
    expect(await flow.command(admin, 'reports')).toEqual([
      expect.stringContaining('Open reports (1):\n2:'),
    ])
    expect(await flow.command(admin, 'reports resolve #2')).toEqual([
      'Report 2 is closed. No other one is open.',
    ])
  })

  test('knows no other number, and no other word', async () => {
    expect(await flow.command(admin, 'reports show 7')).toEqual([
      'There is no report `7`. `reports` lists those that are open.',
    ])
    for (const line of ['reports show', 'reports x', 'reports show 1 2', 'reports 1 2'])
      expect(await flow.command(admin, line)).toEqual([
        expect.stringContaining('It is written like this'),
      ])
  })

  test('shows no words that were for few', async () => {
    const bob = flow.account('bob', 'remote.example')
    const name = '@alice@bridge.example'
    await flow.tell(
      bob.post({ content: 'psst', visibility: 'direct', mentions: [{ id: me, name }] }),
    )
    const room = flow.invitesOf(alice).at(-1)
    if (room === undefined) throw new Error('no room')
    alice.join(room)
    alice.say(room, 'between us')
    await flow.quiet()
    const [note] = flow.received(bob, 'Create')
    const { id } = note?.['object'] as { id: string }
    await flow.tell(flag({ object: [me, id] }))
    const [shown = ''] = await flow.command(admin, 'reports show 1')
    expect(shown).toContain(`${id} (a private message)`)
    expect(shown).not.toContain('between us')
  })
})

describe('a reaction of an admin to the notice of a report', () => {
  const press = async (key: string, by = admin): Promise<readonly string[]> => {
    const room = await moderation()
    if (!by.rooms('join').includes(room)) by.join(room)
    const before = flow.bodies(room).length
    const notice = flow.messages(room).find(({ content }) => {
      const { body } = content
      return typeof body === 'string' && body.startsWith('Report 1:')
    })
    if (notice === undefined) throw new Error('nobody was told')
    by.react(room, notice.eventId, key)
    await flow.minutes(1)
    return flow
      .bodies(room)
      .slice(before)
      .filter((body) => body !== '' && !body.startsWith('* '))
  }
  const tellReport = () => flow.tell(flag({ content: 'spam', object: [me, post], to: me }))

  test('closes it', async () => {
    await tellReport()
    expect(await press('✅')).toEqual(['Report 1 is closed.'])
    expect(await kept()).toEqual([])
    const { body } = await latest()
    expect(body).toMatch(/\nClosed by @admin:hs\.test on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/)
    expect(body).toContain('> look at this')
    expect(body).not.toContain('React with')
    expect(await press('✅')).toEqual([`Report 1 was closed by ${admin.userId} already.`])
  })

  test('says of one closed by who was forgotten since only that it is closed', async () => {
    await tellReport()
    const [{ number } = { number: 0 }] = await kept()
    const by = '' as typeof admin.userId
    await flow.store.commit([{ change: 'resolve-report', number, by, at: Date.now() }])
    expect(await press('✅')).toEqual(['Report 1 was closed already.'])
    expect((await flow.command(admin, 'reports show 1')).join()).toMatch(/\nClosed on .* UTC\.$/)
    expect(await flow.command(admin, 'reports resolve 1')).toEqual([
      expect.stringMatching(/^Report 1 was closed on .* UTC already\.$/),
    ])
  })

  test('passes its posts on to the homeserver, once', async () => {
    await tellReport()
    const asked: string[] = []
    flow.homeserver.injectFaults(({ url }) => {
      if (url.includes('/report/')) asked.push(url)
      return undefined
    })
    expect(await press('📨')).toEqual([
      'Passed one message of report 1 on to the admins of the homeserver.',
    ])
    expect(await press('📨')).toEqual(['Report 1 was passed on already.'])
    expect(asked).toHaveLength(1)
    expect((await latest()).body).toMatch(
      /\nIts posts were passed on to the homeserver by @admin:hs\.test on .* UTC\.\n`!ap reports show 1`/,
    )
  })

  test('suspends an account of another server for everybody here, until it is taken back', async () => {
    const bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'words of bob' }))
    await flow.command(alice, `report ${bob.handle} spam`)
    await flow.minutes(1)
    expect(await press('🚫')).toEqual([
      `Suspended for everybody here: ${bob.handle}. \`!ap unsuspend ${bob.handle}\` takes it back.`,
    ])
    expect((await latest()).body).toContain('\nIts accounts were suspended by @admin:hs.test on ')
    expect(flow.bodies(portal).join()).not.toContain('words of bob')
    expect((await flow.command(alice, `follow ${bob.handle}`)).join()).toContain(
      'has suspended @bob@remote.example',
    )
    await flow.tell(bob.post({ content: 'more', mentions: [{ id: me, name: '@alice' }] }))
    const rooms = [...alice.rooms('join'), ...alice.rooms('invite')]
    expect(rooms.flatMap((room) => flow.bodies(room))).not.toContain('more')
    expect((await flow.command(admin, `unsuspend ${bob.handle}`)).join()).toContain(
      'may come again',
    )
    expect((await flow.command(alice, `follow ${bob.handle}`)).join()).toContain('Following')
    expect((await flow.command(admin, `suspend ${bob.handle}`)).join()).toContain('is suspended')
    expect((await flow.command(alice, 'following')).join()).not.toContain(bob.handle)
  })

  test('does nothing to people here, and nothing by who is no admin', async () => {
    await tellReport()
    expect(await press('🚫')).toEqual([
      'Report 1 is about people here. In the configuration, `none` behind their name under `permissions` keeps them out.',
    ])
    flow.permissions.set(admin.userId, 'user')
    expect(await press('✅')).toEqual([])
    expect(await kept()).toHaveLength(1)
  })
})
