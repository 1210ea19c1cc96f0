import { describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Flow } from '../flows/setup.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dieAtEveryStep } from './support/every-step.ts'
import { heard, textOf, typesOf } from './support/heard.ts'

const patience = 300_000

type Given = {
  readonly alice: FakeUser
  readonly bob: Account
  readonly cyd: Account
  readonly portal: RoomId
  readonly profile: RoomId
  readonly chat: RoomId
}

/** Alice reads Bob, and Bob and Cyd on another server read her; all three have a chat. */
async function given(flow: Flow): Promise<Given> {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const cyd = flow.account('cyd', 'other.example')
  const portal = await flow.follow(alice, bob)
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, cyd)
  const chat = alice.createDm(flow.ghostOf(bob), flow.ghostOf(cyd))
  await flow.minutes(2)
  return { alice, bob, cyd, portal, profile, chat }
}

/** What is said after the beginning of the scene. */
const bodiesSince = (flow: Flow, roomId: RoomId, first: string) => {
  const bodies = flow.bodies(roomId)
  return bodies.slice(bodies.findIndex((body) => body === first))
}

/** A Create that was put off says what the note says by then. */
function expectVersions(flow: Flow, account: Account, before: number): void {
  const activities = heard(flow, account).slice(before)
  expect(typesOf(activities)).toEqual(['Create', 'Update', 'Update'])
  const [created, ...updated] = activities.map(textOf)
  expect(['<p>one</p>', '<p>two</p>', '<p>three</p>']).toContain(created)
  expect(updated).toEqual(['<p>two</p>', '<p>three</p>'])
}

describe('whenever the bridge dies, an edit comes once and after what it changes', () => {
  test(
    'of a post in its portal',
    async () => {
      const steps = await dieAtEveryStep({
        given,
        when({ bob }, { senders }) {
          const post = bob.post({ content: 'one' })
          senders.send(post)
          senders.send(bob.edit(post.object, 'two'))
          senders.send(bob.edit(post.object, 'three'))
        },
        then: ({ portal }, flow) =>
          expect(flow.bodies(portal)).toEqual(['one', '* two', '* three']),
      })
      expect(steps).toBeGreaterThan(10)
    },
    patience,
  )

  test.each(['profile', 'chat'] as const)(
    'of a message in the %s',
    async (place) => {
      let before: readonly number[] = []
      const steps = await dieAtEveryStep({
        given,
        when(stage, flow) {
          before = [heard(flow, stage.bob).length, heard(flow, stage.cyd).length]
          const message = stage.alice.say(stage[place], 'one')
          stage.alice.edit(stage[place], message, 'two')
          stage.alice.edit(stage[place], message, 'three')
        },
        then(stage, flow) {
          expectVersions(flow, stage.bob, before[0] ?? 0)
          expectVersions(flow, stage.cyd, before[1] ?? 0)
          expect(bodiesSince(flow, stage[place], 'one')).toEqual(['one', '* two', '* three'])
        },
      })
      expect(steps).toBeGreaterThan(10)
    },
    patience,
  )
})
