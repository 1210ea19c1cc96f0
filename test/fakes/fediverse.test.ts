import { describe, expect, test } from '@jest/globals'
import type { HttpRequest } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'
import { signRequest } from '../../src/activitypub/signature.ts'
import { createFediverse } from './fediverse.ts'
import type { FaultKind } from './fediverse.ts'
import { fakeKey } from './fediverse-signature.ts'

const publicUrl = 'https://here.example'
const alice = `${publicUrl}/actors/alice`
const keyId = `${alice}#main-key`

function setUp() {
  const time = { now: Date.UTC(2024, 0, 1) }
  const ours = fakeKey(3)
  const fediverse = createFediverse({
    clock: { now: () => time.now },
    publicUrl,
    findKey: async (id) => (id === keyId ? ours.publicKey : undefined),
  })
  const get = (url: string): Promise<{ status: number; document: unknown }> =>
    fediverse
      .http({ method: 'GET', url, headers: {}, timeout: 1, maxBytes: 1 })
      .then(({ status, body }) => ({
        status,
        document: body.length === 0 ? undefined : (JSON.parse(body.toString()) as unknown),
      }))
  const deliver = (url: string, document: object) => {
    const body = JSON.stringify(document)
    const date = new Date(time.now)
    const signed = signRequest({
      method: 'POST',
      url,
      body,
      keyId,
      privateKey: ours.privateKey,
      date,
    })
    const request: HttpRequest = {
      method: 'POST',
      url,
      body,
      headers: signed,
      timeout: 1,
      maxBytes: 1,
    }
    return fediverse.http(request)
  }
  const bob = fediverse.account('bob', 'remote.example')
  return { time, fediverse, get, deliver, bob }
}

const follow = (object: string) => ({
  id: `${publicUrl}/activities/f`,
  type: 'Follow',
  actor: alice,
  object,
})

describe('a simulated server', () => {
  test('answers what our parsers read', async () => {
    const { get, bob } = setUp()
    const { object } = bob.post({ content: 'hi', visibility: 'unlisted' })
    const actor = parseActor((await get(bob.id)).document, 0)
    expect([actor.id, actor.sharedInbox, actor.publicKeys[0]?.id]).toEqual([
      bob.id,
      'https://remote.example/inbox',
      bob.keyId,
    ])
    expect(parseNote((await get(object)).document).content).toBe('<p>hi</p>')
    expect((await get(`${bob.id}/outbox`)).document).toMatchObject({ totalItems: 1 })
    const handle = 'acct:bob@remote.example'
    const url = `https://remote.example/.well-known/webfinger?resource=${handle}`
    expect((await get(url)).document).toMatchObject({ subject: handle })
  })

  test('hides what is not public, and forgets what is deleted', async () => {
    const { get, bob } = setUp()
    const secret = bob.post({ visibility: 'followers' })
    const open = bob.post()
    bob.delete(open.object)
    expect((await get(secret.object)).status).toBe(404)
    expect((await get(open.object)).status).toBe(410)
    bob.deleteActor()
    expect((await get(bob.id)).status).toBe(410)
  })

  test('takes a delivery with our signature and answers a Follow', async () => {
    const { fediverse, deliver, bob } = setUp()
    expect((await deliver(bob.inbox, follow(bob.id))).status).toBe(202)
    expect(fediverse.deliveries.map(({ activity }) => activity)).toEqual([follow(bob.id)])
    const report = await fediverse.flush(async ({ body }) => {
      const accept = parseActivity(JSON.parse(body.toString()), 0)
      expect(accept).toMatchObject({ type: 'accept', actor: bob.id, follow: { actor: alice } })
      return { status: 202 }
    })
    expect(report).toEqual({ taken: 1, waiting: 0, refused: [] })
    expect([...bob.followers]).toEqual([alice])
  })

  test('refuses what we did not sign, or for somebody else', async () => {
    const { fediverse, deliver, bob } = setUp()
    await deliver(bob.inbox, { ...follow(bob.id), actor: `${publicUrl}/actors/other` })
    await deliver('https://remote.example/users/nobody/inbox', follow(bob.id))
    await fediverse.http({
      method: 'POST',
      url: bob.inbox,
      body: '{}',
      headers: {},
      timeout: 1,
      maxBytes: 1,
    })
    expect(fediverse.refusals.map(({ wrong }) => wrong)).toEqual([
      'not the actor',
      'no such inbox',
      'unsigned',
    ])
    expect(fediverse.deliveries).toEqual([])
  })

  test.each<[FaultKind, number | 'transient', number]>([
    ['fail-500', 500, 0],
    ['limit', 429, 0],
    ['timeout', 'transient', 0],
    ['cut-answer', 'transient', 1],
  ])('under the fault %s answers %p and takes %i', async (kind, expected, count) => {
    const { fediverse, deliver, bob } = setUp()
    fediverse.setFault(() => kind)
    const outcome = await deliver(bob.inbox, follow(bob.id)).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof TransientError ? 'transient' : error),
    )
    expect([outcome, fediverse.deliveries.length]).toEqual([expected, count])
  })
})

test('a server tries again later, dated anew, and keeps its order', async () => {
  const { fediverse, time, bob } = setUp()
  const carol = fediverse.account('carol', 'other.example')
  const [first, second, third] = [bob.post(), bob.post(), carol.post()]
  for (const sent of [first, second, third]) fediverse.send(sent)
  const seen: (string | undefined)[] = []
  const failing = new Set([first.id])
  const inbox = async ({
    headers,
    body,
  }: {
    headers: Readonly<Record<string, string>>
    body: Buffer
  }) => {
    const { id } = parseActivity(JSON.parse(body.toString()), 0)
    seen.push(id, headers['date'])
    return { status: failing.has(id) ? 503 : 202 }
  }
  expect(await fediverse.flush(inbox)).toEqual({ taken: 1, waiting: 2, refused: [] })
  failing.clear()
  time.now += 60_000
  expect(await fediverse.flush(inbox)).toEqual({ taken: 2, waiting: 0, refused: [] })
  const [early, late] = ['Mon, 01 Jan 2024 00:00:00 GMT', 'Mon, 01 Jan 2024 00:01:00 GMT']
  expect(seen).toEqual([first.id, early, third.id, early, first.id, late, second.id, late])
})
