import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { ActorKeys } from '../../src/activitypub/key-pairs.ts'
import { encodeMultikey } from '../../src/activitypub/multikey.ts'

/** PKCS#8 of an Ed25519 key whose secret is 32 times the same byte. */
const ed25519Of = (byte: number) =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, byte),
    ]),
    format: 'der',
    type: 'pkcs8',
  })

/** Keys of an actor of ours that are the same in every test; `pem` stands for the RSA key that nobody reads. */
export function testKeys(actorId: string, pem = 'PEM'): ActorKeys {
  const privateKey = ed25519Of(7)
  const id = `${actorId}#ed25519-key`
  return {
    publicKey: { id: `${actorId}#main-key`, pem },
    signing: { keyId: `${actorId}#main-key`, privateKey },
    multikeys: [{ id, publicKeyMultibase: encodeMultikey(createPublicKey(privateKey)) }],
    proving: { keyId: id, privateKey },
  }
}
