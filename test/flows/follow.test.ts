import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Account } from '../fakes/fediverse.ts'
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

describe('following an account', () => {
  test('an accepted follow opens the portal and invites', async () => {
    const answers = await flow.command(alice, 'follow @bob@remote.example')
    expect(answers).toEqual([
      'On the fediverse you are now @alice@bridge.example.\n' +
        'Asked to follow @bob@remote.example: requested. I will tell you when they answer.',
      'Following @bob@remote.example. Its newest posts are in its own room; I have invited you.',
    ])
    const actor = await flow.actorOf(alice)
    expect(flow.received(bob)).toEqual([
      {
        '@context': expect.anything(),
        id: expect.stringMatching(new RegExp(`^${publicUrl}/activities/`)),
        type: 'Follow',
        actor,
        object: bob.id,
        to: [bob.id],
      },
    ])
    expect(flow.invitesOf(alice)).toEqual([flow.portalOf(bob)])
    expect(flow.homeserver.members(flow.portalOf(bob), 'join')).toContain(bot)
  })
})
