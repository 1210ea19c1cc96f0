import { afterAll, describe, expect, test } from '@jest/globals'
import { foundInputs } from './found.ts'
import { cpu, faultOf, inputOf, mostTime, tryInputs } from './run.ts'
import { toInput, type Target } from './target.ts'
import { inputsOf, targets } from './targets.ts'
import { closeStage } from './whole.ts'

/** A few of the million that `npm run fuzz` tries. */
const inputs = 2_000
/** A red run must be red again: other seeds are for long runs by hand. */
const seed = 'short'

afterAll(closeStage)

describe('whatever comes is read, refused or answered', () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    'by %s',
    async (_, target) => {
      const { failures } = await tryInputs(target, {
        seed,
        from: 0,
        count: inputsOf(target, inputs),
      })
      expect(failures.map(({ index, why }) => `${index}: ${why}`)).toEqual([])
    },
    120_000,
  )
})

const found = foundInputs()
if (found.length > 0) {
  test.each(found.map((one) => [one.file, one] as const))(
    'what was found once is mended: %s',
    async (_, { target: name, input }) => {
      const target = targets.find((one) => one.name === name)
      expect(target && (await faultOf(target, input))).toBe(undefined)
    },
  )
}

describe('a fault is noticed', () => {
  const bad = (check: Target['check']): Target => ({
    ...{ name: 'bad', share: 1, check },
    make: (chance) => toInput(chance.int(10)),
  })
  const whyOf = async (check: Target['check']): Promise<readonly string[]> => {
    const { failures } = await tryInputs(bad(check), { seed, from: 0, count: 1 })
    return failures.map(({ why }) => why.split('\n')[0] ?? '')
  }

  test('that is thrown, or rejected, with where it is', async () => {
    const fail = (): never => {
      throw new TypeError('oh')
    }
    expect(await whyOf(fail)).toEqual(['TypeError: oh'])
    expect(await whyOf(async () => fail())).toEqual(['TypeError: oh'])
    expect(await faultOf(bad(fail), toInput(1))).toContain('fuzz.test.ts')
  })

  test('that costs too much', async () => {
    const work = (): void => {
      const end = cpu() + 2 * mostTime
      while (cpu() < end);
    }
    expect(await whyOf((_, measure) => measure(work))).toEqual([
      expect.stringMatching(/^it costs \d+ ms of processor time$/),
    ])
    expect(await whyOf(work)).toEqual([])
  })

  test('that changes what everything inherits', async () => {
    const why = await whyOf(() => void Object.assign(Object.prototype, { oh: 1 }))
    Reflect.deleteProperty(Object.prototype, 'oh')
    expect(why).toEqual(['a prototype was changed, here or shortly before'])
  })

  test('in the same input every time', () => {
    for (const target of targets.filter(({ name }) => !/signatures|answers/.test(name)))
      expect(inputOf(target, 'a', 7).equals(inputOf(target, 'a', 7))).toBe(true)
    const texts = targets.map((target) => inputOf(target, 'a', 7).equals(inputOf(target, 'b', 7)))
    expect(texts).not.toContain(true)
  })
})
