import { expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { Store } from '../../src/bridge/store-port.ts'
import { ensurePortal, portalName } from '../../src/bridge/portals.ts'
import { createBridge, type Bridge } from '../support/bridge.ts'

async function openRoom(bridge: Bridge, handle: string, name: string): Promise<RemoteActor> {
  const actor = bridge.fediverse.addAccount(handle, { name })
  await ensurePortal({ kind: 'actor', actorId: actor.id }, bridge.deps)
  return actor
}

test('the host stands in a name only where another account with a room has the same', async () => {
  const bridge = await createBridge()
  const bob = await openRoom(bridge, 'bob@one.test', 'Bob')
  expect(await portalName(bob, bridge.deps)).toBe('Bob')
  const other = await openRoom(bridge, 'robert@two.test', 'Bob')
  expect(await portalName(other, bridge.deps)).toBe('Bob (two.test)')
  expect(await portalName(bob, bridge.deps)).toBe('Bob (one.test)')
})

test('finding that out does not cost more for each room that there is', async () => {
  const bridge = await createBridge()
  const reads: string[] = []
  const counted = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => (reads.push(String(name)), Reflect.get(target, name) as unknown),
    })
  for (let n = 0; n < 5; n++) await openRoom(bridge, `carl${n}@one.test`, `Carl ${n}`)
  const bob = await openRoom(bridge, 'bob@one.test', 'Bob')
  await portalName(bob, { ...bridge.deps, store: counted(bridge.deps.store) })
  expect(reads).toHaveLength(1)
})
