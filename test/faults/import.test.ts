import { expect, test } from '@jest/globals'
import { dieAtEveryStep } from './support/every-step.ts'

test('whenever the bridge dies, a list is followed, each of it once', async () => {
  const steps = await dieAtEveryStep({
    async given(flow) {
      const alice = flow.user('alice')
      const chat = await flow.chat(alice)
      const list = ['bob', 'carol'].map((name) => flow.account(name, 'remote.example'))
      const text = list.map(({ username, host }) => `${username}@${host}`).join('\n')
      flow.homeserver.addMedia('mxc://hs.test/list', Buffer.from(text))
      return { alice, chat, list }
    },
    when({ alice, chat }) {
      const url = 'mxc://hs.test/list'
      alice.send(chat, { msgtype: 'm.file', body: 'import follows', filename: 'list.csv', url })
    },
    async then({ alice, chat, list }, flow) {
      const follows = list.map((account) => flow.received(account, 'Follow'))
      expect(follows.map((of) => new Set(of.map(({ id }) => id)).size)).toEqual([1, 1])
      const actor = await flow.store.findLocalActorByUser(alice.userId)
      if (actor === undefined) throw new Error('she is nobody')
      expect(await flow.store.followsOf(actor.id)).toMatchObject(
        list.map(({ id }) => ({ followed: id, state: 'accepted', shownIn: 'home' })),
      )
      const bodies = flow.bodies(chat)
      expect(bodies.filter((body) => body.startsWith('Followed 2 of 2'))).toHaveLength(1)
      expect(bodies.filter((body) => body.startsWith('Import of follows'))).toHaveLength(1)
    },
  })
  expect(steps).toBeGreaterThan(10)
})
