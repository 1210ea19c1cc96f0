import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { asActorId } from '../../src/model/ids.ts'
import type { NewJob } from '../../src/model/job.ts'
import { createInbox } from '../../src/activitypub/inbox.ts'
import { alice, now, startRoutes } from './routes-setup.ts'

let world: Awaited<ReturnType<typeof startRoutes>>
beforeAll(async () => {
  world = await startRoutes()
})
afterAll(() => world.close())

describe('an inbox', () => {
  const type = { 'content-type': 'application/activity+json' }
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(world.base + path, { method: 'POST', body, headers: { ...type, ...headers } }).then(
      (r) => r.status,
    )

  test('gets the raw bytes, the path as it was asked and whose it is', async () => {
    const body = '{"a": "ä" }'
    expect(await post('/inbox?x=1', body)).toBe(202)
    expect(await post('/actors/A1/inbox', body)).toBe(202)
    const [shared, personal] = world.received.splice(0)
    expect([shared?.target, shared?.recipient, shared?.body.toString()]).toEqual([
      '/inbox?x=1',
      undefined,
      body,
    ])
    expect([personal?.target, personal?.recipient]).toEqual(['/actors/A1/inbox', alice])
  })

  test.each([
    ['/inbox', 202, undefined],
    ['/inbox/', 202, undefined],
    ['/INBOX', 202, undefined],
    ['/actors/A1/inbox', 202, alice],
    ['/actors/A1/INBOX', 202, alice],
    ['/actors/gone/inbox', 410, undefined],
    ['/actors/A%31/inbox', 404, undefined],
    ['/actors/%zz/inbox', 400, undefined],
    ['/actors/A1/inbox/more', 418, undefined],
    ['/inboxes', 418, undefined],
  ])('answers %s with %i', async (path, status, recipient) => {
    expect(await post(path, '{}')).toBe(status)
    const received = world.received.splice(0)
    expect(received.map((one) => [one.target, one.recipient])).toEqual(
      status === 202 ? [[path, recipient]] : [],
    )
  })

  test('is not read by GET', async () => {
    const response = await fetch(`${world.base}/inbox`)
    expect([response.status, world.received]).toEqual([418, []])
  })

  test('asks to come again where it cannot look up whose it is', async () => {
    const errors: object[] = []
    const broken = await startRoutes({
      findLocalActor: async () => {
        throw new Error('the disk is gone')
      },
      log: { debug() {}, info() {}, warn() {}, error: (line: object) => errors.push(line) },
    })
    const answers = await Promise.all(
      ['/actors/A1/inbox?x=1', '/actors/A1/Inbox?x=1'].map(async (path) => {
        const response = await fetch(broken.base + path, {
          method: 'POST',
          body: '{}',
          headers: type,
        })
        return [response.status, response.headers.get('retry-after'), await response.json()]
      }),
    )
    await broken.close()
    expect(answers).toEqual(Array(2).fill([503, '60', { error: 'try again later' }]))
    expect(errors).toMatchObject([{ path: '/actors/A1/inbox' }, { path: '/actors/A1/Inbox' }])
  })

  test('says nothing of a sender who goes away in the middle, and keeps nothing of it', async () => {
    const errors: object[] = []
    const small = await startRoutes({
      inboxRoom: 1_000,
      log: { debug() {}, info() {}, warn() {}, error: (line: object) => errors.push(line) },
    })
    const socket = connect(small.port, '127.0.0.1')
    const head = 'POST /inbox HTTP/1.1\r\nhost: x\r\ncontent-type: application/json'
    socket.write(`${head}\r\ncontent-length: 900\r\n\r\n${' '.repeat(800)}`)
    const send = () =>
      fetch(`${small.base}/inbox`, { method: 'POST', body: ' '.repeat(900), headers: type })
    while ((await send()).status === 202) await new Promise(setImmediate)
    socket.destroy()
    while ((await send()).status === 503) await new Promise(setImmediate)
    await small.close()
    expect(errors).toEqual([])
  })

  test('takes a signed activity off the wire into the queue, and no altered one', async () => {
    const { bob } = world.people
    const jobs: NewJob[] = []
    const keyFor = async () => ({ owner: asActorId(bob.id), key: bob.key.publicKey })
    const real = await startRoutes({
      inbox: createInbox({
        add: async (job) => jobs.push(job),
        addUpkeep: async (job) => jobs.push(job),
        followersOn: async () => [],
        waitingIn: () => ({ lane: 0, host: 0, all: 0 }),
        keyring: { keyFor, refetch: keyFor },
        isKnownActor: async () => true,
        isBlocked: async () => false,
        findLocalActor: async () => undefined,
        limits: { perActor: 0, perHost: 0 },
        publicUrl: 'https://fedi.here.example',
        clock: { now: () => now, sleep: async () => undefined },
        log: { debug() {}, info() {}, warn() {}, error() {} },
      }),
    })
    const sent = bob.post({ content: 'hi' })
    const headers = new Headers(sent.headers)
    headers.delete('host')
    const send = (body: string) =>
      fetch(`${real.base}/inbox`, { method: 'POST', headers, body }).then((r) => r.status)
    const text = sent.body.toString()
    const statuses = [await send(text), await send(text.replace('hi', 'ho'))]
    await real.close()
    expect([statuses, jobs.map(({ key }) => key)]).toEqual([[202, 401], [sent.id]])
  })

  test('takes no more than 1 MB and nothing compressed', async () => {
    expect(await post('/inbox', 'x'.repeat(1_000_001))).toBe(413)
    expect(await post('/inbox', 'x', { 'content-encoding': 'gzip' })).toBe(415)
    expect(world.received).toEqual([])
  })

  test('reads no body that it would refuse by its head', async () => {
    const answers = await Promise.all(
      [
        ['/inbox', 'content-type: application/json\r\ncontent-length: 1000001', 413],
        ['/inbox', 'content-type: text/html\r\ncontent-length: 10', 415],
        ['/inbox', 'content-length: 10', 415],
        ['/actors/nobody/inbox', 'content-type: application/json\r\ncontent-length: 10', 404],
      ].map(async ([path, head, status]) => {
        const socket = connect(world.port, '127.0.0.1')
        // Not a byte of the body is sent: only an answer to the head ends this.
        socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`)
        const [text] = (await once(socket, 'data')) as [Buffer]
        socket.destroy()
        return text.toString().startsWith(`HTTP/1.1 ${status} `)
      }),
    )
    expect([answers, world.received]).toEqual([[true, true, true, true], []])
  })

  test('stops reading a body that does not tell its length', async () => {
    const piece = Buffer.alloc(300_000)
    const body = ReadableStream.from([piece, piece, piece, piece])
    const response = await fetch(`${world.base}/inbox`, {
      method: 'POST',
      headers: type,
      body,
      duplex: 'half',
    })
    expect([response.status, world.received]).toEqual([413, []])
  })

  test('has room for so many bodies at once: what comes then is to come again', async () => {
    const waiting: (() => void)[] = []
    const slow = await startRoutes({
      inboxRoom: 1_500_000,
      inbox: () => new Promise((resolve) => waiting.push(() => resolve({ status: 202 }))),
    })
    const send = () =>
      fetch(`${slow.base}/inbox`, {
        method: 'POST',
        headers: type,
        body: 'x'.repeat(900_000),
      }).then((r) => [r.status, r.headers.get('retry-after')])
    const first = send()
    while (waiting.length === 0) await new Promise(setImmediate)
    expect(await send()).toEqual([503, '60'])
    waiting[0]?.()
    expect(await first).toEqual([202, null])
    const next = send()
    while (waiting.length === 1) await new Promise(setImmediate)
    waiting[1]?.()
    expect(await next).toEqual([202, null])
    await slow.close()
  })

  test('does not wait for ever for a body', async () => {
    const limits = { requestTimeout: 100, headersTimeout: 100, connectionsCheckingInterval: 20 }
    const strict = await startRoutes({}, limits)
    const socket = connect(strict.port, '127.0.0.1')
    socket.write(
      'POST /inbox HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
    )
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
    })
    await strict.close()
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(strict.received).toEqual([])
  })
})
