import type { Chance } from '../simulation/chance.ts'

/** Does a piece of work of ours and keeps how long it took: what a check does around it does not count. */
export type Measure = <T>(work: () => T) => T

/** Something that hostile inputs reach. Inputs are bytes, so that each can be kept as a file. */
export type Target = {
  readonly name: string
  /** Its part of all inputs, in thousandths. */
  readonly share: number
  /** The same input for the same chance. */
  readonly make: (chance: Chance) => Buffer
  /** Rejects, or throws, where a promise is broken. */
  readonly check: (input: Buffer, measure: Measure) => void | Promise<void>
}

/** A promise that an input broke. */
export class Broken extends Error {}

export function promise(isKept: boolean, what: string): asserts isKept {
  if (!isKept) throw new Broken(what)
}

/** A value as an input; half characters come back as they were. */
export const toInput = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export const fromInput = (input: Buffer): unknown => JSON.parse(input.toString())
