import { describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'
import { heard, typesOf } from './support/heard.ts'

const patience = 300_000

/** Everything is said twice over: each text has an edit. */
async function given(flow: Flow) {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const cyd = flow.account('cyd', 'other.example')
  const portal = await flow.follow(alice, bob)
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.gain(alice, cyd)
  const post = bob.post({ content: 'one' })
  await flow.tell(post)
  await flow.tell(bob.edit(post.object, 'two'))
  const message = alice.say(profile, 'one')
  await flow.quiet()
  alice.edit(profile, message, 'two')
  await flow.minutes(2)
  return { alice, bob, cyd, portal, profile, post, message }
}

const redactionsIn = (flow: Flow, roomId: Parameters<Flow['messages']>[0]) =>
  flow.messages(roomId).filter(({ type }) => type === 'm.room.redaction')

describe('whenever the bridge dies, what is deleted goes for good', () => {
  test(
    'a post with its edit, and nothing brings it back',
    async () => {
      const steps = await dieAtEveryStep({
        given,
        when: ({ bob, post }, { senders }) => senders.send(bob.delete(post.object)),
        async then({ bob, portal, post }, flow) {
          expect(flow.bodies(portal).filter((body) => body !== '')).toEqual([])
          expect(redactionsIn(flow, portal)).toHaveLength(2)
          await flow.tell(bob.sign({ ...post.activity, id: `${post.id}/again` }))
          expect(flow.bodies(portal).filter((body) => body !== '')).toEqual([])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'an account with all its posts, which is told once',
    async () => {
      const steps = await dieAtEveryStep({
        given,
        when: ({ bob }, { senders }) => senders.send(bob.deleteActor()),
        then({ bob, portal }, flow) {
          expect(flow.bodies(portal).filter((body) => body !== '')).toEqual([
            expect.stringMatching(/^This account was deleted/),
          ])
          expect(redactionsIn(flow, portal)).toHaveLength(2)
          expect(flow.homeserver.members(portal, 'join')).not.toContain(flow.ghostOf(bob))
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )

  test(
    'a message, everywhere where it was read',
    async () => {
      const steps = await dieAtEveryStep({
        given,
        when: ({ alice, profile, message }) => void alice.redact(profile, message),
        then({ bob, cyd }, flow) {
          const about = (account: Account) =>
            typesOf(heard(flow, account)).filter((type) => type !== 'Follow' && type !== 'Accept')
          expect(about(bob)).toEqual(['Create', 'Update', 'Delete'])
          expect(about(cyd)).toEqual(['Create', 'Update', 'Delete'])
        },
      })
      expect(steps).toBeGreaterThan(5)
    },
    patience,
  )
})
