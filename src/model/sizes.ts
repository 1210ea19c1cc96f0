const units = ['bytes', 'kB', 'MB', 'GB'] as const

/** `4.2 MB`. */
export function sizeOf(bytes: number): string {
  const at = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  const count = bytes / 1000 ** at
  return `${at === 0 ? count : count.toFixed(1)} ${units[at] ?? ''}`
}
