import { distance } from 'fastest-levenshtein'

/** Something an administrator has to mend, in two lines. */
export type Problem = {
  /** `config.yaml:12`, or the name of an environment variable. */
  readonly where: string
  /** One line: what is wrong. */
  readonly what: string
  /** One line: what to do. */
  readonly mend: string
}

/** The place of a setting, for `where`: a line of the file, or the variable that gave it. */
export type WhereIs = (path: readonly (string | number)[]) => string

export const formatProblem = (problem: Problem): string =>
  `${problem.where}: ${problem.what}\n  ${problem.mend}`

/** A found value as it may be shown: short, on one line, and never a secret. */
export function describeFound(value: unknown, isSecret = false): string {
  if (value === undefined || value === null || value === '') return 'empty'
  const whole = typeof value === 'string' ? value : JSON.stringify(value)
  if (isSecret) return `a ${typeof value} of ${whole.length} characters`
  const text = JSON.stringify(value).replace(/\/\/[^/@\s"]*@/g, '//…@')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** The name that is the fewest edits away, if it is near enough to have been meant. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((candidate) => ({
      candidate,
      distance: distance(name.slice(0, 100).toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (best === undefined) return undefined
  return best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined
}
