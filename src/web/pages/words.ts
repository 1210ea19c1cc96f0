const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `3 Nov 2026` in UTC: a page does not know where it is read. `time`: milliseconds since the epoch. */
export function toDay(time: number): string {
  const date = new Date(time)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`
}

/** `3 Nov 2026, 14:05 UTC`. */
export function toMinute(time: number): string {
  const clock = new Date(time).toISOString().slice(11, 16)
  return `${toDay(time)}, ${clock} UTC`
}

/** `1,234`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `1 reply`, `2 replies`, `1,234 replies`. */
export const counted = (count: number, one: string, many: string): string =>
  `${grouped(count)} ${count === 1 ? one : many}`
