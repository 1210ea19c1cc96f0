import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import type { NewJob } from '../../src/model/job.ts'
import { createForwarded } from '../../src/activitypub/forwarded.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import { parsePublicKeys } from '../../src/activitypub/parse.ts'
import { readPayload } from '../../src/activitypub/parse-payload.ts'
import type { Json } from '../../src/activitypub/parse-values.ts'
import { createFediverse } from '../fakes/fediverse.ts'

/**
 * Recorded linked-data signatures (`RsaSignature2017`), right and wrong ones: none says here who somebody is.
 * What carries one and is brought by somebody else is fetched at its id.
 */
const fixtures = new URL('../../../shared/fixtures/', import.meta.url)
const recorded = existsSync(fixtures) ? describe : describe.skip
const lines = existsSync(fixtures)
  ? readFileSync(new URL('SIGNATURES.tsv', fixtures), 'utf8').split('\n')
  : []
const paths = lines
  .map((line) => line.split('\t'))
  .filter(([, scheme]) => scheme === 'RsaSignature2017')
  .map(([path = '']) => path)
const read = (path: string): Json =>
  JSON.parse(readFileSync(new URL(path, fixtures), 'utf8')) as Json

const now = Date.UTC(2024, 0, 1)
const clock = { now: () => now, sleep: async () => undefined }
const publicUrl = 'https://here.example'

/** An inbox that knows the key of a relay and no other; what it queued, and which keys it looked for. */
function setUp() {
  const jobs: NewJob[] = []
  const lookups: string[] = []
  const fediverse = createFediverse({ clock, publicUrl, findKey: async () => undefined })
  const relay = fediverse.account('relay', 'relay.example')
  const keyFor = async (keyId: string) => {
    lookups.push(keyId)
    return { owner: asActorId(relay.id), key: relay.key.publicKey }
  }
  const inbox = createInbox({
    add: async (job) => jobs.push(job),
    keyring: { keyFor, refetch: keyFor },
    isKnownActor: async () => true,
    isBlocked: async () => false,
    findLocalActor: async () => undefined,
    addUpkeep: async (job) => jobs.push(job),
    followersOn: async () => [],
    waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
    limits: { perActor: 0, perHost: 0 },
    ...{ publicUrl, clock, log: { debug() {}, info() {}, warn() {}, error() {} } },
  })
  return { inbox, jobs, lookups, relay }
}

const isPerson = (path: string): boolean => existsSync(fixtures) && read(path)['type'] === 'Person'

recorded('a recorded linked-data signature', () => {
  test('is in 23 documents, of which three are people', () => {
    expect([paths.length, paths.filter(isPerson).length]).toEqual([23, 3])
    for (const path of paths)
      expect(read(path)).toHaveProperty('signature.type', 'RsaSignature2017')
  })

  test.each(paths)('says to the inbox of nobody who they are: %s', async (path) => {
    const { inbox, jobs, lookups, relay } = setUp()
    const sent = relay.sign(read(path))
    const request = { ...sent, headers: { ...sent.headers, signature: undefined } }
    const { status } = await inbox(request)
    expect([status, jobs, lookups]).toEqual([isPerson(path) ? 400 : 401, [], []])
  })

  test.each(paths.filter((path) => !isPerson(path)))(
    'has what a relay brings fetched at its id: %s',
    async (path) => {
      const { inbox, jobs, lookups, relay } = setUp()
      const document = read(path)
      expect((await inbox(relay.sign(document))).status).toBe(202)
      const [payload] = jobs.map((job) => readPayload(job.payload))
      expect([jobs.length, payload]).toEqual([1, { kind: 'fetch', id: document['id'] }])
      expect(lookups).toEqual([relay.keyId])
      if (payload?.kind !== 'fetch') return
      const asked: string[] = []
      const readForwarded = createForwarded({
        keyring: {
          keyFor: async (keyId) => Promise.reject(new Error(`asked for ${keyId}`)),
          refetch: async (keyId) => Promise.reject(new Error(`asked for ${keyId}`)),
        },
        fetchDocument: async (id) => (asked.push(id), { document: { id, isFetched: true } }),
        clock,
      })
      // Even where all of it is handed over.
      const found = await readForwarded({ ...payload, document })
      expect([asked, found]).toEqual([[document['id']], { id: document['id'], isFetched: true }])
    },
  )

  test.each(paths.filter(isPerson))('adds no key to those of an account: %s', (path) => {
    const document = read(path)
    expect(parsePublicKeys(document)).toEqual(
      parsePublicKeys({ ...document, signature: undefined }),
    )
  })
})
