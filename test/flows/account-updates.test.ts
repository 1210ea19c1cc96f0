import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { InboxRequest } from '../../src/activitypub/inbox.ts'
import type { Account, Sent } from '../fakes/fediverse.ts'
import { signPost } from '../fakes/fediverse-signature.ts'
import type { WorldOptions } from '../simulation/world.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let bob: Account
let isAway = false
let count = 0

beforeEach(async () => {
  isAway = false
  flow = await createFlow({ isAway: (side) => isAway && side === 'remote.example' })
  bob = flow.account('bob', 'remote.example')
  await flow.follow(flow.user('alice'), bob)
})
afterEach(() => flow.close())

const fetches = (): number => flow.fediverse.requests.filter(({ url }) => url === bob.id).length

/** Bob is called `name` from now on, and tells only that something changed. */
function rename(name: string) {
  bob.profile = { ...bob.profile, name }
  const id = `${bob.id}#updates/${++count}`
  return bob.sign({ id, type: 'Update', actor: bob.id, object: bob.id })
}

const shownName = () => flow.homeserver.profile(flow.ghostOf(bob))?.displayname

test('an account that changes without a word is seen when it is looked at again', async () => {
  bob.profile = { ...bob.profile, name: 'Robert', summary: '<p>Hi</p>' }
  await flow.tell(bob.post({ content: 'one' }))
  expect(shownName()).toBe('bob')
  await flow.hours(25)
  await flow.tell(bob.post({ content: 'two' }))
  const portal = flow.portalOf(bob)
  const state = (type: string) => flow.homeserver.state(portal, type)
  expect([shownName(), state('m.room.name'), state('m.room.topic')?.['topic']]).toEqual([
    'Robert',
    { name: 'Robert' },
    '@bob@remote.example · Hi · Replies here are public.',
  ])
})

test('an account that changes while its room is made is shown there as it is in the end', async () => {
  flow.close()
  const meanwhile = async () => {
    flow.senders.send(bob.updateProfile({ name: 'Robert', summary: '<p>Hi</p>' }))
    await flow.time.clock.sleep(1_000)
  }
  const sabotage: WorldOptions['sabotage'] = ({ deps: { homeserver } }) => {
    const { createRoom } = homeserver
    Object.assign(homeserver, {
      createRoom: async (...given: Parameters<typeof createRoom>) => {
        if (given[1].name === 'bob') await meanwhile()
        return createRoom(...given)
      },
    })
  }
  flow = await createFlow({}, { sabotage })
  bob = flow.account('bob', 'remote.example')
  const alice = flow.user('alice')
  await flow.followHome(alice, bob)
  await flow.command(alice, `home remove ${bob.handle}`)
  const portal = flow.portalOf(bob)
  const state = (type: string) => flow.homeserver.state(portal, type)
  expect([state('m.room.name'), state('m.room.topic')?.['topic']]).toEqual([
    { name: 'Robert' },
    '@bob@remote.example · Hi · Replies here are public.',
  ])
})

describe('an Update of an account that names it only', () => {
  test('brings what its server says of it', async () => {
    await flow.tell(rename('Robert'))
    await flow.minutes(2)
    expect(shownName()).toBe('Robert')
    expect(flow.homeserver.state(flow.portalOf(bob), 'm.room.name')).toEqual({ name: 'Robert' })
  })

  test('fetches the account once a minute at most, and misses no change', async () => {
    const before = fetches()
    for (let second = 0; second < 120; second += 5) await flow.tell(rename(`Bob ${second}`))
    expect(fetches() - before).toBeLessThanOrEqual(2)
    await flow.minutes(2)
    expect(shownName()).toBe('Bob 115')
    expect(fetches() - before).toBeLessThanOrEqual(3)
  })

  test('is remembered while the server is away', async () => {
    await flow.tell(rename('Robert'))
    isAway = true
    await flow.hours(5)
    expect(shownName()).toBe('bob')
    isAway = false
    await flow.hours(5)
    expect(shownName()).toBe('Robert')
  })

  test('is no failure of ours when the server stays away', async () => {
    await flow.tell(rename('Robert'))
    isAway = true
    await flow.hours(72)
    expect(await flow.failures()).toEqual([])
  })

  test('is nothing more once the account is deleted', async () => {
    await flow.tell(rename('Robert'))
    await flow.tell(bob.deleteActor())
    await flow.minutes(2)
    expect(await flow.failures()).toEqual([])
    expect(flow.fediverse.requests.at(-1)?.url).not.toBe(bob.id)
  })
})

describe('an Update of an account with another key', () => {
  const signedBy = (key: typeof bob.key, sent: Sent): InboxRequest => {
    const { privateKey } = key
    const body = Buffer.from(JSON.stringify(sent.activity))
    const now = flow.time.now()
    return signPost(`${publicUrl}/inbox`, body, { keyId: bob.keyId, key: privateKey, now })
  }
  async function ask(request: InboxRequest): Promise<number> {
    const answering = flow.ask(request)
    await flow.quiet()
    return (await answering).status
  }

  test('has the new one believed at once, and the old one no more after ten minutes', async () => {
    const old = bob.key
    bob.rotateKey()
    expect(await ask(signedBy(old, bob.updateProfile({ name: 'Robert' })))).toBe(202)
    expect(shownName()).toBe('Robert')
    expect(await ask(bob.post({ content: 'by the new key' }))).toBe(202)
    await flow.minutes(11)
    expect(await ask(signedBy(old, bob.post({ content: 'by the old key' })))).toBe(401)
    const bodies = flow.bodies(flow.portalOf(bob))
    expect(bodies).toContain('by the new key')
    expect(bodies).not.toContain('by the old key')
  })
})

describe('a Follow', () => {
  const accepts = () => flow.received(bob, 'Accept')
  let me: string
  beforeEach(async () => {
    me = await flow.actorOf(flow.user('alice'))
  })
  const kept = () => flow.store.findFollow(bob.id as never, me as never)

  test('that comes again is accepted again, by the id that it has then', async () => {
    const [first, second] = [bob.follow(me), bob.follow(me)]
    await flow.tell(first, second)
    expect(accepts()).toMatchObject([{ object: { id: first.id } }, { object: { id: second.id } }])
    expect(await kept()).toMatchObject({ state: 'accepted', activityId: second.id })
    // By either id it ends.
    await flow.tell(bob.undo(second))
    expect(await kept()).toBeUndefined()
  })

  test('after its end, with a new id, is one again', async () => {
    const first = bob.follow(me)
    await flow.tell(first, bob.undo(first))
    expect(await kept()).toBeUndefined()
    const again = bob.follow(me)
    await flow.tell(again)
    expect(accepts()).toMatchObject([{ object: { id: first.id } }, { object: { id: again.id } }])
    expect(await kept()).toMatchObject({ state: 'accepted', activityId: again.id })
  })

  test('of ours that is asked for anew has a new id, and an answer to the old one is none', async () => {
    const alice = flow.user('alice')
    flow.manners.set(bob.id, 'ignore')
    await flow.command(alice, `unfollow ${bob.handle}`)
    await flow.command(alice, `follow ${bob.handle}`)
    const [first, second] = flow.received(bob, 'Follow')
    expect(first?.['id']).not.toBe(second?.['id'])
    if (first === undefined || second === undefined) throw new Error('not asked twice')
    const mine = () => flow.store.findFollow(me as never, bob.id as never)
    await flow.tell(bob.accept({ type: 'Follow', id: first['id'] }))
    expect(await mine()).toMatchObject({ state: 'requested' })
    await flow.tell(bob.accept(second))
    expect(await mine()).toMatchObject({ state: 'accepted', activityId: second['id'] })
  })
})
