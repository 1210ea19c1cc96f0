import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { publicUrl } from './setup.ts'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
const theBot = `${publicUrl}/actor`

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  await flow.command(alice, 'register')
})
afterEach(() => flow.close())

const toBot = (content: string): Sent =>
  bob.post({ content, visibility: 'direct', mentions: [{ id: theBot, name: '@bot' }] })
const answers = (account = bob): readonly string[] =>
  flow
    .received(account, 'Create')
    .filter(({ actor }) => actor === theBot)
    .map(({ object }) => String((object as { content?: unknown }).content))
const isIn = (roomId: RoomId, account = bob): boolean =>
  flow.homeserver.state(roomId, 'm.room.member', flow.ghostOf(account))?.['membership'] === 'join'

const optOuts: readonly [name: string, profile: Readonly<Record<string, unknown>>][] = [
  ['#nobridge in its text', { summary: '<p>hi <a href="x">#<span>nobridge</span></a></p>' }],
  ['#nobridge in its name', { name: 'Bob #NoBridge' }],
  ['bridgeable: false', { bridgeable: false }],
  ['suspended by its server', { suspended: true }],
]

describe('an account that does not want to be bridged', () => {
  test.each(optOuts)('%s: nobody follows it or writes to it', async (_, profile) => {
    bob.profile = profile
    const [follow] = await flow.command(alice, `follow ${bob.handle}`)
    expect(follow).toContain('nothing goes there or comes from there.')
    const [dm] = await flow.command(alice, `dm ${bob.handle} hello`)
    expect(dm).toBe(follow)
    const room = alice.createDm(flow.ghostOf(bob))
    alice.say(room, 'hello')
    await flow.minutes(1)
    expect(flow.received(bob)).toEqual([])
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toBe(follow)
  })

  test.each(optOuts)('%s: what it sends is not shown, at first sight', async (_, profile) => {
    bob.profile = profile
    const me = await flow.actorOf(alice)
    const rooms = () => [...alice.rooms('invite'), ...alice.rooms('join')]
    const before = rooms()
    const mentions = [{ id: me, name: '@alice' }]
    await flow.tell(bob.post({ content: 'hey', mentions }))
    await flow.tell(bob.post({ content: 'psst', visibility: 'direct', mentions }))
    expect(rooms()).toEqual(before)
    await flow.tell(bob.follow(me))
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
    expect(await flow.store.followersOf(me as never)).toEqual([])
    expect(await flow.failures()).toEqual([])
  })

  test.each(optOuts)('%s, said later: all of it goes at once', async (_, profile) => {
    const portal = await flow.follow(alice, bob)
    await flow.gain(alice, bob)
    await flow.tell(bob.post({ content: 'words of bob' }))
    expect(flow.bodies(portal)).toContain('words of bob')
    await flow.tell(bob.updateProfile(profile))
    expect(flow.bodies(portal).join()).not.toContain('words of bob')
    expect(flow.bodies(portal).at(-1)).toContain('What was here of it is removed')
    expect(isIn(portal)).toBe(false)
    expect(flow.received(bob, 'Undo')).toHaveLength(1)
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
    expect((await flow.command(alice, 'following')).join()).toContain('You follow nobody yet.')
    await flow.tell(bob.post({ content: 'more of it' }))
    expect(flow.bodies(portal).join()).not.toContain('more of it')
    expect(await flow.failures()).toEqual([])
  })

  test('that says it without a word to us is found within a day, at whatever hour', async () => {
    const late: { readonly account: Account; readonly portal: RoomId }[] = []
    const isGone = ({ account, portal }: (typeof late)[number]): boolean =>
      !isIn(portal, account) && !flow.bodies(portal).join().includes('words of it')
    for (let hour = 0; hour < 48; hour += 1) {
      if (hour < 24) {
        const account = flow.account(`late${hour}`, 'remote.example')
        const portal = await flow.follow(alice, account)
        await flow.tell(account.post({ content: 'words of it' }))
        expect(isGone({ account, portal })).toBe(false)
        account.profile = { summary: '#nobridge' }
        late.push({ account, portal })
      }
      await flow.hours(1)
      const due = late.slice(0, Math.max(0, hour - 22))
      expect(due.filter((one) => !isGone(one)).map(({ account }) => account.handle)).toEqual([])
    }
  })

  test('comes in by nobody else: not boosted, quoted or answered', async () => {
    const carol = flow.account('carol', 'other.example')
    const portal = await flow.follow(alice, carol)
    bob.profile = { summary: '#nobridge' }
    const { object } = bob.post({ content: 'words of bob' })
    const link = { quote: object, quoteUrl: object }
    await flow.tell(
      carol.boost(object),
      carol.post({ content: 'see', extra: link }),
      carol.post({ content: 'yes', inReplyTo: object }),
    )
    await flow.minutes(3)
    expect(flow.bodies(portal).join()).toContain('see')
    expect(flow.bodies(portal).join()).not.toContain('words of bob')
    expect(await flow.failures()).toEqual([])
  })

  test('may come back: it can be followed again', async () => {
    bob.profile = { summary: '#nobridge' }
    await flow.command(alice, `follow ${bob.handle}`)
    await flow.tell(bob.updateProfile({ summary: 'hello' }))
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'words of bob' }))
    expect(flow.bodies(portal)).toContain('words of bob')
  })
})

test('a bot of ours leaves alone who wants nothing of bots; people do not', async () => {
  bob.profile = { summary: 'no robots #nobot' }
  const robot = flow.user('robot')
  await flow.command(robot, 'register')
  await flow.command(robot, 'profile bot on')
  await flow.quiet()
  const line = '@bob@remote.example wants nothing of bots, and your account is one.'
  expect((await flow.command(robot, `follow ${bob.handle}`)).join()).toContain(line)
  expect((await flow.command(robot, `dm ${bob.handle} hi`)).join()).toContain(line)
  expect(flow.received(bob)).toEqual([])
  await flow.follow(alice, bob)
  expect(flow.received(bob, 'Follow')).toHaveLength(1)
})

describe('our own account on the fediverse', () => {
  test('is blocked: nothing of who does it is bridged any more, until it is taken back', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'words of bob' }))
    const block = bob.block(theBot)
    await flow.tell(block)
    expect(flow.bodies(portal).join()).not.toContain('words of bob')
    expect(isIn(portal)).toBe(false)
    const [line] = await flow.command(alice, `follow ${bob.handle}`)
    expect(line).toContain('does not want to be bridged')
    await flow.tell(bob.undo(block))
    const again = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'back again' }))
    expect(flow.bodies(again)).toContain('back again')
  })

  test('obeys "stop" and "start", and says so', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'words of bob' }))
    await flow.tell(toBot('@bot Stop!'))
    expect(answers()).toHaveLength(1)
    expect(answers()[0]).toContain('You are not bridged any more')
    expect(flow.bodies(portal).join()).not.toContain('words of bob')
    await flow.tell(toBot('start'))
    expect(answers()[1]).toContain('may follow you')
    expect((await flow.command(alice, `follow ${bob.handle}`)).join()).toContain('Following')
  })

  test('answers "help", and whatever it does not understand, in plain words', async () => {
    await flow.tell(toBot('help'), toBot('who are you?'))
    expect(answers()).toHaveLength(2)
    expect(answers()[0]).toBe(answers()[1])
    expect(answers()[0]).toContain('Write "stop" and nothing of you is bridged any more.')
    // What is for everybody is no question.
    await flow.tell(bob.post({ content: 'hm', mentions: [{ id: theBot, name: '@bot' }] }))
    expect(answers()).toHaveLength(2)
  })

  test('answers no program without end, and nobody more than ten times a day', async () => {
    for (let times = 0; times < 12; times += 1) await flow.tell(toBot('help'))
    expect(answers()).toHaveLength(10)
    const robot = flow.account('robot', 'robots.example')
    robot.profile = { type: 'Service' }
    const mentions = [{ id: theBot, name: '@bot' }]
    await flow.tell(robot.post({ content: 'beep', visibility: 'direct', mentions }))
    expect(answers(robot)).toEqual([])
  })
})

test('nobody is written to because somebody follows them', async () => {
  await flow.follow(alice, bob)
  await flow.gain(alice, bob)
  await flow.hours(30)
  expect(flow.received(bob, 'Create')).toEqual([])
})

test('what another bridge brought from Matrix does not come back', async () => {
  const portal = await flow.follow(alice, bob)
  const url = [{ type: 'Link', rel: 'canonical', href: 'matrix:roomid/x:y/e/z' }]
  const copy = bob.post({ content: 'from Matrix', extra: { url } })
  const carol = flow.account('carol', 'other.example')
  const other = await flow.follow(alice, carol)
  await flow.tell(copy, carol.boost(copy.object))
  await flow.minutes(2)
  expect(flow.bodies(portal).join() + flow.bodies(other).join()).not.toContain('from Matrix')
  const dave = flow.account('dave', 'bridge.other.example')
  dave.profile = {
    url: [{ type: 'Link', rel: ['canonical'], href: 'https://matrix.to/#/@dave:x' }],
  }
  expect((await flow.command(alice, `follow ${dave.handle}`)).join()).toContain(
    'is somebody on Matrix, whom another bridge shows on the fediverse',
  )
})
