import { describe, expect, test } from '@jest/globals'
import { play } from './play.ts'

const seeds = 240
const perTest = 20
const patience = 600_000

const batches = Array.from({ length: seeds / perTest }, (_, batch) => batch * perTest)

/** Each failing seed names the command that repeats it with a trace. */
async function brokenPromises(from: number, count: number): Promise<string[]> {
  const broken: string[] = []
  for (let seed = from; seed < from + count; seed++) {
    const { violations } = await play(String(seed))
    if (violations.length > 0) broken.push(`npm run simulate -- --seed ${seed} --verbose`)
    broken.push(...violations)
  }
  return broken
}

describe('whatever the networks do and whenever the bridge dies', () => {
  test.each(batches)(
    `nothing is lost, doubled, reordered or leaked (seeds %d and the next ${perTest - 1})`,
    async (from) => {
      expect(await brokenPromises(from, perTest)).toEqual([])
    },
    patience,
  )

  test(
    'the same seed is the same run',
    async () => {
      const trace = async (): Promise<string[]> => {
        const lines: string[] = []
        await play('7', { trace: (line) => lines.push(line) })
        return lines
      }
      const first = await trace()
      expect(first.length).toBeGreaterThan(50)
      expect(await trace()).toEqual(first)
    },
    patience,
  )
})
