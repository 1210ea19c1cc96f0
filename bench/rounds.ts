import type { Subject } from './subject.ts'

export type Round = {
  /** CPU of the process under test, microseconds per operation. */
  readonly cpu: number
  /** Operations per second of the wall clock. */
  readonly rate: number
}

/** The middle one; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** Measures `work`, which does `count` operations in (or through) the process. */
export async function timed(
  subject: Subject,
  count: number,
  work: () => Promise<unknown>,
): Promise<Round> {
  const before = await subject.usage()
  const started = performance.now()
  await work()
  const ms = performance.now() - started
  const after = await subject.usage()
  return { cpu: (after.cpu - before.cpu) / count, rate: (count / ms) * 1000 }
}

export type Pair = { readonly bare: Round; readonly ours: Round }

const middle = (rounds: readonly Round[]): Round => ({
  cpu: median(rounds.map(({ cpu }) => cpu)),
  rate: median(rounds.map(({ rate }) => rate)),
})

/**
 * One round of each in turn, so that whatever else the machine does meets both alike. The first
 * round warms up and is thrown away.
 */
export async function inTurn(
  rounds: number,
  bare: (round: number) => Promise<Round>,
  ours: (round: number) => Promise<Round>,
): Promise<Pair> {
  const all: { bare: Round; ours: Round }[] = []
  for (let round = 0; round <= rounds; round++) {
    const pair = { bare: await bare(round), ours: await ours(round) }
    if (round > 0) all.push(pair)
  }
  return { bare: middle(all.map((pair) => pair.bare)), ours: middle(all.map((pair) => pair.ours)) }
}
