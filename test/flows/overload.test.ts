import { expect, test } from '@jest/globals'
import { createFlow } from './setup.ts'

test('what a server sends beyond what may wait here comes later, whole and in order', async () => {
  let isAway = false
  const flow = await createFlow({ isAway: (side) => isAway && side === 'homeserver' })
  const bob = flow.account('bob', 'remote.example')
  const carl = flow.account('carl', 'remote.example')
  const portal = await flow.follow(flow.user('alice'), bob)
  isAway = true
  const count = 520
  await flow.tell(...Array.from({ length: count }, (_, n) => bob.post({ content: `post ${n}` })))
  const waiting = async () => (await flow.queue.depth()).find(({ kind }) => kind === 'activity')
  await flow.minutes(1)
  expect(await waiting()).toMatchObject({ waiting: 500, failed: 0 })
  // Whoever sends little is heard meanwhile.
  const other = carl.post()
  flow.senders.send(other, { isFirst: true })
  await flow.minutes(60)
  expect(flow.senders.takenAt.has(other.id)).toBe(true)
  expect(await waiting()).toMatchObject({ waiting: 500, failed: 0 })
  isAway = false
  await flow.hours(3)
  expect(flow.senders.refused).toEqual([])
  expect(flow.bodies(portal)).toEqual(Array.from({ length: count }, (_, n) => `post ${n}`))
  flow.close()
})
