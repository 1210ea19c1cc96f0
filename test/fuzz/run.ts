import { createChance } from '../simulation/chance.ts'
import { Broken, type Measure, type Target } from './target.ts'

/** Milliseconds of processor time that one input may cost, on any machine. */
export const mostTime = 50
/** What takes less is not measured again to find the slowest, milliseconds. */
const leastTold = 5
/**
 * Of one that seemed slow the least time counts, of so many: others use the machine too, and what
 * runs for the first time is not compiled yet.
 */
const [fewestTries, mostTries] = [3, 8]

/** An input that broke a promise, and how. */
export type Failure = {
  readonly target: string
  readonly index: number
  readonly input: Buffer
  readonly why: string
}

/** The slowest of a stretch of inputs, milliseconds of processor time. */
export type Slowest = { readonly index: number; readonly time: number; readonly bytes: number }

export type Outcome = { readonly failures: readonly Failure[]; readonly slowest: Slowest }

export type Stretch = {
  readonly seed: string
  readonly from: number
  readonly count: number
  /** Hears of each input before it is tried: who never comes back from one has left its number. */
  readonly onInput?: (index: number) => void
}

/** The same bytes for the same three, on every machine. */
export const inputOf = (target: Target, seed: string, index: number): Buffer =>
  target.make(createChance(`${seed}/${target.name}/${index}`))

const now = (): number => performance.now()

/** Processor time of this thread so far, milliseconds. */
export function cpu(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

type Gauge = { readonly measure: Measure; readonly most: () => number }

/** The longest of the pieces of work that are measured, by that clock; milliseconds. */
function createGauge(clock: () => number): Gauge {
  let most = 0
  const note = (since: number): void => void (most = Math.max(most, clock() - since))
  const measure: Measure = (work) => {
    const since = clock()
    const result = work()
    if (!(result instanceof Promise)) note(since)
    else {
      // Whoever waits for it hears of its failure.
      result.then(
        () => note(since),
        () => note(since),
      )
    }
    return result
  }
  return { measure, most: () => most }
}

const globals = [Object, Array, Function, String, Number, Promise, Map, Set, Buffer, RegExp]
const propertiesOf = (): string =>
  globals.map(({ prototype }) => Reflect.ownKeys(prototype as object).length).join()
const clean = propertiesOf()
const changedPrototype = 'a prototype was changed, here or shortly before'

const textOf = (error: unknown): string =>
  error instanceof Broken
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)

/** What one input did, once. */
async function attempt(target: Target, input: Buffer, clock: () => number) {
  const gauge = createGauge(clock)
  try {
    const work = target.check(input, gauge.measure)
    if (work instanceof Promise) await work
  } catch (error) {
    return { time: gauge.most(), why: textOf(error) }
  }
  return { time: gauge.most() }
}

async function leastTime(target: Target, input: Buffer): Promise<number> {
  let least = Infinity
  for (let done = 0; done < (least > mostTime ? mostTries : fewestTries); done++)
    least = Math.min(least, (await attempt(target, input, cpu)).time)
  return least
}

/** Why that input breaks a promise; undefined where it keeps all. */
export async function faultOf(target: Target, input: Buffer): Promise<string | undefined> {
  const { time, why } = await attempt(target, input, now)
  if (propertiesOf() !== clean) return changedPrototype
  if (why !== undefined || time <= mostTime) return why
  const least = await leastTime(target, input)
  return least > mostTime ? `it costs ${least.toFixed(0)} ms of processor time` : undefined
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Rejections that nobody handles, as long as they are watched. */
function watchRejections() {
  const seen: unknown[] = []
  const note = (reason: unknown): void => void seen.push(reason)
  process.on('unhandledRejection', note)
  return {
    takeOne: (): unknown => seen.shift(),
    stop: () => void process.off('unhandledRejection', note),
  }
}

/** After so many inputs whatever they left behind comes to light. */
const inputsPerTurn = 32

/** Tries a stretch of inputs. Keeps nothing; whoever calls decides what becomes of failures. */
export async function tryInputs(target: Target, stretch: Stretch): Promise<Outcome> {
  const { seed, from, count, onInput } = stretch
  const failures: Failure[] = []
  let slowest: Slowest = { index: from, time: 0, bytes: 0 }
  const rejections = watchRejections()
  const fail = (index: number, input: Buffer, why: string): void =>
    void failures.push({ target: target.name, index, input, why })
  for (let index = from; index < from + count; index++) {
    onInput?.(index)
    const input = inputOf(target, seed, index)
    const { time, why } = await attempt(target, input, now)
    if (why !== undefined) fail(index, input, why)
    if (time > Math.min(Math.max(slowest.time, leastTold), mostTime) && why === undefined) {
      const least = await leastTime(target, input)
      if (least > slowest.time) slowest = { index, time: least, bytes: input.length }
      if (least > mostTime) fail(index, input, `it costs ${least.toFixed(0)} ms of processor time`)
    }
    if (index % inputsPerTurn !== 0 && index !== from + count - 1) continue
    await turn()
    if (propertiesOf() !== clean) fail(index, input, changedPrototype)
    for (let left = rejections.takeOne(); left !== undefined; left = rejections.takeOne())
      fail(index, input, `nobody handles a rejection, here or shortly before: ${textOf(left)}`)
  }
  rejections.stop()
  return { failures, slowest }
}
