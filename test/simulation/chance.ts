import type { Random } from '../../src/model/clock.ts'

/** Everything random of one run. Forks have streams of their own, so that a change in one part leaves the others as they were. */
export type Chance = Random & {
  /** 0 ≤ n < `below`, whole. */
  int(below: number): number
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T | undefined
  shuffled<T>(items: readonly T[]): T[]
  fork(name: string): Chance
}

/** FNV-1a, so that every name is a seed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** mulberry32: 32 bits of state are enough, and it is the same on every machine. */
function createGenerator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function createChance(seed: string): Chance {
  const number = createGenerator(hashOf(seed))
  const int = (below: number): number => Math.floor(number() * below)
  const id = (): string => {
    let text = ''
    while (text.length < 22) text += alphabet.charAt(int(alphabet.length))
    return text
  }
  return {
    ...{ number, id },
    int,
    between: (low, high) => low + int(high - low + 1),
    happens: (probability) => number() < probability,
    pick: (items) => items[int(items.length)],
    shuffled: (items) => {
      const rest = [...items]
      return items.flatMap(() => rest.splice(int(rest.length), 1))
    },
    fork: (name) => createChance(`${seed}/${name}`),
  }
}
