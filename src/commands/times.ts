import { counted } from './words.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** `2026-11-30 11:02 UTC`. */
export const timeOf = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** How long that is, in one unit: `5 minutes`. Of less than a minute: `a moment`. */
export function lengthOf(ms: number): string {
  if (ms < minute) return 'a moment'
  const [unit, length] =
    ms < 2 * hour
      ? (['minute', minute] as const)
      : ms < 2 * day
        ? (['hour', hour] as const)
        : (['day', day] as const)
  const count = Math.floor(ms / length)
  return counted(count, unit)
}
