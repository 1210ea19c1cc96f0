import { expect, test } from '@jest/globals'
import { rootOf } from '../../src/tracing/ids.ts'

test('each try of a job belongs to the same trace, and other jobs to others', () => {
  const first = rootOf({ kind: 'event', key: '$a' })
  expect(rootOf({ kind: 'event', key: '$a' })).toEqual(first)
  expect(first.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(first.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(rootOf({ kind: 'activity', key: '$a' }).traceId).not.toBe(first.traceId)
})

test('what a job made has its trace and its root', () => {
  const first = rootOf({ kind: 'event', key: '$a' })
  expect(rootOf({ kind: 'delivery', key: 'b', trace: first.traceId })).toEqual(first)
})
