const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

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
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
