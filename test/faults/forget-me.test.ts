import { expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import { dieAtEveryStep } from './support/every-step.ts'

test('whenever the bridge dies, who wants to be forgotten is, everywhere', async () => {
  const steps = await dieAtEveryStep({
    async given(flow) {
      const alice = flow.user('alice')
      const bob = flow.account('bob', 'remote.example')
      const carol = flow.account('carol', 'other.example')
      const profile = await flow.publish(alice)
      await flow.gain(alice, bob)
      await flow.follow(alice, carol)
      alice.say(profile, 'hello world')
      await flow.quiet()
      return { alice, bob, carol, profile, id: await flow.actorOf(alice) }
    },
    async when({ alice }, flow) {
      alice.say(await flow.chat(alice), 'forget-me confirm')
    },
    async then({ alice, bob, carol, profile, id }, flow) {
      for (const account of [bob, carol]) {
        const ids = new Set(flow.received(account, 'Delete').map((activity) => activity['id']))
        expect(ids.size).toBe(1)
      }
      const rows = Object.values(flow.rows()).flat().join('\n')
      expect(rows).not.toContain(alice.userId)
      expect(rows).not.toContain('hello world')
      expect(flow.rows()['actor_key']?.join()).not.toContain(id)
      expect((await flow.store.findLocalActor(asActorId(id)))?.deletedAt).toBeDefined()
      expect(flow.homeserver.members(profile, 'join')).toEqual([alice.userId])
      const told = flow.bodies(await flow.chat(alice)).filter((body) => /are forgotten/.test(body))
      expect(told).toHaveLength(1)
    },
  })
  expect(steps).toBeGreaterThan(20)
})
