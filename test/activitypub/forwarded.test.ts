import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createForwarded } from '../../src/activitypub/forwarded.ts'
import { fetchJob, readPayload } from '../../src/activitypub/parse-payload.ts'
import type { Json } from '../../src/activitypub/parse-values.ts'
import { addProof, proofContext } from '../../src/activitypub/proof.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import { testKeys } from '../support/keys.ts'

const now = Date.UTC(2026, 0, 2)
const bob = 'https://remote.example/users/bob'
const id = asActivityId('https://remote.example/activities/1')
const { proving } = testKeys(bob)
const other = generateKeyPairSync('ed25519').privateKey
const plain: Json = {
  '@context': ['https://www.w3.org/ns/activitystreams', proofContext],
  id,
  type: 'Create',
  actor: bob,
  object: { id: 'https://remote.example/notes/1', type: 'Note', attributedTo: bob, content: 'hi' },
}
const prove = (change: Json = {}, key = proving, at = now): Json =>
  addProof({ ...plain, ...change }, key, at)

/** What was believed, and what was asked for. `keys`: what the keyring answers, one call after another. */
async function read(document: Json, keys: readonly (object | Error)[] = []) {
  const asked: string[] = []
  const answers = [...keys]
  const keyOf = async (keyId: string) => {
    asked.push(keyId)
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    const key = createPublicKey(proving.privateKey)
    return { owner: asActorId(bob), key, ...answer }
  }
  const readForwarded = createForwarded({
    keyring: { keyFor: keyOf, refetch: keyOf },
    fetchDocument: async (url) => (
      asked.push(`GET ${url}`),
      { document: { id: url, fetched: true } }
    ),
    clock: { now: () => now, sleep: async () => undefined },
  })
  const payload = readPayload(
    fetchJob({ id, actor: 'https://relay.example/actor' }, Buffer.from(JSON.stringify(document)))
      .payload,
  )
  if (payload.kind !== 'fetch') throw new Error('it was believed')
  const found = await readForwarded(payload)
  return { isBelieved: found['fetched'] !== true, asked }
}

const method = `${bob}#ed25519-key`
const get = `GET ${id}`
const old = { key: createPublicKey(other) }
const rows: readonly [string, Json, boolean, readonly string[], (readonly (object | Error)[])?][] =
  [
    ['that its actor has proven', prove(), true, [method]],
    ['that ends what its actor wrote', prove({ type: 'Delete' }), true, [method]],
    ['whose key is a new one', prove(), true, [method, method], [old]],
    ['whose key is another one', prove(), false, [method, method, get], [old, old]],
    [
      'whose key is an RSA key',
      prove(),
      false,
      [method, method, get],
      ['rsa', 'rsa'].map(() => ({
        key: generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
      })),
    ],
    [
      'whose key is of somebody else on that host',
      prove(),
      false,
      [method, method, get],
      [
        { owner: asActorId('https://remote.example/users/eve') },
        { owner: asActorId('https://remote.example/users/eve') },
      ],
    ],
    [
      'whose key proves nothing',
      prove(),
      false,
      [method, get],
      [new RejectedError('no key', { code: 'hostile' })],
    ],
    [
      'that names a key on another host',
      prove({}, { ...proving, keyId: 'https://evil.example/key' }),
      false,
      [get],
    ],
    ['that was changed on the way', { ...prove(), object: 'x' }, false, [method, method, get]],
    ['that was proven long ago', prove({}, proving, now - 8 * 86_400_000), false, [get]],
    ['without a proof', plain, false, [get]],
    [
      'with the signature of a linked-data document',
      { ...plain, signature: { type: 'RsaSignature2017', signatureValue: 'eddsa-jcs-2022' } },
      false,
      [get],
    ],
    [
      'that says it is another one',
      prove({ id: 'https://remote.example/activities/2' }),
      false,
      [get],
    ],
    ['of an actor elsewhere', prove({ actor: 'https://evil.example/users/eve' }), false, [get]],
    ['of two types', prove({ type: ['Create', 'Delete'] }), false, [get]],
    ['that an older one could undo', prove({ type: 'Update' }), false, [get]],
    ['that means something else another day', prove({ type: 'Like' }), false, [get]],
  ]
const cases = rows.map(([title, document, isBelieved, asked, keys]) => ({
  ...{ title, document, keys, expected: { isBelieved, asked } },
}))
test.each(cases)('a forwarded activity $title', async ({ document, keys, expected }) => {
  expect(await read(document, keys)).toEqual(expected)
})

test('waits for a key that cannot be had just now', async () => {
  await expect(read(prove(), [new TransientError('away')])).rejects.toThrow('away')
})

test('what is large is fetched', async () => {
  const document = prove({ object: 'x'.repeat(300_000) })
  expect(await read(document)).toEqual({ isBelieved: false, asked: [get] })
})
