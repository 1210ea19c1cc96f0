import { expect, test } from '@jest/globals'
import { concurrency, perHost } from '../../src/queue/shares.ts'

test.each(['activity', 'delivery', 'upkeep'] as const)(
  'one server keeps no more than half of all %s jobs waiting for it',
  (kind) => {
    expect(perHost[kind]).toBeLessThanOrEqual(concurrency[kind] / 2)
  },
)
