import { expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dieAtEveryStep } from './support/every-step.ts'

type Given = { readonly bob: Account; readonly portal: RoomId }

test('what was missed is there once, in order, wherever the bridge dies while it reads it back', async () => {
  const steps = await dieAtEveryStep<Given>({
    async given(flow) {
      const alice = flow.user('alice')
      const bob = flow.account('bob', 'remote.example')
      const portal = await flow.follow(alice, bob)
      const { object } = bob.post({ content: 'missed, one' })
      bob.post({ content: 'missed, two', inReplyTo: object })
      bob.boost(flow.account('carl', 'other.example').post({ content: 'boosted' }).object)
      return { bob, portal }
    },
    async when({ bob }, flow) {
      // As if it had been gone for an hour.
      const at = flow.time.now() - 3_600_000
      await flow.store.commit([{ change: 'mark', key: 'alive', value: String(at), at }])
      flow.crash()
      await flow.time.pass(10)
      flow.senders.send(bob.post({ content: 'told' }))
    },
    then({ portal }, flow) {
      const bodies = flow.bodies(portal).map((body) => body.split('\n')[0])
      const boosted = expect.stringContaining('boosted @carl')
      // Of one second, notes come before boosts.
      expect(bodies.filter((body) => body !== 'told')).toEqual([
        'missed, one',
        'missed, two',
        boosted,
      ])
      expect(bodies.filter((body) => body === 'told')).toHaveLength(1)
      expect(bodies.indexOf('told')).toBeGreaterThan(bodies.indexOf('missed, two'))
    },
  })
  expect(steps).toBeGreaterThan(10)
})
