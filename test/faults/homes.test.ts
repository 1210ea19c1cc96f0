import { expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { Flow } from '../flows/setup.ts'
import { dieAtEveryStep } from './support/every-step.ts'

type Given = {
  readonly alice: FakeUser
  readonly bob: Account
  readonly carl: Account
  readonly home: RoomId
}

/** Alice reads bob and carl in her home room. */
async function given(flow: Flow): Promise<Given> {
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'other.example')
  const home = await flow.followHome(alice, bob)
  await flow.command(alice, `follow ${carl.handle} --home`)
  return { alice, bob, carl, home }
}

const saying = (flow: Flow, roomId: RoomId, text: string) =>
  flow.messages(roomId).filter(({ content }) => String(content['body']).includes(text))

test('two accounts boost a third one at the same moment: it stands there once', async () => {
  const steps = await dieAtEveryStep({
    given,
    when({ bob, carl }, flow) {
      const { object } = flow.account('dora', 'third.example').post({ content: 'worth it' })
      for (const sent of [bob.boost(object), carl.boost(object)]) flow.senders.send(sent)
    },
    then({ home }, flow) {
      const cards = saying(flow, home, 'worth it')
      const whole = cards.filter(({ content }) => content['m.relates_to'] === undefined)
      expect(whole).toHaveLength(1)
      const senders = cards.map(({ sender }) => sender)
      expect(senders).toEqual([...new Set(senders)])
    },
  })
  expect(steps).toBeGreaterThan(8)
})

test('an account moves out of the home room while it posts: each post is somewhere, once', async () => {
  const steps = await dieAtEveryStep({
    given,
    async when({ alice, bob }, flow) {
      flow.senders.send(bob.post({ content: 'before' }))
      await flow.quiet()
      const chat = await flow.chat(alice)
      alice.say(chat, `home remove ${bob.handle}`)
      flow.senders.send(bob.post({ content: 'meanwhile' }))
      await flow.minutes(2)
      flow.senders.send(bob.post({ content: 'after' }))
    },
    then({ alice, bob, home }, flow) {
      const portal = flow.portalOf(bob)
      expect(flow.invitesOf(alice)).toContain(portal)
      const inHome = flow.bodies(home)
      const inPortal = flow.bodies(portal)
      expect(new Set(inHome).size).toBe(inHome.length)
      expect(new Set(inPortal).size).toBe(inPortal.length)
      expect(inHome).toContain('before')
      expect(inPortal).toEqual(['before', 'meanwhile', 'after'])
      expect(flow.received(bob, 'Undo')).toEqual([])
    },
  })
  expect(steps).toBeGreaterThan(20)
})
