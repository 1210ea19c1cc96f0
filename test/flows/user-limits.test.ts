import { afterEach, describe, expect, test } from '@jest/globals'
import type { Config } from '../../src/config/config.ts'
import { bot, createFlow, type Flow } from './setup.ts'

let flow: Flow
afterEach(() => flow.close())

const begin = async (limits: Partial<Config['limits']>, joinMediaWithin = 0): Promise<void> => {
  flow = await createFlow({}, { limits, publish: { joinMediaWithin } })
}

describe('posts within an hour', () => {
  test.each([0, 2_000])(
    'beyond the limit are not sent, and their author reads why and for how long (joined within %i ms)',
    async (within) => {
      await begin({ postsPerHour: 3 }, within)
      const alice = flow.user('alice')
      const bob = flow.account('bob', 'remote.example')
      const room = await flow.publish(alice)
      await flow.gain(alice, bob)
      const say = async (body: string) => {
        alice.say(room, body)
        await flow.minutes(1)
      }
      for (const body of ['one', 'two', 'three', 'four', 'five']) await say(body)
      expect(flow.received(bob, 'Create')).toHaveLength(3)
      const told = flow.messages(room).filter(({ sender }) => sender === bot)
      const notices = told.map(({ content }) => String(content['body']))
      // One notice for the time that it lasts, not one for each message.
      expect(notices.filter((text) => text.startsWith('Not sent'))).toEqual([
        expect.stringMatching(
          /^Not sent: you have written 3 posts and messages within an hour, which is as many as this server allows\. What you write in the next 5[78] minutes is not sent either\. After that you can send it again\.$/,
        ),
      ])
      // A restart forgives nothing.
      flow.crash(1_000)
      await flow.minutes(1)
      await say('six')
      expect(flow.received(bob, 'Create')).toHaveLength(3)
      await flow.minutes(57)
      await say('seven')
      const sources = flow.received(bob, 'Create').map(({ object }) => JSON.stringify(object))
      expect(sources.map((text) => /one|two|three|four|five|six|seven/.exec(text)?.[0])).toEqual([
        'one',
        'two',
        'three',
        'seven',
      ])
    },
  )

  test('hold for the command and for chats too, and not for admins', async () => {
    await begin({ postsPerHour: 1 })
    const alice = flow.user('alice')
    const bob = flow.account('bob', 'remote.example')
    const room = await flow.publish(alice)
    expect((await flow.command(alice, 'post first')).join()).toContain('Published')
    expect((await flow.command(alice, 'post second')).join()).toContain(
      'Not sent: you have written',
    )
    const known = [...alice.rooms('join'), ...alice.rooms('invite')]
    await flow.command(alice, `dm ${bob.handle}`)
    const chat = flow.newRoom(alice, known)
    alice.join(chat)
    alice.say(chat, 'hello')
    await flow.quiet()
    expect(flow.bodies(chat).at(-1)).toContain('Not sent: you have written')
    expect(flow.received(bob, 'Create')).toEqual([])
    flow.permissions.set(alice.userId, 'admin')
    alice.say(room, 'third')
    alice.say(chat, 'hello again')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })

  test('keep what waits for ✅ waiting', async () => {
    await begin({ postsPerHour: 1 })
    const alice = flow.user('alice')
    const bob = flow.account('bob', 'remote.example')
    await flow.publish(alice)
    const portal = await flow.follow(alice, bob)
    await flow.command(alice, 'post first')
    alice.say(portal, 'hey you')
    await flow.quiet()
    alice.react(portal, flow.eventOf(portal, 'hey you'), '✅')
    await flow.quiet()
    expect(flow.bodies(portal).at(-1)).toContain('Not sent')
    await flow.minutes(61)
    alice.react(portal, flow.eventOf(portal, 'hey you'), '✔️')
    await flow.quiet()
    expect(flow.received(bob, 'Create')).toHaveLength(1)
  })
})

describe('people whom one names within an hour', () => {
  test('are counted once each, in posts, answers and chats, and not those of admins', async () => {
    await begin({ mentionsPerHour: 2 })
    const alice = flow.user('alice')
    const [a, b, c] = ['a', 'b', 'c'].map((name) => flow.account(name, `${name}.example`))
    if (a === undefined || b === undefined || c === undefined) throw new Error('nobody')
    const room = await flow.publish(alice)
    const say = async (body: string) => {
      alice.say(room, body)
      await flow.minutes(1)
    }
    await say(`hello ${a.handle}`)
    const known = [...alice.rooms('join'), ...alice.rooms('invite')]
    await flow.command(alice, `dm ${b.handle}`)
    const chat = flow.newRoom(alice, known)
    alice.join(chat)
    alice.say(chat, 'and you')
    await flow.minutes(20)
    await say(`again ${a.handle}`)
    await say(`too many ${c.handle}`)
    expect(flow.bodies(room).at(-1)).toMatch(
      /^Not sent: with these you would have named more than 2 people within an hour, which is as many as this server allows\. You can send it again in 3[89] minutes\.$/,
    )
    alice.say(chat, 'still you')
    await flow.minutes(1)
    expect([a, b, c].map((one) => flow.received(one, 'Create').length)).toEqual([2, 2, 0])
    flow.permissions.set(alice.userId, 'admin')
    await say(`admin ${c.handle}`)
    flow.permissions.delete(alice.userId)
    expect(flow.received(c, 'Create')).toHaveLength(1)
    await flow.minutes(62)
    await say(`later ${c.handle}`)
    expect(flow.received(c, 'Create')).toHaveLength(2)
  })
})

describe('who is new here', () => {
  const newAccounts = { age: 6 * 3_600_000, postsPerHour: 1, followsPerHour: 1, mentionsPerHour: 1 }

  test('may do less, reads until when, and then as much as everybody', async () => {
    await begin({ newAccounts })
    const alice = flow.user('alice')
    const [a, b] = ['a', 'b'].map((name) => flow.account(name, 'remote.example'))
    if (a === undefined || b === undefined) throw new Error('nobody')
    const ask = async (line: string) => (await flow.command(alice, line)).join()
    expect(await ask(`follow ${a.handle}`)).toContain('Requested')
    expect(await ask(`follow ${b.handle}`)).toMatch(
      /^Not asked: you have asked to follow 1 account within an hour, which is as many as this server allows\. Ask again in \d+ minutes\. You are new here: in 6 hours you may do as much as everybody else\.$/,
    )
    expect(await ask(`post both of you, ${a.handle} ${b.handle}`)).toBe(
      'Not sent: it is for 2 people, and this server lets you name 1 within an hour. Name fewer of them, and send it again. You are new here: in 6 hours you may do as much as everybody else.',
    )
    expect(await ask('post one')).toContain('Published')
    expect(await ask('post two')).toMatch(
      /^Not sent: you have written 1 post or message within an hour, .* You are new here: in 6 hours you may do as much as everybody else\.$/,
    )
    await flow.hours(6)
    for (const line of [`follow ${b.handle}`, 'follow @c@remote.example'])
      expect(await ask(line)).not.toContain('Not asked')
    for (const words of ['three', 'four', `five ${a.handle} ${b.handle}`])
      expect(await ask(`post ${words}`)).toContain('Published')
  })

  test('is nobody whom the bot has known for longer than that', async () => {
    await begin({ newAccounts })
    const alice = flow.user('alice')
    await flow.command(alice, 'help')
    await flow.hours(6)
    for (const words of ['one', 'two'])
      expect((await flow.command(alice, `post ${words}`)).join()).not.toContain('Not sent')
  })

  test('is held to what holds for everybody, where that is less', async () => {
    await begin({ postsPerHour: 1, newAccounts: { ...newAccounts, postsPerHour: 5 } })
    const alice = flow.user('alice')
    await flow.command(alice, 'post one')
    const answer = (await flow.command(alice, 'post two')).join()
    expect(answer).toContain('you have written 1 post or message')
    expect(answer).not.toContain('new here')
  })

  test('is no admin, and nobody where the admin says so', async () => {
    await begin({ newAccounts })
    const root = flow.user('root')
    flow.permissions.set(root.userId, 'admin')
    for (const words of ['one', 'two'])
      expect((await flow.command(root, `post ${words}`)).join()).toContain('Published')
    flow.close()
    await begin({ newAccounts: { ...newAccounts, age: 0 } })
    const alice = flow.user('alice')
    for (const words of ['one', 'two'])
      expect((await flow.command(alice, `post ${words}`)).join()).toContain('Published')
  })
})

test('who asks to follow too often is told, whether they take it back or not', async () => {
  await begin({ followsPerHour: 2 })
  const alice = flow.user('alice')
  const accounts = ['a', 'b', 'c'].map((name) => flow.account(name, 'remote.example'))
  const ask = async (n: number) =>
    (await flow.command(alice, `follow ${accounts[n]?.handle ?? ''}`)).join()
  expect(await ask(0)).toContain('Requested')
  await flow.command(alice, `unfollow ${accounts[0]?.handle ?? ''}`)
  expect(await ask(1)).toContain('Requested')
  expect(await ask(2)).toMatch(
    /^Not asked: you have asked to follow 2 accounts within an hour, which is as many as this server allows\. Ask again in \d+ minutes\.$/,
  )
  expect(await ask(1)).toContain('already')
  await flow.minutes(61)
  expect(await ask(2)).toContain('Requested')
})

test('a post that names too many people is not sent', async () => {
  await begin({ mentionsPerPost: 2 })
  const alice = flow.user('alice')
  const people = ['a', 'b', 'c'].map((name) => flow.account(name, 'remote.example'))
  const room = await flow.publish(alice)
  alice.say(room, people.map(({ handle }) => handle).join(' '))
  alice.say(
    room,
    people
      .slice(1)
      .map(({ handle }) => handle)
      .join(' '),
  )
  await flow.minutes(1)
  expect(flow.bodies(room)).toContain(
    'Not sent: it is for 3 people, and this server lets one message name 2. Name fewer of them, and send it again.',
  )
  expect(people.map((one) => flow.received(one, 'Create').length)).toEqual([1, 1, 1])
})

test('a private post to many strangers makes us look up a few of them', async () => {
  await begin({ accountsPerRequest: 5 })
  const alice = flow.user('alice')
  await flow.command(alice, 'register')
  const bob = flow.account('bob', 'remote.example')
  const others = Array.from({ length: 15 }, (_, n) => flow.account(`u${n}`, `host${n}.example`))
  const alices = { id: await flow.actorOf(alice), name: '@alice@bridge.example' }
  const mentions = [alices, ...others.map(({ id, handle }) => ({ id, name: handle }))]
  await flow.tell(bob.post({ content: 'all of you', visibility: 'direct', mentions }))
  await flow.minutes(5)
  const asked = new Set(
    flow.fediverse.requests
      .filter(({ url }) => others.some(({ id }) => id === url))
      .map(({ url }) => url),
  )
  expect(asked.size).toBeLessThanOrEqual(5)
  const said = flow.homeserver.rooms().flatMap((roomId) => flow.bodies(roomId))
  expect(said).toContain('all of you')
})
