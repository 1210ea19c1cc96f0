import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { buildTracing } from '../../src/build-tracing.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import type { Job } from '../../src/model/job.ts'
import type { Tracing } from '../../src/tracing/tracer.ts'
import { startLoopback, type Loopback } from '../net/loopback.ts'
import { config } from '../simulation/names.ts'

let server: Loopback | undefined
let tracing: Tracing | undefined
afterEach(async () => {
  await tracing?.close(1_000)
  await server?.close()
  server = undefined
})

const warnings: string[] = []
const log = {
  ...{ debug: () => undefined, info: () => undefined, error: () => undefined },
  warn: (_: object, message: string) => void warnings.push(message),
}

/** What takes the traces: answers with `status`, or never. */
async function listen(status: number | undefined): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = []
  server = await startLoopback((request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      if (status !== undefined) response.writeHead(status).end('{}')
    })
  })
  return { url: `${server.origin}/v1/traces`, bodies }
}

async function follow(url: string): Promise<Tracing> {
  const parts = { clock: createSystemClock(), log }
  tracing = await buildTracing({ ...config, tracing: { url, share: 1 } }, parts)
  if (tracing === undefined) throw new Error('nothing is followed')
  return tracing
}

const job: Job = {
  ...{ id: 1, kind: 'event', key: '$event', lane: 'event:!room', payload: '{}' },
  ...{ attempts: 0, claims: 0, addedAt: Date.now() },
}

test('without an address nothing is followed', async () => {
  expect(await buildTracing(config, { clock: createSystemClock(), log })).toBeUndefined()
})

test('what was followed is sent when the bridge stops', async () => {
  const { url, bodies } = await listen(200)
  const { tracer, close } = await follow(url)
  const child = { kind: 'delivery', key: 'a', lane: 'b', payload: '{}' } as const
  const result = await tracer.job(job, async () => {
    const request = { side: 'fediverse', method: 'POST', url: 'https://a.example/inbox?x' } as const
    await tracer.request(request, async () => ({ status: 202 }))
    return { outcome: 'published', changes: [{ change: 'enqueue', job: child }] }
  })
  await close(5_000)
  const [body = ''] = bodies
  expect(bodies).toHaveLength(1)
  expect(JSON.parse(body)).toMatchObject({ resourceSpans: [{ scopeSpans: [{ spans: {} }] }] })
  for (const word of ['event try 1', 'POST fediverse', '/inbox', 'footbridge', 'published'])
    expect(body).toContain(word)
  expect(body).not.toContain('?x')
  const trace = /"traceId":"([0-9a-f]{32})"/.exec(body)?.[1]
  expect(result).toEqual({
    outcome: 'published',
    changes: [{ change: 'enqueue', job: { ...child, trace } }],
  })
})

test('our own work by the clock does not hang on what it was before', async () => {
  const { url } = await listen(200)
  const { tracer } = await follow(url)
  const own: Job = { ...job, kind: 'upkeep', key: 'forget 1' }
  const next = { kind: 'upkeep', key: 'forget 2', lane: 'forget', payload: '{}' } as const
  const result = { outcome: 'done', changes: [{ change: 'enqueue', job: next }] } as const
  expect(await tracer.job(own, async () => result)).toEqual(result)
})

test('an error of the job is the job’s own, and told', async () => {
  const { url, bodies } = await listen(200)
  const { tracer, close } = await follow(url)
  const broken = new Error('no such room')
  await expect(tracer.job(job, () => Promise.reject(broken))).rejects.toBe(broken)
  await close(5_000)
  expect(bodies.join()).toContain('no such room')
})

test('who takes no traces keeps nobody from stopping, and is told of once', async () => {
  const { url } = await listen(400)
  const { tracer, close } = await follow(url)
  await tracer.job(job, async () => ({ outcome: 'done', changes: [] }))
  await close(5_000)
  expect(warnings).toEqual(['traces could not be sent'])
})

test('who never answers holds the end for no longer than was said', async () => {
  const { url } = await listen(undefined)
  const { tracer, close } = await follow(url)
  await tracer.job(job, async () => ({ outcome: 'done', changes: [] }))
  const ended = await Promise.race([
    close(50).then(() => 'closed'),
    new Promise((resolve) => setTimeout(() => resolve('held'), 20_000).unref()),
  ])
  expect(ended).toBe('closed')
})
