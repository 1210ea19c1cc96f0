import { generateKeyPairSync } from 'node:crypto'
import { actorDocument, documentFetchOf, type instanceKey, type Web } from './web.ts'
import type { ActorId } from '../../src/model/ids.ts'
import { createKeyring } from '../../src/activitypub/keyring.ts'
import type { RemoteActor } from '../../src/model/actor.ts'

export const bob = 'https://social.test/users/bob'
export const keyId = `${bob}#main-key`
export const fresh = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const withKey = (pem: string, more: Readonly<Record<string, unknown>> = {}) =>
  actorDocument(bob, { publicKey: { id: keyId, owner: bob, publicKeyPem: pem }, ...more })

/** A keyring that keeps accounts in `actors`. */
export function keyringOf(web: Web, stored: readonly RemoteActor[] = [], size = 100) {
  const actors = new Map<ActorId, RemoteActor>(stored.map((actor) => [actor.id, actor]))
  const keyring = createKeyring({
    fetchDocument: documentFetchOf(web),
    findRemoteActor: (id) => Promise.resolve(actors.get(id)),
    findKeysOf: (id) => Promise.resolve(actors.get(id)),
    saveRemoteActor: (actor) => Promise.resolve(void actors.set(actor.id, actor)),
    clock: web.clock,
    size,
  })
  return { ...keyring, actors }
}

export const pemOf = async (key: Promise<{ key: typeof instanceKey.publicKey }>) =>
  (await key).key.export({ type: 'spki', format: 'pem' })
