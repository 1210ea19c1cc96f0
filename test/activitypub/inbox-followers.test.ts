import { describe, expect, test } from '@jest/globals'
import type { NewJob } from '../../src/model/job.ts'
import { asActorId } from '../../src/model/ids.ts'
import { followersDigest } from '../../src/activitypub/followers-sync.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import { signRequest } from '../../src/activitypub/signature.ts'
import { createFediverse } from '../fakes/fediverse.ts'

const publicUrl = 'https://here.example'
const alice = asActorId(`${publicUrl}/actors/alice`)
const now = Date.UTC(2024, 0, 1)

function setUp(isKnown: boolean) {
  const jobs: NewJob[] = []
  const upkeep: NewJob[] = []
  const clock = { now: () => now, sleep: async () => undefined }
  const fediverse = createFediverse({ clock, publicUrl, findKey: async () => undefined })
  const bob = fediverse.account('bob', 'remote.example')
  const keyFor = async () => ({ owner: asActorId(bob.id), key: bob.key.publicKey })
  const inbox = createInbox({
    add: async (job) => jobs.push(job),
    addUpkeep: async (job) => upkeep.push(job),
    followersOn: async () => [alice],
    keyring: { keyFor, refetch: keyFor },
    isKnownActor: async () => isKnown,
    isBlocked: async () => false,
    findLocalActor: async () => undefined,
    waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
    limits: { perActor: 0, perHost: 0 },
    publicUrl,
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  return { inbox, jobs, upkeep, bob }
}

describe('what a sender’s server knows of our followers', () => {
  const sync = (digest: string) =>
    `collectionId="https://remote.example/users/bob/followers", url="https://remote.example/users/bob/sync", digest="${digest}"`
  const send = async (value: string, isCovered: boolean, isKnown = true) => {
    const { inbox, jobs, upkeep, bob } = setUp(isKnown)
    const sent = bob.post({ content: 'hi' })
    const header = { 'collection-synchronization': value }
    const headers = signRequest({
      ...{ method: 'POST', url: `${publicUrl}/inbox`, body: sent.body, date: new Date(now) },
      ...{ keyId: bob.keyId, privateKey: bob.key.privateKey },
      ...(isCovered ? { more: header } : {}),
    })
    const answer = await inbox({ ...sent, headers: { ...headers, ...header } })
    return { status: answer.status, jobs: jobs.length, upkeep, id: bob.id }
  }
  const other = '0'.repeat(64)

  test('is compared where it differs, a minute later', async () => {
    const { status, jobs, upkeep, id } = await send(sync(other), true)
    expect([status, jobs]).toEqual([202, 1])
    expect(upkeep).toMatchObject([
      { kind: 'upkeep', lane: `upkeep:sync ${id}`, host: 'remote.example', runAt: now + 60_000 },
    ])
    expect(JSON.parse(upkeep[0]?.payload ?? '')).toMatchObject({
      type: 'sync-followers',
      actorId: id,
      sync: { url: 'https://remote.example/users/bob/sync', digest: other },
    })
  })

  test.each([
    ['it says the same', sync(followersDigest([alice])), true],
    ['nobody signed it', sync(other), false],
    ['it is malformed', 'digest', true],
  ])('is of no interest where %s', async (_why, value, isCovered) => {
    const { status, jobs, upkeep } = await send(value, isCovered)
    expect([status, jobs, upkeep]).toEqual([202, 1, []])
  })

  test('is of no interest where we never met the sender', async () => {
    const { status, jobs, upkeep } = await send(sync(other), true, false)
    expect([status, jobs, upkeep]).toEqual([202, 1, []])
  })
})
