import { expect, test } from '@jest/globals'
import { chartView, periods, pointsOf, scaleOf } from '../../src/web/admin/chart.ts'
import { toText } from '../../src/web/pages/html.ts'
import type { QueueSample } from '../../src/model/queue-sample.ts'

const minute = 60_000
const hour = 60 * minute
const now = Date.UTC(2026, 10, 3, 14, 5)
const [day, week] = periods

const sample = (
  at: number,
  delivery: number,
  { event = 0, failed = 0 }: { readonly event?: number; readonly failed?: number } = {},
): QueueSample => ({
  ...{ at, failed, waiting: { activity: 0, event, delivery, upkeep: 0 } },
})

test.each([
  [0, [1, 2, 3, 4]],
  [4, [1, 2, 3, 4]],
  [5, [2, 4, 6]],
  [100, [50, 100]],
  [101, [50, 100, 150]],
  [1_234, [500, 1_000, 1_500]],
])('up to %d there are lines at %j', (most, lines) => {
  expect(scaleOf(most)).toEqual(lines)
})

test('of what is drawn as one point, the most of each kind counts', () => {
  const at = Date.UTC(2026, 10, 3, 12)
  const samples = [
    sample(at + minute, 7, { event: 1 }),
    sample(at + 6 * minute, 2, { event: 5, failed: 3 }),
    sample(at + hour, 1),
  ]
  expect(pointsOf(samples, hour)).toEqual([
    sample(at, 7, { event: 5, failed: 3 }),
    sample(at + hour, 1),
  ])
})

const drawn = (samples: readonly QueueSample[], period = day): string => {
  if (period === undefined) throw new Error('no period')
  return toText(chartView({ now, samples }, period))
}
const areas = (text: string): readonly string[] =>
  [...text.matchAll(/<polygon class="area (\w+)"/g)].map(([, kind = '']) => kind)

test('only kinds of which something waited are drawn, each on top of those below', () => {
  const samples = [0, 5, 10].map((ago) => sample(now - ago * minute, 2, { event: 1 }))
  const text = drawn(samples.toReversed())
  expect(areas(text)).toEqual(['delivery', 'event'])
  expect(text).toContain('at most 3 pieces of work')
})

test('while the bridge did not run, nothing is drawn', () => {
  const samples = [0, 5, 10, 120, 125].map((ago) => sample(now - ago * minute, 2))
  expect(areas(drawn(samples.toReversed()))).toEqual(['delivery', 'delivery'])
})

test('all of it lies inside of the drawing, whatever was noted', () => {
  const samples = Array.from({ length: 2_100 }, (_, n) =>
    sample(now - (2_100 - n) * 5 * minute, (n * 7919) % 5_000, { event: n % 13 }),
  )
  for (const period of [day, week]) {
    const text = drawn(
      samples.filter(({ at }) => at >= now - (period?.days ?? 1) * 24 * hour),
      period,
    )
    const points = [...text.matchAll(/points="([^"]+)"/g)].flatMap(([, all = '']) =>
      all.split(' ').map((point) => point.split(',').map(Number)),
    )
    expect(points.length).toBeGreaterThan(300)
    expect(points.length).toBeLessThan(2_000)
    expect(points.every(([x = -99, y = -99]) => x >= -3 && x <= 723 && y >= 0 && y <= 230)).toBe(
      true,
    )
  }
})

test('the same numbers are in a table, a row an hour', () => {
  const samples = [0, 30, 70].map((ago) => sample(now - ago * minute, ago, { failed: 4 }))
  const text = drawn(samples.toReversed())
  expect([...text.matchAll(/<th scope="row">([^<]+)/g)].map(([, row]) => row)).toEqual([
    '3 Nov 2026, 14:00 UTC',
    '3 Nov 2026, 13:00 UTC',
    '3 Nov 2026, 12:00 UTC',
  ])
})

test('where nothing was noted yet it says so', () => {
  expect(drawn([])).toContain('Nothing of the last 24 hours was noted')
})
