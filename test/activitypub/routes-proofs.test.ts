import { expect, test } from '@jest/globals'
import { everybody } from '../fakes/fediverse.ts'
import { asActivityId } from '../../src/model/ids.ts'
import { alice, publicUrl, startRoutes } from './routes-setup.ts'

const id = asActivityId(`${publicUrl}/activities/proven`)

test('what says that an actor is gone is there when nothing else of it is', async () => {
  const world = await startRoutes()
  const { status } = await world.get('/activities/farewell', 'bob')
  await world.close()
  expect(status).toBe(200)
})

test.each([
  ['with its proof, where we still tell of the key', 'ed25519-key', true],
  ['without a proof that nobody can check any more', 'ed25519-key-0', false],
])('an activity is answered %s', async (_, fragment, isProven) => {
  const plain = { id, type: 'Delete', actor: alice, to: [everybody], cc: [] }
  const proof = { verificationMethod: `${alice}#${fragment}`, proofValue: 'z1' }
  const document = JSON.stringify({ ...plain, proof })
  const world = await startRoutes({
    findActivity: async () => ({ actor: alice, document, isPublic: true }),
  })
  const { text } = await world.get('/activities/proven', 'bob')
  await world.close()
  expect(JSON.parse(text)).toEqual(isProven ? { ...plain, proof } : plain)
})
