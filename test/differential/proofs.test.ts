import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import type { Json } from '../../src/activitypub/parse-values.ts'
import { readProof, verifyProof } from '../../src/activitypub/proof.ts'
import { asActivityId, asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import { testKeys } from '../support/keys.ts'
import { generateRsaPair } from '../../src/activitypub/key-pairs.ts'
import { hasFedify } from './fedify.ts'

if (!hasFedify) {
  test.skip('Fedify is not on this machine: npm ci --prefix test/peers/fedify', () => undefined)
}
const withFedify = hasFedify ? describe : describe.skip

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const publicUrl = 'https://fedi.test'
const alice = asActorId(`${publicUrl}/actors/a`)

type Answer = {
  readonly verdicts: readonly boolean[]
  readonly made: { readonly document: Json; readonly jwk: JsonWebKey }
}

async function ask(question: unknown): Promise<Answer> {
  const program = path.join(import.meta.dirname, '../peers/fedify/proofs.js')
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(question))
  return JSON.parse(await text(child.stdout)) as Answer
}

withFedify('proofs beside Fedify', () => {
  test('ours hold there, changed ones do not, and theirs hold here', async () => {
    const keys = testKeys(alice, (await generateRsaPair()).publicPem)
    const { serialize, serializeActor } = createSerializer({
      ...{ publicUrl, handleDomain: 'fedi.test', bridgeName: 'F', findKeys: () => keys },
      clock: { now: () => now },
    })
    const subject = { id: alice, userId: asUserId('@a:fedi.test'), username: 'a', createdAt: 0 }
    const object = asObjectId(`${publicUrl}/objects/1`)
    const head = {
      ...{ id: asActivityId(`${publicUrl}/activities/1`), actor: alice },
      ...{ to: ['https://www.w3.org/ns/activitystreams#Public'], cc: [`${alice}/followers`] },
    }
    const documents = [
      serialize({ ...head, type: 'delete', object, at: now }),
      serialize({ ...head, type: 'update-actor', subject, at: now }),
      serialize({
        ...head,
        type: 'react',
        object,
        feeling: { type: 'Announce', key: '' },
        at: now,
      }),
    ].map((one) => JSON.parse(one) as Json)
    const changed = documents.map((one) => ({ ...one, cc: [] }))
    const actor: unknown = JSON.parse(serializeActor(subject, keys))
    const { verdicts, made } = await ask({ actor, documents: [...documents, ...changed] })
    expect(verdicts).toEqual([true, true, true, false, false, false])
    const proof = readProof(made.document, Date.now())
    const publicKey = createPublicKey({ key: made.jwk, format: 'jwk' })
    expect(proof && verifyProof(proof, publicKey)).toBe(true)
    const other = readProof({ ...made.document, actor: alice }, Date.now())
    expect(other && verifyProof(other, publicKey)).toBe(false)
  })
})
