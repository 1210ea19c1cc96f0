import { afterEach, expect, test } from '@jest/globals'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
afterEach(() => flow.close())

/** More than goes in one run. */
const many = 230

test('an account that is deleted goes whole, also when the bridge dies in between', async () => {
  flow = await createFlow()
  const bob = flow.account('bob', 'remote.example')
  const alice = flow.user('alice')
  const portal = await flow.follow(alice, bob)
  await flow.gain(alice, bob)
  for (let n = 0; n < many; n++) flow.senders.send(bob.post({ content: `post ${n}` }))
  await flow.minutes(5)
  const left = () => flow.bodies(portal).filter((body) => body.startsWith('post ')).length
  expect(left()).toBe(many)

  flow.senders.send(bob.deleteActor())
  const seen = new Set<number>()
  for (let tries = 0; tries < 200 && left() > 0; tries++) {
    await flow.time.pass(40)
    seen.add(left())
    if (tries % 10 === 9 && flow.crashes() < 3) flow.crash()
  }
  expect([...seen].some((count) => count > 0 && count < many)).toBe(true)
  await flow.minutes(10)
  expect(flow.crashes()).toBeGreaterThan(0)
  expect(left()).toBe(0)
  const me = await flow.actorOf(alice)
  expect(flow.rows()['follow']?.filter((row) => row.includes(me))).toEqual([])
  const ghost = flow.ghostOf(bob)
  const members = await flow.store.membersOf(portal, ['join'])
  expect(members).not.toContain(ghost)
  expect(flow.bodies(portal)).toContain('This account was deleted by its owner or its server.')
  expect(await flow.failures()).toEqual([])
})
