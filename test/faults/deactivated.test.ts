import { expect, test } from '@jest/globals'
import { dieAtEveryStep } from './support/every-step.ts'

const patience = 300_000

test(
  'whenever the bridge dies, who was deactivated is deleted once on the fediverse',
  async () => {
    const steps = await dieAtEveryStep({
      async given(flow) {
        const alice = flow.user('alice')
        const bob = flow.account('bob', 'remote.example')
        await flow.publish(alice)
        await flow.gain(alice, bob)
        const actorId = await flow.actorOf(alice)
        alice.deactivate()
        alice.setErased(true)
        await flow.quiet()
        return { alice, bob, actorId }
      },
      async when({ actorId }, flow) {
        // As the first look leaves it, a day later.
        const payload = JSON.stringify({ type: 'deactivated-still', actorId })
        const job = {
          kind: 'upkeep',
          key: 'deactivated still',
          lane: 'upkeep:deactivated',
          payload,
        } as const
        await flow.store.commit([{ change: 'enqueue', job }])
      },
      async then({ alice, bob, actorId }, flow) {
        const deletes = flow.received(bob, 'Delete').filter(({ object }) => object === actorId)
        expect(new Set(deletes.map(({ id }) => id)).size).toBe(1)
        expect(await flow.store.findLocalActorByUser(alice.userId)).toBeUndefined()
      },
    })
    expect(steps).toBeGreaterThan(5)
  },
  patience,
)
