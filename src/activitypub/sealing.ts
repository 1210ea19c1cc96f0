import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { ActorId } from '../model/ids.ts'

/** Whose key it is: sealed text of one key opens as no other. */
export type SealedFor = { readonly actorId: ActorId; readonly keyId: string }

/**
 * Private keys as they lie in the database: AES-256-GCM under a key of the configuration, as
 * `v1.<its id>.<nonce>.<text and tag>`, with that id, the actor and the key's own id as associated
 * data.
 */
export type Sealer = {
  readonly seal: (text: string, owner: SealedFor) => string
  /** Throws `WrongEncryptionKey`. */
  readonly open: (sealed: string, owner: SealedFor) => string
  /** Under the newest secret, what may be bare or under the one before. Throws `WrongEncryptionKey`. */
  readonly reseal: (text: string, owner: SealedFor) => string
}

/** For the administrator; a start ends with it. */
export class WrongEncryptionKey extends Error {
  override readonly name = 'WrongEncryptionKey'
  readonly code = 'WRONG_ENCRYPTION_KEY'
}

type Secret = { readonly id: string; readonly key: Buffer }

const version = 'v1'
const tagLength = 16
const nonceLength = 12

/** The secret of the configuration is long and random, so no slow function has to stretch it. */
function deriveSecret(text: string): Secret {
  const derive = (info: string, length: number) =>
    Buffer.from(hkdfSync('sha256', text, 'footbridge', info, length))
  return { id: derive('id of the key', 6).toString('base64url'), key: derive('actor keys', 32) }
}

const associated = ({ id }: Secret, { actorId, keyId }: SealedFor): Buffer =>
  Buffer.from(JSON.stringify([version, id, actorId, keyId]))

function sealWith(secret: Secret, text: string, owner: SealedFor): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', secret.key, nonce, { authTagLength: tagLength })
  cipher.setAAD(associated(secret, owner))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [version, secret.id, nonce.toString('base64url'), sealed.toString('base64url')].join('.')
}

function openWith(secret: Secret, [nonce = '', body = '']: string[], owner: SealedFor): string {
  const bytes = Buffer.from(body, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', secret.key, Buffer.from(nonce, 'base64url'), {
    authTagLength: tagLength,
  })
  decipher.setAAD(associated(secret, owner))
  decipher.setAuthTag(bytes.subarray(-tagLength))
  const text = bytes.subarray(0, -tagLength)
  return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
}

const isBare = (text: string): boolean => text.startsWith('-----BEGIN ')

/** `secrets`: the one that seals, then those that only open. */
export function createSealer(secrets: readonly [string, ...string[]]): Sealer {
  const [first, ...others] = secrets
  const newest = deriveSecret(first)
  const known = [newest, ...others.map(deriveSecret)]
  const open: Sealer['open'] = (sealed, owner) => {
    const [form, id, ...rest] = sealed.split('.')
    const secret = form === version ? known.find((one) => one.id === id) : undefined
    if (secret === undefined) {
      throw new WrongEncryptionKey(
        `the keys of the accounts in the database were sealed with another encryption_key (${String(id).slice(0, 16)})`,
      )
    }
    try {
      return openWith(secret, rest, owner)
    } catch (cause) {
      throw new WrongEncryptionKey(`the key ${owner.keyId} in the database was changed`, { cause })
    }
  }
  return {
    seal: (text, owner) => sealWith(newest, text, owner),
    open,
    reseal(text, owner) {
      if (isBare(text)) return sealWith(newest, text, owner)
      const opened = open(text, owner)
      return text.startsWith(`${version}.${newest.id}.`) ? text : sealWith(newest, opened, owner)
    },
  }
}
