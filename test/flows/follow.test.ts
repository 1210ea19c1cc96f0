import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

describe('an accepted follow', () => {
  test('is asked for once, opens the portal and invites', async () => {
    const [asked, accepted] = await flow.command(alice, 'follow @bob@remote.example')
    expect(asked).toContain('@alice@bridge.example')
    expect(accepted).toContain('Following @bob@remote.example')
    expect(flow.received(bob)).toEqual([
      {
        '@context': expect.anything(),
        id: expect.stringMatching(new RegExp(`^${publicUrl}/activities/`)),
        type: 'Follow',
        actor: await flow.actorOf(alice),
        object: bob.id,
        to: [bob.id],
        cc: [],
      },
    ])
    expect(flow.invitesOf(alice)).toEqual([flow.portalOf(bob)])
  })

  test('makes a room with the state that clients and other bridges read', async () => {
    bob.profile = { name: 'Bob', summary: '<p>Bees.<br>More</p>' }
    const portal = await flow.follow(alice, bob)
    const state = (type: string, key?: string) => flow.homeserver.state(portal, type, key)
    expect(state('m.room.name')).toEqual({ name: 'Bob' })
    expect(state('m.room.topic')).toEqual({
      topic: '@bob@remote.example · Bees. · Replies here are public.',
    })
    expect(state('m.room.join_rules')).toEqual({ join_rule: 'knock' })
    expect(state('m.room.history_visibility')).toEqual({ history_visibility: 'shared' })
    expect(state('m.room.canonical_alias')).toEqual({ alias: '#_ap_bob_remote.example:hs.test' })
    expect(state('io.element.functional_members')).toEqual({ service_members: [bot] })
    const bridge = {
      bridgebot: bot,
      creator: bot,
      protocol: {
        id: 'activitypub',
        displayname: 'ActivityPub',
        external_url: 'https://activitypub.rocks/',
      },
      network: {
        id: 'remote.example',
        displayname: 'remote.example',
        external_url: 'https://remote.example/',
      },
      channel: { id: bob.id, displayname: 'Bob', external_url: 'https://remote.example/@bob' },
    }
    const key = `org.footbridge://activitypub/remote.example/${bob.id}`
    expect(state('m.bridge', key)).toEqual(bridge)
    expect(state('uk.half-shot.bridge', key)).toEqual(bridge)
  })

  test('brings the newest 20 posts with their own dates, oldest first, then the invite', async () => {
    const dates: number[] = []
    for (let n = 1; n <= 23; n++) {
      bob.post({ content: `old ${n}` })
      dates.push(Math.floor(flow.time.now() / 1000) * 1000)
      await flow.minutes(1)
    }
    const portal = await flow.follow(alice, bob)
    const lines = flow.messages(portal)
    expect(lines.map(({ content }) => content['body'])).toEqual(
      Array.from({ length: 20 }, (_, n) => `old ${n + 4}`),
    )
    expect(lines.map(({ ts }) => Math.floor(ts / 1000) * 1000)).toEqual(dates.slice(3))
    const events = flow.homeserver.timeline(portal)
    const invite = events.findIndex((event) => event['state_key'] === alice.userId)
    const newest = events.findLastIndex((event) => event['type'] === 'm.room.message')
    expect(invite).toBeGreaterThan(newest)
  })

  test('brings nothing from the future', async () => {
    bob.post({ content: 'tomorrow', extra: { published: '2999-01-01T00:00:00Z' } })
    const portal = await flow.follow(alice, bob)
    const [line] = flow.messages(portal)
    expect(line?.ts).toBeLessThanOrEqual(flow.time.now())
  })

  test('of a second person brings no second backlog', async () => {
    bob.post({ content: 'old' })
    const portal = await flow.follow(alice, bob)
    const carol = flow.user('carol')
    expect(await flow.follow(carol, bob)).toBe(portal)
    expect(flow.bodies(portal)).toEqual(['old'])
    expect(carol.timeline(portal).map((event) => event['type'])).toContain('m.room.message')
  })

  test('asked for again invites again', async () => {
    const portal = await flow.follow(alice, bob)
    const mallory = flow.user('mallory')
    await flow.follow(mallory, bob)
    flow.homeserver.addUser(bot).kick(portal, mallory.userId)
    await flow.quiet()
    await flow.command(mallory, 'follow @bob@remote.example')
    expect(flow.invitesOf(mallory)).toEqual([portal])
    expect(flow.received(bob, 'Follow')).toHaveLength(2)
  })
})

describe('a follow that is not accepted', () => {
  test('is told when it was declined, and makes no room for the user', async () => {
    flow.manners.set(bob.id, 'reject')
    const answers = await flow.command(alice, 'follow @bob@remote.example')
    expect(answers.at(-1)).toBe('@bob@remote.example declined your follow request.')
    expect(flow.invitesOf(alice)).toEqual([])
  })

  test('keeps nobody in the room who was to leave it', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.follow(flow.user('carol'), bob)
    let isAway = true
    flow.homeserver.injectFaults(({ url }) =>
      isAway && url.includes('/kick') ? 'fail-500' : undefined,
    )
    await flow.command(alice, 'unfollow @bob@remote.example')
    flow.manners.set(bob.id, 'ignore')
    await flow.command(alice, 'follow @bob@remote.example')
    isAway = false
    await flow.minutes(5)
    await flow.tell(bob.post({ content: 'among us', visibility: 'followers' }))
    expect(alice.rooms('join')).not.toContain(portal)
    expect(flow.bodies(portal).join()).toContain('among us')
  })

  test('is told once when nobody answered for a day', async () => {
    flow.manners.set(bob.id, 'ignore')
    await flow.command(alice, 'follow @bob@remote.example')
    await flow.hours(60)
    const told = flow.bodies(await flow.chat(alice)).filter((body) => body.includes('for a day'))
    expect(told).toHaveLength(1)
    expect(flow.invitesOf(alice)).toEqual([])
  })
})

describe('a knock', () => {
  test('on the portal is a follow', async () => {
    const portal = await flow.follow(alice, bob)
    const carol = flow.user('carol')
    carol.knock(portal)
    await flow.quiet()
    expect(flow.received(bob, 'Follow')).toHaveLength(2)
    expect(flow.invitesOf(carol)).toContain(portal)
  })

  test('on the alias of an account that nobody has seen yet is a follow, too', async () => {
    const carol = flow.user('carol')
    const found = flow.homeserver.resolveAlias('#_ap_bob_remote.example:hs.test' as never)
    await flow.quiet()
    const portal = await found
    if (portal === undefined) throw new Error('there is no such room')
    carol.knock(portal)
    await flow.quiet()
    expect(flow.received(bob, 'Follow')).toHaveLength(1)
    expect(flow.invitesOf(carol)).toContain(portal)
  })
})

describe('the end of a follow', () => {
  const undone = () =>
    flow.received(bob, 'Undo').map(({ object }) => (object as { type: string }).type)

  test('unfollow takes the user out and tells the account', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.command(alice, 'unfollow @bob@remote.example')
    expect(undone()).toEqual(['Follow'])
    expect(bob.followers.size).toBe(0)
    expect(flow.homeserver.members(portal, 'join')).not.toContain(alice.userId)
  })

  test('and a new follow after it has an id of its own, as receivers drop one that they have seen', async () => {
    await flow.follow(alice, bob)
    await flow.command(alice, 'unfollow @bob@remote.example')
    await flow.command(alice, 'follow @bob@remote.example')
    const ids = flow.received(bob, 'Follow').map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([2, 2])
  })

  test('leaving the room unfollows', async () => {
    const portal = await flow.follow(alice, bob)
    alice.leave(portal)
    await flow.minutes(1)
    expect(undone()).toEqual(['Follow'])
  })

  test('declining the invite unfollows', async () => {
    await flow.command(alice, 'follow @bob@remote.example')
    alice.leave(flow.portalOf(bob))
    await flow.minutes(1)
    expect(undone()).toEqual(['Follow'])
  })

  test('being removed by somebody else does not, and is told', async () => {
    const portal = await flow.follow(alice, bob)
    const admin = flow.user('admin')
    flow.homeserver.addUser(bot).invite(portal, admin.userId)
    admin.join(portal)
    flow.homeserver.addUser(bot).setState(portal, 'm.room.power_levels', {
      ...flow.homeserver.state(portal, 'm.room.power_levels'),
      users: { [admin.userId]: 100 },
    })
    admin.kick(portal, alice.userId)
    await flow.quiet()
    expect(undone()).toEqual([])
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('removed you from the room')
  })

  test('a removal by the account takes the user out at once', async () => {
    const portal = await flow.follow(alice, bob)
    const [follow] = flow.received(bob, 'Follow')
    await flow.tell(bob.reject(follow ?? {}))
    expect(flow.homeserver.members(portal, 'join')).not.toContain(alice.userId)
    expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain('removed you from its followers')
  })

  test('following again after it is a new request and brings the user back', async () => {
    const portal = await flow.follow(alice, bob)
    await flow.command(alice, 'unfollow @bob@remote.example')
    await flow.command(alice, 'follow @bob@remote.example')
    const ids = flow.received(bob, 'Follow').map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
    expect(flow.invitesOf(alice)).toEqual([portal])
  })
})

describe('what is heard in another order than it was said in', () => {
  let chat: RoomId
  let portal: RoomId

  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
    chat = await flow.chat(alice)
    await flow.minutes(1)
  })

  const undone = () => flow.received(bob, 'Undo').length
  const isOut = () =>
    !alice.rooms('join').includes(portal) && !alice.rooms('invite').includes(portal)

  test('the leaving of a room ends what was asked for before it', async () => {
    flow.crash()
    alice.say(chat, `follow ${bob.handle}`)
    await flow.time.pass(100)
    alice.leave(portal)
    await flow.minutes(2)
    expect(flow.bodies(chat).at(-1)).toContain('left its room since you asked')
    expect(undone()).toBe(1)
    expect(isOut()).toBe(true)
  })

  test('also where the older wish was understood, and not yet done', async () => {
    let isAway = true
    flow.homeserver.injectFaults(({ url }) =>
      isAway && url.includes(encodeURIComponent(chat)) && url.includes('/send/')
        ? 'fail-500'
        : undefined,
    )
    alice.say(chat, `follow ${bob.handle}`)
    await flow.time.pass(600)
    alice.leave(portal)
    await flow.time.pass(400)
    isAway = false
    await flow.minutes(2)
    expect(undone()).toBe(1)
    expect(isOut()).toBe(true)
  })

  test('a wish that is newer than the leaving counts', async () => {
    flow.crash()
    alice.leave(portal)
    await flow.time.pass(100)
    alice.say(chat, `follow ${bob.handle}`)
    await flow.minutes(2)
    expect(undone()).toBe(0)
    expect(flow.invitesOf(alice)).toEqual([portal])
  })

  test('a knock that was heard late brings back nobody who has unfollowed since', async () => {
    const carol = flow.user('carol')
    const carols = await flow.chat(carol)
    let isAway = true
    flow.homeserver.injectFaults(({ url }) =>
      isAway && url.includes(encodeURIComponent(carol.userId)) ? 'fail-500' : undefined,
    )
    carol.knock(portal)
    await flow.time.pass(100)
    carol.say(carols, `unfollow ${bob.handle}`)
    await flow.time.pass(2_000)
    isAway = false
    await flow.minutes(2)
    expect(flow.received(bob, 'Follow')).toHaveLength(1)
    expect(flow.homeserver.members(portal, 'knock')).toEqual([])
  })
})
