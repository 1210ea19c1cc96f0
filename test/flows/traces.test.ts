import { SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createRecordingTracer, textOf } from '../support/tracer.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let traces: () => Promise<readonly ReadableSpan[]>
let alice: FakeUser
let bob: Account

async function begin(share: number): Promise<void> {
  const recording = createRecordingTracer(() => flow.time.now(), share)
  traces = recording.traces
  flow = await createFlow({}, { tracer: recording.tracer })
  alice = flow.user('alice')
  bob = flow.account('bob', 'social.example')
}
beforeEach(() => begin(1))
afterEach(() => flow.close())

/** Everything of the trace that the job of that key began, once it was sent. */
async function traceOf(key: string): Promise<readonly ReadableSpan[]> {
  const spans = await traces()
  const [root] = spans.filter(
    (span) => span.parentSpanContext === undefined && span.attributes['footbridge.key'] === key,
  )
  const traceId = root?.spanContext().traceId
  return spans.filter((span) => span.spanContext().traceId === traceId)
}

/** Each with the name of what it is part of. */
function tree(trace: readonly ReadableSpan[]): readonly string[] {
  const names = new Map(trace.map((span) => [span.spanContext().spanId, span.name]))
  return trace
    .map(({ name, parentSpanContext: parent }) =>
      parent === undefined ? name : `${names.get(parent.spanId) ?? 'nothing'} > ${name}`,
    )
    .sort()
}

test('a post is one trace from its event to the server of each follower', async () => {
  const room = await flow.publish(alice)
  await flow.gain(alice, bob)
  alice.say(room, 'Tea is ready')
  await flow.quiet()
  const found = tree(await traceOf(flow.eventOf(room, 'Tea is ready')))
  expect(found).toEqual(
    expect.arrayContaining([
      'event',
      'event > event try 1',
      'event > delivery try 1',
      'delivery try 1 > POST fediverse',
    ]),
  )
  expect(found.filter((line) => line.startsWith('nothing'))).toEqual([])
})

test('a post of the fediverse is one trace to the room', async () => {
  await flow.follow(alice, bob)
  const post = bob.post({ content: 'Rain' })
  await flow.tell(post)
  const found = tree(await traceOf(String(post.activity['id'])))
  expect(found).toEqual(
    expect.arrayContaining([
      'activity',
      'activity > activity try 1',
      'activity try 1 > PUT homeserver',
    ]),
  )
})

test('a try that fails says why, and the next one stands beside it', async () => {
  const room = await flow.publish(alice)
  await flow.gain(alice, bob)
  flow.fediverse.server(bob.host).isAway = true
  alice.say(room, 'Tea')
  await flow.quiet()
  flow.fediverse.server(bob.host).isAway = false
  await flow.hours(1)
  const trace = await traceOf(flow.eventOf(room, 'Tea'))
  const tries = trace.filter(({ name }) => name.startsWith('delivery try'))
  expect(tries.length).toBeGreaterThan(1)
  expect(tries[0]?.status.code).toBe(SpanStatusCode.ERROR)
  expect(tries.at(-1)?.status.code).toBe(SpanStatusCode.UNSET)
  expect(new Set(tries.map(({ parentSpanContext }) => parentSpanContext?.spanId)).size).toBe(1)
})

test('no text, token or question is told', async () => {
  const room = await flow.publish(alice)
  await flow.gain(alice, bob)
  alice.say(room, 'Tea is ready')
  await flow.tell(bob.post({ content: 'Rain is coming' }))
  await flow.quiet()
  const spans = await traces()
  expect(spans.length).toBeGreaterThan(10)
  expect(textOf(spans)).not.toMatch(/Tea|Rain|\?|Bearer|as_token/)
})

test('of a share of none nothing is told', async () => {
  flow.close()
  await begin(0)
  const room = await flow.publish(alice)
  alice.say(room, 'Tea')
  await flow.quiet()
  expect(await traces()).toEqual([])
})
