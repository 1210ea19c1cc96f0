import { beforeEach, expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import { actorOf, ensureGhost, fetchAndKeep } from '../../src/bridge/ghosts.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

let bridge: Bridge
let bob: RemoteActor

beforeEach(async () => {
  bridge = await createBridge()
  bob = { ...bridge.fediverse.addAccount('bob@social.test'), fetchedAt: bridge.clock.now() }
})

/** What the account tells of itself, as its Update is written down. */
const rename = (name: string): Promise<void> => {
  bob = { ...bob, name, fetchedAt: bridge.clock.now() }
  return bridge.deps.store.commit([{ change: 'put-remote-actor', actor: bob }])
}

test('an account that is renamed while the homeserver makes its ghost has the new name', async () => {
  const { deps } = bridge
  await rename('Bob')
  const shown: string[] = []
  const setDisplayName = async (userId: string, name: string): Promise<void> => {
    shown.push(`${userId} ${name}`)
    if (name === 'Bob') await rename('Robert')
  }
  const homeserver = { ...deps.homeserver, setDisplayName }
  const ghost = await ensureGhost(bob, { ...deps, homeserver })
  expect(ghost.displayName).toBe('Robert')
  expect(shown.at(-1)).toBe(`${ghost.userId} Robert`)
})

test('what an account tells of itself while its server is asked is not forgotten for the answer', async () => {
  const { deps } = bridge
  const fetchActor = async (): Promise<RemoteActor> => {
    const before = { ...bob, name: 'Bob' }
    await rename('Robert')
    return before
  }
  const asked = { ...deps, fediverse: { ...deps.fediverse, fetchActor } }
  expect((await fetchAndKeep(bob.id, asked)).name).toBe('Robert')
  expect((await actorOf(bob.id, deps)).name).toBe('Robert')
})
