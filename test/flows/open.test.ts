import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, 'register')
})
afterEach(() => flow.close())

const open = async (link: string): Promise<string> =>
  (await flow.command(alice, `open ${link}`)).join('\n')

/** Opens what is nowhere yet; the room of the notifications, which alice has joined. */
async function opened(link: string) {
  expect(await open(link)).toContain('comes into your notifications')
  const room = flow.newRoom(alice, [await flow.chat(alice)])
  alice.join(room)
  return room
}

describe('a post that is opened', () => {
  test('stands in the notifications with its author and date, and can be answered', async () => {
    const { object } = bob.post({ content: 'found on the web' })
    const date = flow.time.now()
    await flow.minutes(10)
    const room = await opened(object)
    const [line] = flow.messages(room)
    expect(line).toMatchObject({
      sender: flow.ghostOf(bob),
      content: { body: 'found on the web', 'm.mentions': {} },
    })
    expect(Math.abs((line?.ts ?? 0) - date)).toBeLessThan(2_000)
    alice.reply(room, flow.eventOf(room, 'found on the web'), 'well said')
    alice.react(room, flow.eventOf(room, 'found on the web'), '❤️')
    await flow.quiet()
    expect(flow.received(bob, 'Create')[0]?.['object']).toMatchObject({ inReplyTo: object })
    expect(flow.received(bob, 'Like')).toMatchObject([{ object }])
  })

  test('once is linked from then on', async () => {
    const { object } = bob.post({ content: 'found' })
    const room = await opened(object)
    const answer = await open(object)
    expect(answer).toContain('already')
    expect(answer).toContain(encodeURIComponent(flow.eventOf(room, 'found')))
    expect(flow.bodies(room)).toEqual(['found'])
  })

  test('stands in the room of its author, where it is linked', async () => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'seen' })
    await flow.tell(sent)
    expect(await open(sent.object)).toContain(encodeURIComponent(portal))
  })

  test('is still told to the followers of its author when its own Create comes', async () => {
    const portal = await flow.follow(flow.user('mallory'), bob)
    const sent = bob.post({ content: 'opened early' })
    const room = await opened(sent.object)
    await flow.tell(sent)
    expect([flow.bodies(room), flow.bodies(portal)]).toEqual([['opened early'], ['opened early']])
  })

  test('may be found by the activity that brought it', async () => {
    const sent = bob.post({ content: 'by its Create' })
    const boost = flow.account('carl', 'other.example').boost(sent.object)
    expect(boost.id).toContain('announce')
    await opened(sent.object)
  })
})

describe('what is not opened', () => {
  test('is told apart: nothing there, an account, no link, not for alice, deleted', async () => {
    expect(await open(`${bob.id}/statuses/none`)).toContain('leads to no post')
    expect(await open(bob.id)).toContain('is an account')
    expect(await open(bob.handle)).toContain(`follow ${bob.handle}`)
    expect(await open('nonsense')).toContain('is no link')
    const secret = bob.post({ content: 'for friends', visibility: 'followers' })
    expect(await open(secret.object)).toContain('not for everybody')
    const direct = bob.post({ content: 'for nobody', visibility: 'direct' })
    expect(await open(direct.object)).toContain('not for everybody')
    await flow.follow(alice, bob)
    const gone = bob.post({ content: 'gone' })
    await flow.tell(gone)
    await flow.tell(bob.delete(gone.object))
    expect(await open(gone.object)).toMatch(/leads to no post|was deleted/)
    expect(alice.rooms('invite')).toEqual([])
  })

  test('across a block', async () => {
    const { object } = bob.post({ content: 'unreadable' })
    await flow.tell(bob.block(await flow.actorOf(alice)))
    expect(await open(object)).toContain('blocked')
  })

  test('while its server is away comes when it is back', async () => {
    const { object } = bob.post({ content: 'later' })
    flow.fediverse.server('remote.example').isAway = true
    expect(await open(object)).toContain('keep trying')
    flow.fediverse.server('remote.example').isAway = false
    await flow.minutes(5)
    const room = flow.newRoom(alice, [await flow.chat(alice)])
    expect(flow.bodies(room)).toEqual(['later'])
  })
})

describe('backfill', () => {
  test('brings older posts into the room of an account, and goes on further back', async () => {
    for (let n = 1; n <= 30; n++) {
      bob.post({ content: `old ${n}` })
      await flow.minutes(1)
    }
    const portal = await flow.follow(alice, bob)
    const texts = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, n) => `old ${from + n}`)
    expect(flow.bodies(portal)).toEqual(texts(11, 30))
    const ask = async (line: string) => {
      alice.say(portal, line)
      await flow.quiet()
    }
    const posts = () => flow.messages(portal).filter(({ sender }) => sender === flow.ghostOf(bob))
    await ask('!ap backfill 4')
    expect(
      posts()
        .slice(20)
        .map(({ content }) => content['body']),
    ).toEqual(texts(7, 10))
    await ask('!ap backfill 50')
    expect(
      posts()
        .slice(24)
        .map(({ content }) => content['body']),
    ).toEqual(texts(1, 6))
    await ask('!ap backfill 5')
    expect(flow.bodies(portal).at(-1)).toContain('no older posts')
    expect(posts().every(({ content }) => JSON.stringify(content['m.mentions']) === '{}')).toBe(
      true,
    )
    const dates = posts()
      .slice(20)
      .map(({ ts }) => ts)
    expect(Math.max(...dates)).toBeLessThan(posts()[0]?.ts ?? 0)
  })

  test('is for the rooms of accounts', async () => {
    expect((await flow.command(alice, 'backfill 5')).join()).toContain('in the room of an account')
  })
})
