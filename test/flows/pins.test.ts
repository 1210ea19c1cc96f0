import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import { asActorId, type EventId, type RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
/** What the server of the collection does not give for now. */
let isAway: boolean
/** A post that it does not give when it is asked for it the first time. */
let unread: string | undefined
/** How often the collection was asked for since. */
let asked: number

const web =
  (http: Http): Http =>
  async (request) => {
    if (request.url === unread) {
      unread = undefined
      return { status: 503, headers: {}, body: Buffer.from('') }
    }
    if (request.url !== featured()) return http(request)
    asked += 1
    return isAway ? { status: 503, headers: {}, body: Buffer.from('') } : http(request)
  }

beforeEach(() => begin())
afterEach(() => flow.close())

async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  isAway = false
  unread = undefined
  asked = 0
  flow = await createFlow({}, { web, ...options })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  bob.profile = { featured: featured() }
}

const featured = () => 'https://remote.example/collections/bob'

const hasPinned = (...notes: readonly (string | Document | undefined)[]) => {
  const document = { id: featured(), type: 'OrderedCollection', orderedItems: notes }
  const bytes = Buffer.from(JSON.stringify(document))
  const file = { bytes, type: 'application/activity+json' }
  flow.fediverse.server(bob.host).files.set(new URL(featured()).pathname, file)
}

const pinnedIn = (room: RoomId): unknown => {
  const events = flow.homeserver.timeline(room)
  const pins = events.findLast(({ type }) => type === 'm.room.pinned_events')
  return (pins?.['content'] as { pinned?: unknown } | undefined)?.pinned
}

const change = (type: 'Add' | 'Remove', object: string, target = featured()) =>
  bob.sign({ id: `${object}#${type}`, type, actor: bob.id, object, target })

describe('what an account has pinned', () => {
  test('is pinned in its room from the beginning, however old it is', async () => {
    const [old, , new_] = ['Old', 'Middle', 'New'].map((content) => bob.post({ content }))
    for (let i = 0; i < 30; i++) bob.post({ content: `Post ${i}` })
    hasPinned(new_?.object, bob.notes.get(old?.object ?? ''))
    const portal = await flow.follow(alice, bob)
    const eventOf = (body: string): EventId => flow.eventOf(portal, body)
    expect(pinnedIn(portal)).toEqual([eventOf('Old'), eventOf('New')])
    expect(flow.bodies(portal)).not.toContain('Middle')
  })

  test.each(['the list', 'a post of it'])(
    'is pinned a little later where its server does not give %s at first',
    async (what) => {
      const old = bob.post({ content: 'Old' })
      for (let i = 0; i < 30; i++) bob.post({ content: `Post ${i}` })
      hasPinned(old.object)
      if (what === 'the list') isAway = true
      else unread = old.object
      const portal = await flow.follow(alice, bob)
      isAway = false
      await flow.minutes(30)
      expect(pinnedIn(portal)).toEqual([flow.eventOf(portal, 'Old')])
      expect(asked).toBeLessThan(8)
    },
  )

  test('opens no room later where it cannot be had', async () => {
    bob.post({ content: 'Hello' })
    const portal = await flow.follow(alice, bob)
    expect(flow.bodies(portal)).toEqual(['Hello'])
    expect(pinnedIn(portal)).toBeUndefined()
  })

  test('changes with Add and Remove', async () => {
    const old = bob.post({ content: 'Old' })
    for (let i = 0; i < 30; i++) bob.post({ content: `Post ${i}` })
    hasPinned()
    const portal = await flow.follow(alice, bob)
    await flow.tell(change('Add', old.object))
    expect(pinnedIn(portal)).toEqual([flow.eventOf(portal, 'Old')])
    await flow.tell(change('Add', old.object))
    expect(pinnedIn(portal)).toHaveLength(1)
    await flow.tell(change('Remove', old.object))
    expect(pinnedIn(portal)).toEqual([])
  })

  test('is looked at again within a day of what it posts, as not every server tells', async () => {
    const [one, two, three] = ['One', 'Two', 'Three'].map((content) => bob.post({ content }))
    for (let i = 0; i < 30; i++) bob.post({ content: `Post ${i}` })
    hasPinned(one?.object, two?.object)
    const portal = await flow.follow(alice, bob)
    const [first, second] = ['One', 'Two'].map((body) => flow.eventOf(portal, body))
    expect(pinnedIn(portal)).toEqual([second, first])
    // One that cannot be read now is pinned still, and one of somebody else never was.
    const gone = `${two?.object ?? ''}-gone`
    const carol = flow.account('carol', 'other.example').post({ content: 'Not his' })
    hasPinned(three?.object, two?.object, gone, carol.object)
    await flow.hours(25)
    await flow.tell(bob.post({ content: 'News' }))
    expect(pinnedIn(portal)).toEqual([second, flow.eventOf(portal, 'Three')])
    expect(flow.bodies(portal).filter((body) => body === 'Three')).toHaveLength(1)
    expect(flow.bodies(portal)).not.toContain('Not his')
    flow.fediverse.server(bob.host).files.delete(new URL(featured()).pathname)
    await flow.hours(25)
    await flow.tell(bob.post({ content: 'More news' }))
    expect(pinnedIn(portal)).toHaveLength(2)
  })

  test('is pinned in its next room where the last one was closed, a little later by a slow server', async () => {
    const [old] = ['Old', 'Middle'].map((content) => bob.post({ content }))
    hasPinned(old?.object)
    const first = await flow.follow(alice, bob)
    expect(pinnedIn(first)).toEqual([flow.eventOf(first, 'Old')])
    flow.homeserver.shutDown(first, { purge: true })
    await flow.minutes(1)
    isAway = true
    await flow.tell(bob.post({ content: 'News' }))
    const actorId = asActorId(bob.id)
    const next = (await flow.store.findPortal({ kind: 'actor', actorId }))?.roomId
    if (next === undefined || next === first) throw new Error('there is no other room')
    expect(flow.bodies(next)).toEqual(['News'])
    expect(pinnedIn(next)).toBeUndefined()
    isAway = false
    await flow.minutes(30)
    expect(pinnedIn(next)).toEqual([flow.eventOf(next, 'Old')])
    expect(flow.bodies(next)).toEqual(['News', 'Old'])
  })

  test('is asked for a few times, and no more, where it cannot be had', async () => {
    hasPinned(bob.post({ content: 'Old' }).object)
    const portal = await flow.follow(alice, bob)
    isAway = true
    asked = 0
    await flow.hours(25)
    await flow.tell(bob.post({ content: 'News' }))
    await flow.hours(12)
    expect(pinnedIn(portal)).toHaveLength(1)
    expect(await flow.failures()).toEqual([])
    expect([asked > 1, asked < 8]).toEqual([true, true])
  })

  test('is nothing that it puts elsewhere, or that others wrote', async () => {
    hasPinned()
    const portal = await flow.follow(alice, bob)
    const carol = flow.account('carol', 'other.example')
    await flow.tell(change('Add', carol.post({ content: 'Not his' }).object))
    await flow.tell(change('Add', bob.post({ content: 'x' }).object, `${bob.id}/moderators`))
    expect(pinnedIn(portal)).toBeUndefined()
    expect(flow.bodies(portal)).toEqual([])
  })
})

describe('what a user pins in their own room', () => {
  let room: RoomId
  beforeEach(async () => {
    room = await flow.publish(alice)
    await flow.gain(alice, bob)
  })

  const pin = async (...pinned: readonly EventId[]): Promise<void> => {
    alice.setState(room, 'm.room.pinned_events', { pinned })
    await flow.quiet()
  }
  const idOf = (event: EventId) => flow.store.findMappingByEvent(room, event)

  test('is told to the followers, and stands in the collection', async () => {
    const [first, second] = ['One', 'Two'].map((body) => alice.say(room, body))
    if (first === undefined || second === undefined) throw new Error('nothing said')
    await flow.quiet()
    const [one, two] = [(await idOf(first))?.remoteId, (await idOf(second))?.remoteId]
    const actor = await flow.actorOf(alice)
    await pin(first, second)
    const target = `${actor}/featured`
    expect(flow.received(bob, 'Add')).toMatchObject([
      { actor, object: one, target },
      { actor, object: two, target },
    ])
    expect(await flow.store.featuredBy(actor as never)).toEqual([one, two])
    await pin(second)
    expect(flow.received(bob, 'Remove')).toMatchObject([{ actor, object: one, target }])
    expect(await flow.store.featuredBy(actor as never)).toEqual([two])
    alice.redact(room, second)
    await flow.quiet()
    expect(await flow.store.featuredBy(actor as never)).toEqual([])
  })

  test('goes no further where it is for followers', async () => {
    await flow.command(alice, 'settings visibility followers')
    const event = alice.say(room, 'For you')
    await flow.quiet()
    await pin(event)
    expect(flow.received(bob, 'Add')).toEqual([])
    expect(flow.bodies(room).at(-1)).toBe(
      'Pinned in this room alone: a profile shows what everybody may read.',
    )
  })

  /** Messages go out half a minute after they were written. */
  const beginWaiting = async (): Promise<void> => {
    flow.close()
    await begin({ publish: { joinMediaWithin: 30_000 } })
    room = await flow.publish(alice)
    await flow.gain(alice, bob)
  }

  test('before it went out is told when it has', async () => {
    await beginWaiting()
    const [first, second] = [alice.say(room, 'One'), alice.say(room, 'Two')]
    await pin(first)
    await pin(first, second)
    expect(flow.received(bob, 'Create')).toEqual([])
    await flow.minutes(2)
    const ids = [(await idOf(first))?.remoteId, (await idOf(second))?.remoteId]
    expect(flow.received(bob, 'Add').map(({ object }) => object)).toEqual(ids)
    await pin()
    expect(flow.received(bob, 'Remove')).toHaveLength(2)
  })

  test('and takes off again before it went out is told to nobody', async () => {
    await beginWaiting()
    const event = alice.say(room, 'One')
    await pin(event)
    await pin()
    await flow.minutes(2)
    expect(flow.received(bob, 'Create')).toHaveLength(1)
    expect(flow.received(bob, 'Add')).toEqual([])
  })

  test('of what waits for the message that it answers is told when it went out', async () => {
    await beginWaiting()
    const event = alice.reply(room, alice.say(room, 'One'), 'Two')
    await pin(event)
    await flow.minutes(2)
    const id = (await idOf(event))?.remoteId
    expect(flow.received(bob, 'Create')).toHaveLength(2)
    expect(flow.received(bob, 'Add')).toMatchObject([{ object: id }])
  })
})
