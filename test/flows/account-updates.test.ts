import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

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
    expect(await flow.queue.listFailed({ limit: 10 })).toEqual([])
  })

  test('is nothing more once the account is deleted', async () => {
    await flow.tell(rename('Robert'))
    await flow.tell(bob.deleteActor())
    await flow.minutes(2)
    expect(await flow.queue.listFailed({ limit: 10 })).toEqual([])
    expect(flow.fediverse.requests.at(-1)?.url).not.toBe(bob.id)
  })
})
