import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let admin: FakeUser
let bob: Account
let me: string
/** URLs of the fediverse that were asked. */
let asked: string[]

const listening =
  (http: Http): Http =>
  (request) => {
    asked.push(request.url)
    return http(request)
  }

beforeEach(async () => {
  asked = []
  flow = await createFlow({}, { web: listening })
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  bob = flow.account('bob', 'social.remote.example')
  await flow.command(admin, 'register')
  me = await flow.actorOf(admin)
})
afterEach(() => flow.close())

const block = (options = '') => flow.command(admin, `block-domain remote.example ${options}`)
const unblock = () => flow.command(admin, 'unblock-domain remote.example')
const askedThere = () => asked.filter((url) => URL.parse(url)?.hostname.endsWith('remote.example'))
const mentions = () => [{ id: me, name: '@admin' }]
const roomsOf = (user: FakeUser) => [...user.rooms('join'), ...user.rooms('invite')]

describe('a suspended domain', () => {
  test('sends nothing into its rooms and gets nothing, below the domain too; both go on after', async () => {
    const portal = await flow.follow(admin, bob)
    const profile = await flow.publish(admin)
    await flow.gain(admin, bob)
    expect((await block()).at(-1)).toBe(
      'remote.example is blocked: nothing comes from there, and nothing goes there. `unblock-domain remote.example` takes it back.',
    )
    await flow.minutes(1)
    asked.length = 0
    await flow.tell(bob.post({ content: 'unheard' }))
    admin.say(profile, 'to the others')
    await flow.minutes(10)
    expect(flow.bodies(portal).at(-1)).toBe(
      'The admin of this server has blocked remote.example: nothing new comes from there, and nothing that is written here goes there.',
    )
    expect(flow.received(bob, 'Create')).toEqual([])
    expect(askedThere()).toEqual([])
    expect(await unblock()).toEqual(['remote.example is not blocked any more.'])
    await flow.tell(bob.post({ content: 'heard' }))
    admin.say(profile, 'to all')
    await flow.minutes(1)
    expect(flow.bodies(portal).slice(-2)).toEqual([
      'remote.example is not blocked any more: what is posted there is shown again.',
      'heard',
    ])
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('is not looked up, by handle or link', async () => {
    await block()
    asked.length = 0
    const line =
      'The admin of this server has blocked remote.example: nothing goes there or comes from there.'
    for (const command of [`follow ${bob.handle}`, `follow ${bob.id}`, `dm ${bob.handle} hello`])
      expect((await flow.command(admin, command)).at(-1)).toBe(line)
    expect(askedThere()).toEqual([])
  })

  test('keeps no chat: whoever writes there is told each time', async () => {
    await flow.tell(bob.post({ content: 'psst', visibility: 'direct', mentions: mentions() }))
    const chat = flow.newRoom(admin, [await flow.chat(admin)])
    admin.join(chat)
    await flow.quiet()
    await block()
    admin.say(chat, 'are you there?')
    await flow.minutes(1)
    expect(flow.bodies(chat).at(-1)).toBe(
      'Not sent: the admin of this server has blocked remote.example.',
    )
    await flow.tell(bob.post({ content: 'more', visibility: 'direct', mentions: mentions() }))
    expect(flow.bodies(chat)).not.toContain('more')
    expect(flow.received(bob, 'Create')).toEqual([])
  })

  test('comes in by nobody else: no boost of a post from there is shown', async () => {
    const carol = flow.account('carol', 'other.example')
    const portal = await flow.follow(admin, carol)
    await block()
    const post = bob.post({ content: 'boosted' })
    await flow.tell(carol.boost(post.object))
    await flow.minutes(5)
    expect(flow.bodies(portal).join()).not.toContain('boosted')
    expect(askedThere()).toEqual([])
  })

  test('what waits to be delivered there is not, and a private message is told', async () => {
    let isAway = false
    flow.close()
    flow = await createFlow({ isAway: (side) => isAway && side === 'social.remote.example' })
    admin = flow.user('admin')
    flow.permissions.set(admin.userId, 'admin')
    bob = flow.account('bob', 'social.remote.example')
    const known = [await flow.chat(admin)]
    await flow.command(admin, `dm ${bob.handle}`)
    const chat = flow.newRoom(admin, known)
    admin.join(chat)
    await flow.quiet()
    admin.say(chat, 'first')
    await flow.quiet()
    isAway = true
    admin.say(chat, 'second')
    await flow.quiet()
    await block()
    isAway = false
    await flow.hours(2)
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(flow.bodies(chat).at(-1)).toBe(
      'Not delivered to social.remote.example: the admin of this server has blocked remote.example.',
    )
  })
})

describe('by other ways', () => {
  const serve = (document: object & { readonly id: string }) =>
    flow.fediverse.server('social.remote.example').files.set(new URL(document.id).pathname, {
      type: 'application/activity+json',
      bytes: Buffer.from(JSON.stringify(document)),
    })

  test('what a group tells of its reactions is passed over, and nothing is given up', async () => {
    const cats = flow.account('cats', 'lemmy.example')
    cats.profile = { type: 'Group', name: 'Cats' }
    await flow.follow(admin, cats)
    const profile = await flow.publish(admin)
    admin.say(profile, 'hello')
    await flow.quiet()
    await block()
    const posts = (flow.rows()['object'] ?? []).map((row) => JSON.parse(row) as { id: string })
    const object = posts.find(({ id }) => id.startsWith('https://bridge.example/'))?.id
    const like = {
      id: 'https://social.remote.example/likes/1',
      type: 'Like',
      actor: bob.id,
      object,
    }
    serve(like)
    const context = 'https://www.w3.org/ns/activitystreams'
    const announce = { '@context': context, id: `${cats.id}/announces/1`, type: 'Announce' }
    await flow.tell(cats.sign({ ...announce, actor: cats.id, object: like }))
    await flow.minutes(1)
    expect(flow.rows()['failed_job']).toEqual([])
    expect(askedThere()).toEqual([])
  })

  test('an account that goes by a name of it is kept away, wherever it is', async () => {
    const portal = await flow.follow(admin, bob)
    const known = await flow.store.findRemoteActor(asActorId(bob.id))
    if (known === undefined) throw new Error('nobody')
    const actor = { ...known, host: 'name.example' }
    bob.profile = { webfinger: 'bob@name.example' }
    await flow.store.commit([{ change: 'put-remote-actor', actor }])
    // What somebody else writes into its database a bridge sees when it is started again.
    flow.crash(0)
    await flow.command(admin, 'block-domain @bob@name.example')
    await flow.tell(bob.post({ content: 'unheard' }))
    expect(flow.bodies(portal).join()).not.toContain('unheard')
    expect((await flow.command(admin, `follow ${bob.id}`)).at(-1)).toContain(
      'The admin of this server has blocked name.example',
    )
  })
})

describe('a silenced domain', () => {
  beforeEach(async () => {
    await block('--silence')
  })

  test('its strangers are not heard, whom one follows is', async () => {
    const before = roomsOf(admin)
    const loud = flow.account('loud', 'remote.example')
    await flow.tell(
      loud.post({ content: 'hey', mentions: mentions() }),
      loud.post({ content: 'psst', visibility: 'direct', mentions: mentions() }),
    )
    await flow.minutes(1)
    expect(roomsOf(admin)).toEqual(before)
    const portal = await flow.follow(admin, bob)
    await flow.tell(bob.post({ content: 'hello', mentions: mentions() }))
    expect(flow.bodies(portal)).toContain('hello')
  })

  test('its people ask before they follow', async () => {
    await flow.tell(bob.follow(me))
    expect(flow.received(bob, 'Accept')).toEqual([])
    const follow = await flow.store.findFollow(asActorId(bob.id), asActorId(me))
    expect(follow?.state).toBe('requested')
  })
})

test('without its files a post is shown with links, and nothing of them is asked', async () => {
  const portal = await flow.follow(admin, bob)
  await block('--no-media')
  asked.length = 0
  const elsewhere = 'https://files.cdn.example/cat.png'
  const file = { type: 'Image', mediaType: 'image/png', name: 'a cat', url: elsewhere }
  await flow.tell(bob.post({ content: 'look', extra: { attachment: [file] } }))
  await flow.minutes(10)
  expect(flow.bodies(portal).at(-1)).toContain(elsewhere)
  expect(asked).not.toContain(elsewhere)
})

test('without its files none comes by a redirect', async () => {
  const carol = flow.account('carol', 'other.example')
  const portal = await flow.follow(admin, carol)
  await block('--no-media')
  const [there, url] = ['https://social.remote.example/cat.png', 'https://other.example/cat.png']
  flow.fediverse.server('other.example').files.set('/cat.png', {
    status: 302,
    type: 'image/png',
    bytes: Buffer.alloc(0),
    location: there,
  })
  asked.length = 0
  const file = { type: 'Image', mediaType: 'image/png', name: 'a cat', url }
  await flow.tell(carol.post({ content: 'look', extra: { attachment: [file] } }))
  await flow.minutes(10)
  expect(asked).toContain(url)
  expect(asked).not.toContain(there)
  expect(flow.bodies(portal).at(-1)).toContain(url)
})

test('without its files its people have no pictures, wherever these are', async () => {
  const icon = 'https://files.cdn.example/bob.png'
  bob.profile = { icon: { type: 'Image', url: icon } }
  await block('--no-media')
  await flow.follow(admin, bob)
  await flow.minutes(10)
  expect(asked).not.toContain(icon)
})

test('without its reports, none is kept', async () => {
  const flag = (number: number) =>
    bob.sign({
      '@context': 'https://www.w3.org/ns/activitystreams',
      ...{ id: `${bob.id}/flags/${number}`, type: 'Flag', actor: bob.id, object: [me] },
    })
  await flow.tell(flag(1))
  expect(await flow.store.openReports(10)).toHaveLength(1)
  await block('--no-reports')
  await flow.tell(flag(2))
  expect(await flow.store.openReports(10)).toHaveLength(1)
})

describe('the commands', () => {
  test.each([
    ['', 'It is written like this'],
    ['no domain', 'It is written like this'],
    ['localhost', 'It is written like this'],
    ['a.b.c.d.e.f.g.h.example', 'It is written like this'],
    ['192.0.2.1', '192.0.2.1 is blocked'],
    ['*.spam.example', 'spam.example is blocked'],
    ['@bob@spam.example', 'spam.example is blocked'],
    ['https://spam.example/@bob', 'spam.example is blocked'],
    ['SPAM.example', 'spam.example is blocked'],
    ['bücher.example', 'xn--bcher-kva.example is blocked'],
    ['bridge.example', 'bridge.example is where this bridge is itself.'],
  ])('block-domain %s', async (text, answer) => {
    expect((await flow.command(admin, `block-domain ${text}`)).at(-1)).toContain(answer)
  })

  test('what is blocked is listed with its effect and reason, and changes by blocking anew', async () => {
    await block('sends only spam')
    await flow.command(admin, 'block-domain loud.example --silence --no-media --no-reports')
    expect(await flow.command(admin, 'blocked-domains')).toEqual([
      [
        'Blocked domains (2):',
        'loud.example: its people reach only those who follow them, and ask before they follow; none of its files and pictures are fetched; its reports are not taken',
        'remote.example: nothing comes from there, and nothing goes there (sends only spam)',
      ].join('\n'),
    ])
    await block('--no-reports')
    expect((await flow.store.findDomainBlock('a.remote.example'))?.severity).toBe('none')
    expect(await unblock()).toEqual(['remote.example is not blocked any more.'])
    expect(await unblock()).toEqual([
      '`remote.example` is not blocked. `blocked-domains` shows what is.',
    ])
  })

  const veiled = '--silence --no-media --obfuscate --public-comment "Only spam." asked twice'
  const words = { isObfuscated: true, publicComment: 'Only spam.', reason: 'asked twice' } as const
  const part = { severity: 'silence', rejectsMedia: true, rejectsReports: false } as const
  const whole = { severity: 'suspend', rejectsMedia: false, rejectsReports: false } as const

  test.each([
    ['', { ...whole, ...words }],
    ['asked again', { ...whole, ...words, reason: 'asked again' }],
    ['--suspend', { ...whole, ...words }],
    ['--no-reports', { ...whole, ...words, severity: 'none', rejectsReports: true }],
    ['--public-comment “Mostly spam”', { ...part, ...words, publicComment: 'Mostly spam' }],
    ['--public-comment "" so they asked', { ...part, isObfuscated: true, reason: 'so they asked' }],
    ['--no-obfuscate', { ...part, publicComment: 'Only spam.', reason: 'asked twice' }],
    ['--obfuscate --suspend', { ...whole, ...words }],
  ])('blocking anew with "%s" keeps what is not named', async (options, expected) => {
    await block(veiled)
    await block(options)
    const { domain, by, at, ...found } = (await flow.store.findDomainBlock('remote.example')) ?? {}
    expect([domain, by, at]).toEqual(['remote.example', admin.userId, expect.any(Number)])
    expect(found).toEqual(expected)
  })

  test('how a block is shown is said with it, in the list, and of what was let in as of any other', async () => {
    await flow.command(admin, 'allow-domain remote.example')
    expect((await block('--obfuscate --public-comment "Only spam" asked twice')).at(-1)).toBe(
      'remote.example is blocked: nothing comes from there, and nothing goes there. Its name is shown in part. Everybody reads: Only spam. `unblock-domain remote.example` takes it back.',
    )
    expect((await flow.command(admin, 'blocked-domains')).join()).toContain(
      'remote.example: nothing comes from there, and nothing goes there; its name is shown in part; everybody reads: Only spam (asked twice)',
    )
  })

  test.each(['--obfuscate --no-obfuscate', '--suspend --silence'])(
    'block-domain with %s is not understood',
    async (options) => {
      expect((await block(options)).at(-1)).toContain('It is written like this')
      expect(await flow.store.domainBlocks()).toEqual([])
    },
  )

  test('what is blocked with a larger domain is not taken back alone', async () => {
    await block()
    expect(await flow.command(admin, 'unblock-domain social.remote.example')).toEqual([
      'social.remote.example is blocked with remote.example; only that can be taken back.',
    ])
  })

  test('say what still holds where one domain is blocked below another', async () => {
    const portal = await flow.follow(admin, bob)
    await flow.command(admin, 'block-domain social.remote.example')
    await block()
    expect(await flow.command(admin, 'unblock-domain social.remote.example')).toEqual([
      'social.remote.example has no block of its own any more. remote.example is blocked, and all below it: nothing comes from there, and nothing goes there.',
    ])
    await flow.minutes(1)
    expect(flow.bodies(portal).join()).not.toContain('not blocked any more')
  })

  test('tell the rooms of accounts that go by another name too', async () => {
    const portal = await flow.follow(admin, bob)
    const known = await flow.store.findRemoteActor(asActorId(bob.id))
    if (known === undefined) throw new Error('nobody')
    const actor = { ...known, host: 'name.example' }
    await flow.store.commit([{ change: 'put-remote-actor', actor }])
    await flow.command(admin, 'block-domain emote.example')
    await flow.minutes(1)
    expect(flow.bodies(portal).join()).not.toContain('has blocked')
    await block()
    await flow.minutes(1)
    expect(flow.bodies(portal).at(-1)).toContain('has blocked remote.example')
  })

  test('are for admins', async () => {
    const alice = flow.user('alice')
    for (const line of ['block-domain a.example', 'blocked-domains', 'unblock-domain a.example'])
      expect((await flow.command(alice, line)).at(-1)).toContain('I do not know')
    expect(await flow.store.domainBlocks()).toEqual([])
  })
})
