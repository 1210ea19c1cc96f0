import { describe, expect, test } from '@jest/globals'
import { nextTry, pauseHost, type Failure, type Verdict } from '../../src/queue/retry.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import type { JobKind } from '../../src/model/job.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const failure = (kind: JobKind, error: unknown, more: Partial<Failure> = {}): Failure => ({
  ...{ kind, error, attempts: 0, claims: 0, now: 0, random: 0, addedAt: 0 },
  ...more,
})

/** Delays of all tries until the last, in seconds, when each fails at once. */
function schedule(kind: JobKind, error: unknown, random = 0): number[] {
  const delays: number[] = []
  for (let attempts = 0; attempts < 100; attempts += 1) {
    const verdict = nextTry(failure(kind, error, { attempts, claims: attempts, random }))
    if (verdict === 'give-up') return delays
    delays.push(verdict.at / second)
  }
  throw new Error('goes on for ever')
}
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

const away = new TransientError('away')
const status = (code: number) => new TransientError('', { status: code })
const rejected = (code?: number) =>
  new RejectedError('', code === undefined ? {} : { status: code })

describe('how often a job is tried', () => {
  test.each<[string, JobKind, unknown, number]>([
    ['a delivery to a server that is away', 'delivery', away, 16],
    ['a delivery answered with 500', 'delivery', status(500), 16],
    ['a delivery answered with 429', 'delivery', status(429), 16],
    ['a delivery answered with 404', 'delivery', rejected(404), 1],
    ['a delivery answered with 410', 'delivery', rejected(410), 1],
    ['a delivery answered with 401', 'delivery', rejected(401), 3],
    ['a delivery answered with 403', 'delivery', rejected(403), 3],
    ['a delivery answered with 422', 'delivery', rejected(422), 3],
    ['a delivery to a forbidden address', 'delivery', rejected(), 1],
    ['a delivery that met a bug', 'delivery', new TypeError('bug'), 3],
    ['an activity whose fetch fails', 'activity', away, 14],
    ['an activity that is refused', 'activity', rejected(403), 1],
    ['an event that met a bug', 'event', new TypeError('bug'), 3],
    ['upkeep that threw no error', 'upkeep', 'text', 3],
  ])('%s', (...[, kind, error, tries]) => {
    expect(schedule(kind, error).length + 1).toBe(tries)
  })

  test('deliveries go on for 2.5 to 3.2 days', () => {
    expect(sum(schedule('delivery', away, 0)) * second).toBeGreaterThan(2.5 * day)
    expect(sum(schedule('delivery', away, 0.999)) * second).toBeLessThan(3.2 * day)
  })

  test('other work is tried soon, and for a day', () => {
    const delays = schedule('activity', away)
    expect(delays.slice(0, 3)).toEqual([1, 3, 10])
    expect(sum(delays) * second).toBeGreaterThan(day)
    expect(sum(delays) * second).toBeLessThan(1.3 * day)
  })

  test('a refusal is tried again over some hours, a bug within a minute', () => {
    expect(schedule('delivery', rejected(403))).toEqual([600, 10_800])
    expect(schedule('event', new Error('bug'))).toEqual([5, 30])
  })
})

describe('when it is tried again', () => {
  const at = (verdict: Verdict) => (verdict === 'give-up' ? verdict : verdict.at)

  test.each([
    ['Retry-After later than our own time is honoured', 2 * hour, 2 * hour],
    ['Retry-After sooner than our own time changes nothing', 1, 20 * second],
    ['Retry-After of a month is a day', 30 * day, day],
  ])('%s', (_, retryAt, expected) => {
    const error = new TransientError('', { status: 429, retryAt })
    expect(at(nextTry(failure('delivery', error)))).toBe(expected)
  })

  test.each([
    ['our own time', {}],
    ['Retry-After', { retryAt: day }],
  ])('it is no later than what failed says, whatever %s is', (_, more) => {
    const error = new TransientError('', { ...more, noLaterThan: minute })
    expect(at(nextTry(failure('event', error, { attempts: 6 })))).toBe(minute)
  })

  test('chance spreads tries over a fifth of the time', () => {
    const early = at(nextTry(failure('delivery', away, { attempts: 9 })))
    const late = at(nextTry(failure('delivery', away, { attempts: 9, random: 1 })))
    expect([early, late]).toEqual([12_518_750, 15_022_500])
  })

  test.each([
    ['the homeserver answer 500', 500],
    ['a filter before it refuse it', 403],
  ])('an event that makes %s while all else goes on is given up after a day', (_, status) => {
    const error = new TransientError('', { of: 'homeserver', status })
    expect(schedule('event', error)).toHaveLength(13)
    const alone = nextTry(failure('event', error, { attempts: 13 }))
    const amongAll = nextTry(failure('event', error, { attempts: 13, hostFailingSince: 0 }))
    expect([alone, amongAll]).toEqual(['give-up', { at: expect.any(Number), counts: false }])
  })

  test('the homeserver is waited for without end, within a minute, and it never counts', () => {
    const error = new TransientError('', { of: 'homeserver', status: 401 })
    expect([0, 3, 500].map((claims) => nextTry(failure('event', error, { claims })))).toEqual([
      { at: 1000, counts: false },
      { at: 8000, counts: false },
      { at: 60_000, counts: false },
    ])
  })

  test.each([
    [
      'three days of silence are enough',
      { hostFailingSince: 0, addedAt: 0, now: 3 * day },
      'give-up',
    ],
    ['two are not', { hostFailingSince: day, addedAt: 0, now: 3 * day }, 'try'],
    ['nor for a job that is new', { hostFailingSince: 0, addedAt: day, now: 3 * day }, 'try'],
    ['nor for a host that is well', { addedAt: 0, now: 3 * day }, 'try'],
  ])('a dead host: %s', (_, more, expected) => {
    const verdict = nextTry(failure('delivery', away, more))
    expect(verdict === 'give-up' ? verdict : 'try').toBe(expected)
  })
})

describe('until when a host is left alone', () => {
  const pause = (failures: number, isHomeserver = false) =>
    pauseHost({ failures, now: 0, random: 0, isHomeserver }) / second

  test('not for two failures, then twice as long each time, an hour at most', () => {
    expect([1, 2, 3, 4, 5, 9, 10, 99].map((n) => pause(n))).toEqual([
      0, 0, 30, 60, 120, 1920, 3600, 3600,
    ])
  })

  test('the homeserver for half a minute at most', () => {
    expect([2, 3, 4, 8, 99].map((n) => pause(n, true))).toEqual([0, 1, 2, 30, 30])
  })

  test('when it asked for it, from the first failure, a day at most', () => {
    const asked = (askedFor: number) =>
      pauseHost({ failures: 1, now: 0, random: 0, isHomeserver: false, askedFor })
    expect([asked(5000), asked(9 * day)]).toEqual([5000, day])
  })
})
