import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let bob: Account
let me: string

beforeEach(async () => {
  flow = await createFlow()
  bob = flow.account('bob', 'remote.example')
  const alice = flow.user('alice')
  await flow.command(alice, 'register')
  me = await flow.actorOf(alice)
})
afterEach(() => flow.close())

let count = 0
const ask = (members: object): Sent =>
  bob.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    ...{ id: `${bob.id}/asks/${++count}`, actor: bob.id, ...members },
  })

describe('a Ping', () => {
  test('is answered by whom it asks', async () => {
    const ping = ask({ type: 'Ping', to: me })
    await flow.tell(ping)
    expect(flow.received(bob)).toMatchObject([
      { type: 'Pong', actor: me, object: ping.id, to: [bob.id] },
    ])
  })

  test('to nobody of ours, or from somebody whom they have blocked, is not', async () => {
    await flow.tell(ask({ type: 'Ping' }), ask({ type: 'Ping', to: `${me}x` }))
    await flow.command(flow.user('alice'), `block ${bob.handle}`)
    await flow.tell(ask({ type: 'Ping', to: me }))
    expect(flow.received(bob, 'Pong')).toEqual([])
  })
})

test('a FeatureRequest is refused, whole', async () => {
  const instrument = `${bob.id}/collections/1`
  const request = ask({ type: 'FeatureRequest', object: me, instrument })
  await flow.tell(request)
  expect(flow.received(bob)).toMatchObject([
    {
      type: 'Reject',
      actor: me,
      object: {
        type: 'FeatureRequest',
        ...{ id: request.id, actor: bob.id, object: me, instrument },
      },
    },
  ])
})

test('of one account only so many are answered in a day', async () => {
  for (let n = 0; n < 15; n += 1) flow.senders.send(ask({ type: 'Ping', to: me }))
  const instrument = `${bob.id}/collections/1`
  for (let n = 0; n < 15; n += 1)
    flow.senders.send(ask({ type: 'FeatureRequest', object: me, instrument }))
  await flow.minutes(5)
  expect(flow.received(bob)).toHaveLength(20)
  await flow.hours(24)
  await flow.tell(ask({ type: 'Ping', to: me }))
  expect(flow.received(bob)).toHaveLength(21)
})
