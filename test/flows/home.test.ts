import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import { asRoomAlias, type RoomId } from '../../src/model/ids.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { createFlow, type Flow, type Line } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carl: Account
let home: RoomId

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carl = flow.account('carl', 'other.example')
  home = await flow.followHome(alice, bob)
  await flow.command(alice, `follow ${carl.handle} --home`)
})
afterEach(() => flow.close())

/** A homeserver that takes its time to take somebody out of a room. */
const slowKick: WorldOptions['sabotage'] = ({ deps }) => {
  const { kick } = deps.homeserver
  Object.assign(deps.homeserver, {
    kick: async (...asked: Parameters<typeof kick>) => {
      await deps.clock.sleep(1_000)
      return kick(...asked)
    },
  })
}

const hasPortal = (account: Account): boolean =>
  flow.homeserver.findRoom(asRoomAlias(`#${flow.ghostOf(account).slice(1)}`)) !== undefined
const sentFollows = (account: Account): number => flow.received(account, 'Follow').length
const wasUnfollowed = (account: Account): boolean => flow.received(account, 'Undo').length > 0

/** What names a post that stands there, in the words of `text`. */
const isLineOf = (text: string, content: unknown): boolean =>
  String((content as { body?: unknown } | undefined)?.body).includes(`: ${text} `)
const isBy = (account: Account, { sender }: Line): boolean => sender === flow.ghostOf(account)
const relationIn = ({ content }: Line): unknown => content['m.relates_to']

describe('accounts that are followed with --home', () => {
  test('are read in one room, each speaking for itself, and have no room of their own', async () => {
    await flow.tell(bob.post({ content: 'from bob' }), carl.post({ content: 'from carl' }))
    const lines = flow.messages(home)
    expect(lines.map(({ content }) => content['body'])).toEqual(['from bob', 'from carl'])
    expect(lines.map(({ sender }) => sender)).toEqual([flow.ghostOf(bob), flow.ghostOf(carl)])
    expect(hasPortal(bob)).toBe(false)
    expect(flow.homeserver.state(home, 'm.room.name')).toEqual({ name: 'Home' })
    expect(flow.homeserver.state(home, 'm.room.join_rules')).toEqual({ join_rule: 'invite' })
    expect(alice.rooms('join')).toEqual(expect.arrayContaining([home]))
    expect(alice.rooms('invite')).toEqual([])
  })

  test('bring nothing from before, and tell where they are read', async () => {
    const dora = flow.account('dora', 'other.example')
    dora.post({ content: 'old' })
    const told = await flow.command(alice, `follow ${dora.handle} --home`)
    expect(told.at(-1)).toContain('Home room from now on')
    expect(flow.bodies(home)).toEqual([])
    expect((await flow.command(alice, 'following')).join()).toContain(
      `${bob.handle} (in your Home room)`,
    )
  })

  test('show followers-only posts to accepted followers alone', async () => {
    const dora = flow.account('dora', 'other.example')
    flow.manners.set(dora.id, 'ignore')
    await flow.command(alice, `follow ${dora.handle} --home`)
    await flow.tell(dora.post({ content: 'not for alice', visibility: 'followers' }))
    await flow.tell(bob.post({ content: 'among us', visibility: 'followers' }))
    expect(flow.bodies(home)).toEqual(['🔒 followers\n\namong us'])
    expect(JSON.stringify(flow.homeserver.timeline(home))).not.toContain('not for alice')
  })

  test('are answered in threads, and the answers go to the right account', async () => {
    const first = bob.post({ content: 'question' })
    await flow.tell(first, carl.post({ content: 'other question' }))
    const question = flow.eventOf(home, 'question')
    alice.replyInThread(home, question, 'an answer')
    await flow.quiet()
    expect(flow.received(carl, 'Create')).toEqual([])
    const [create] = flow.received(bob, 'Create')
    expect(create?.['object']).toMatchObject({ inReplyTo: first.object })
    const answer = (create?.['object'] as { id: string }).id
    await flow.tell(bob.post({ content: 'thank you', inReplyTo: answer }))
    await flow.tell(carl.post({ content: 'I know it too', inReplyTo: first.object }))
    const below = flow.messages(home).slice(-2)
    expect(below.map(({ content }) => content['body'])).toEqual(['thank you', 'I know it too'])
    for (const { content } of below)
      expect(content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: question })
  })

  test('are shown with what they answer, if the reader follows that account too', async () => {
    const root = carl.post({ content: 'root' })
    await flow.tell(bob.post({ content: 'answer', inReplyTo: root.object }))
    expect(flow.bodies(home)).toEqual(['root', 'answer'])
    const strange = flow.account('dora', 'other.example').post({ content: 'elsewhere' })
    await flow.tell(bob.post({ content: 'to a stranger', inReplyTo: strange.object }))
    expect(flow.bodies(home)).toEqual(['root', 'answer'])
    await flow.command(alice, `follow ${bob.handle} --replies`)
    await flow.tell(bob.post({ content: 'to a stranger again', inReplyTo: strange.object }))
    expect(flow.bodies(home).at(-1)).toMatch(/^↪ to a stranger again/)
    // The parent came along; its own Create comes late and brings nothing a second time.
    await flow.tell(root)
    expect(flow.bodies(home).filter((body) => body === 'root')).toHaveLength(1)
  })

  test('are edited and deleted there', async () => {
    const sent = bob.post({ content: 'good mornning' })
    await flow.tell(sent)
    const event = flow.eventOf(home, 'good mornning')
    await flow.tell(bob.edit(sent.object, 'good morning'))
    expect(flow.messages(home).at(-1)?.content).toMatchObject({
      'm.new_content': { body: 'good morning' },
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    })
    await flow.tell(bob.delete(sent.object))
    expect(
      flow
        .messages(home)
        .map(({ content }) => content)
        .slice(0, 2),
    ).toEqual([{}, {}])
  })

  test('ping whom they name, who is not notified besides', async () => {
    const mentions = [{ id: await flow.actorOf(alice), name: '@alice@bridge.example' }]
    await flow.tell(bob.post({ content: 'hey alice', mentions }))
    expect(flow.messages(home).at(-1)?.content['m.mentions']).toEqual({
      user_ids: [alice.userId],
    })
    expect(alice.rooms('invite')).toEqual([])
  })

  test('boost: once as a card, then as lines below it', async () => {
    const dora = flow.account('dora', 'other.example')
    const { object } = dora.post({ content: 'worth it' })
    await flow.tell(bob.boost(object))
    await flow.tell(carl.boost(object))
    const [card, line] = flow.messages(home)
    expect(card?.sender).toBe(flow.ghostOf(bob))
    expect(card?.content['body']).toContain('worth it')
    expect(line?.sender).toBe(flow.ghostOf(carl))
    expect(line?.content['m.relates_to']).toMatchObject({ event_id: card?.eventId })
  })

  test('boost: the line says what the post says now, and goes with it', async () => {
    const dora = flow.account('dora', 'other.example')
    const sent = dora.post({ content: 'worht it' })
    const again = carl.boost(sent.object)
    await flow.tell(bob.boost(sent.object), again)
    const line = flow.messages(home).find(({ content }) => isLineOf('worht it', content))
    await flow.minutes(1)
    const edit = dora.edit(sent.object, 'worth it')
    await flow.tell(edit, edit)
    const [edited, ...more] = flow
      .messages(home)
      .filter((one) => isLineOf('worth it', one.content['m.new_content']))
    expect(edited?.sender).toBe(flow.ghostOf(carl))
    expect(edited && relationIn(edited)).toEqual({ rel_type: 'm.replace', event_id: line?.eventId })
    expect(more).toEqual([])
    await flow.tell(carl.undo(again))
    expect(flow.bodies(home).join()).not.toMatch(/: wor/)
  })

  test('boost: new counts of a poll do not change its line', async () => {
    const dora = flow.account('dora', 'other.example')
    const { object } = dora.ask(['Yes', 'No'], { content: 'shall we' })
    await flow.tell(bob.boost(object))
    await flow.tell(carl.boost(object))
    const said = (): number => flow.messages(home).filter((one) => isBy(carl, one)).length
    expect(said()).toBe(1)
    const oneOf = ['Yes', 'No'].map((name) => ({
      ...{ type: 'Note', name },
      replies: { type: 'Collection', totalItems: 3 },
    }))
    await flow.tell(dora.amend(object, { oneOf, votersCount: 6 }))
    expect(said()).toBe(1)
  })

  test('boost: of what is for some from now on, the line goes as well', async () => {
    const dora = flow.account('dora', 'other.example')
    const { object } = dora.post({ content: 'worth it' })
    await flow.tell(bob.boost(object))
    await flow.tell(carl.boost(object))
    await flow.minutes(1)
    const to = [`${dora.id}/followers`]
    const updated = new Date(flow.time.now()).toISOString()
    await flow.tell(dora.amend(object, { content: '<p>for us alone</p>', to, cc: [], updated }))
    expect(flow.bodies(home).join()).not.toMatch(/worth it|for us alone/)
  })

  test('boost at the same moment, and bring it once', async () => {
    const pictures = [1, 2].map((n) => ({
      type: 'Document',
      mediaType: 'image/png',
      url: `https://other.example/${n}.png`,
    }))
    const dora = flow.account('dora', 'other.example')
    const { object } = dora.post({ content: 'worth it', extra: { attachment: pictures } })
    await flow.tell(bob.boost(object), carl.boost(object))
    const [card, ...below] = flow.messages(home)
    const isLine = ({ content }: Line): boolean => String(content['body']).includes(': worth it')
    expect(card?.content['body']).toContain('\n\nworth it')
    expect(below.filter(isLine).map(({ sender }) => sender)).not.toContain(card?.sender)
    expect(below.filter(isLine)).toHaveLength(1)
    expect(below.filter((one) => !isLine(one))).toMatchObject([{ sender: card?.sender }])
  })

  test('whoever blocked the owner of a home room is not shown in it', async () => {
    const sent = bob.post({ content: 'root' })
    await flow.tell(sent)
    const dora = flow.account('dora', 'other.example')
    await flow.tell(dora.block(await flow.actorOf(alice)))
    await flow.tell(dora.post({ content: 'unheard', inReplyTo: sent.object }))
    expect(flow.bodies(home)).toEqual(['root'])
  })
})

test('what answers nothing is not sent from there', async () => {
  alice.say(home, 'hello world')
  await flow.quiet()
  expect(flow.bodies(home).at(-1)).toMatch(/^Not sent: reply to one of the posts here/)
  expect(flow.received(bob, 'Create')).toEqual([])
})

describe('an account that is moved', () => {
  test('into a room of its own and home again needs no new follow', async () => {
    await flow.tell(bob.post({ content: 'one' }))
    const [removed] = await flow.command(alice, `home remove ${bob.handle}`)
    expect(removed).toContain('a room of its own')
    const portal = flow.portalOf(bob)
    expect(flow.invitesOf(alice)).toEqual([portal])
    alice.join(portal)
    await flow.tell(bob.post({ content: 'two' }))
    expect(flow.bodies(portal)).toEqual(['one', 'two'])
    const [added] = await flow.command(alice, `home add ${bob.handle}`)
    expect(added).toContain('come into your Home room')
    expect(flow.homeserver.members(portal, 'join')).not.toContain(alice.userId)
    await flow.tell(bob.post({ content: 'three' }))
    expect(flow.bodies(home)).toEqual(['one', 'three'])
    expect(sentFollows(bob)).toBe(1)
    expect(wasUnfollowed(bob)).toBe(false)
  })

  test('again and again is where it was moved last', async () => {
    for (let round = 0; round < 2; round++) {
      await flow.command(alice, `home remove ${bob.handle}`)
      alice.join(flow.portalOf(bob))
      await flow.command(alice, `home add ${bob.handle}`)
      expect(flow.homeserver.members(flow.portalOf(bob), 'join')).not.toContain(alice.userId)
    }
    expect(wasUnfollowed(bob)).toBe(false)
  })

  test('back while its reader is still being taken out of its room is read in that room', async () => {
    flow.close()
    flow = await createFlow({}, { sabotage: slowKick })
    alice = flow.user('alice')
    bob = flow.account('bob', 'remote.example')
    const portal = await flow.follow(alice, bob)
    const chat = await flow.chat(alice)
    alice.say(chat, `home add ${bob.handle}`)
    alice.say(chat, `home remove ${bob.handle}`)
    await flow.quiet()
    expect([...alice.rooms('join'), ...flow.invitesOf(alice)]).toContain(portal)
  })

  test('leaves what it wrote to its followers in the Home room, and still changes it there', async () => {
    const sent = bob.post({ content: 'amonng us', visibility: 'followers' })
    await flow.tell(sent)
    await flow.command(alice, `home remove ${bob.handle}`)
    await flow.tell(bob.edit(sent.object, 'among us'))
    expect(flow.bodies(home)).toEqual(['🔒 followers\n\namonng us', '* 🔒 followers\n\namong us'])
  })

  test('before it has accepted is read there once it has', async () => {
    const dora = flow.account('dora', 'other.example')
    flow.manners.set(dora.id, 'ignore')
    await flow.command(alice, `follow ${dora.handle}`)
    await flow.command(alice, `home add ${dora.handle}`)
    await flow.tell(dora.accept(flow.received(dora, 'Follow')[0] ?? {}))
    await flow.tell(dora.post({ content: 'hello' }))
    expect(flow.bodies(home)).toEqual(['hello'])
    expect(hasPortal(dora)).toBe(false)
  })

  test('together with all others leaves every room', async () => {
    const dora = flow.account('dora', 'other.example')
    const erik = flow.account('erik', 'other.example')
    const portals = [await flow.follow(alice, dora), await flow.follow(alice, erik)]
    const [told] = await flow.command(alice, 'home add all')
    expect(told).toContain('2 accounts moved')
    for (const portal of portals)
      expect(flow.homeserver.members(portal, 'join')).not.toContain(alice.userId)
    expect((await flow.command(alice, 'home')).join()).toContain('Read in your Home room (4)')
    expect(wasUnfollowed(dora)).toBe(false)
  })

  test('by a knock on its room is read in that room', async () => {
    const portal = await flow.follow(flow.user('mallory'), bob)
    alice.knock(portal)
    await flow.quiet()
    expect(flow.invitesOf(alice)).toContain(portal)
    await flow.tell(bob.post({ content: 'hello' }))
    expect(flow.bodies(home)).toEqual([])
    expect(sentFollows(bob)).toBe(2)
  })
})

describe('the end', () => {
  test('of a follow ends what comes, and nothing is said of others', async () => {
    await flow.command(alice, `unfollow ${bob.handle}`)
    expect(wasUnfollowed(bob)).toBe(true)
    await flow.tell(bob.post({ content: 'unseen' }), carl.post({ content: 'seen' }))
    expect(flow.bodies(home)).toEqual(['seen'])
  })

  test('of being in the room unfollows nobody, is told, and may be taken back', async () => {
    alice.leave(home)
    await flow.minutes(1)
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('You still follow the 2 accounts')
    await flow.tell(bob.post({ content: 'unseen' }))
    expect(flow.bodies(home)).toEqual([])
    expect([wasUnfollowed(bob), wasUnfollowed(carl)]).toEqual([false, false])
    await flow.command(alice, 'home')
    expect(flow.invitesOf(alice)).toEqual([home])
    alice.join(home)
    await flow.tell(bob.post({ content: 'seen again' }))
    expect(flow.bodies(home)).toEqual(['seen again'])
  })

  test('of the room itself opens another one with the next post', async () => {
    flow.homeserver.shutDown(home, { purge: true, first: [alice.userId] })
    await flow.minutes(1)
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('Home room was closed')
    await flow.tell(bob.post({ content: 'in a new room' }))
    const fresh = flow.newRoom(alice, [await flow.chat(alice)])
    expect(flow.bodies(fresh)).toEqual(['in a new room'])
  })
})

describe('a post that something else brought first', () => {
  test('still comes into the room of its author by its own Create, once', async () => {
    const mallory = flow.user('mallory')
    const portal = await flow.follow(mallory, bob)
    const sent = bob.post({ content: 'boosted early' })
    await flow.tell(carl.boost(sent.object))
    expect(flow.bodies(home).join()).toContain('boosted early')
    expect(flow.bodies(portal)).toEqual([])
    await flow.tell(sent)
    expect(flow.bodies(portal)).toEqual(['boosted early'])
    expect(flow.bodies(home)).toHaveLength(1)
  })
})
