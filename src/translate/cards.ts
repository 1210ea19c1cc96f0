import type { Note, Occasion } from '../model/note.ts'
import { safeName } from '../model/names.ts'
import { br, element } from './html-tree.ts'
import type { Html } from './html-tree.ts'

const dateForm = {
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const

/** A time zone of the IANA database that this machine knows, else UTC. */
function zoneOf(timezone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: timezone ?? 'UTC' }).resolvedOptions()
      .timeZone
  } catch {
    return 'UTC'
  }
}

function timesOf({ start, end, timezone }: Occasion): string {
  const timeZone = zoneOf(timezone)
  const format = new Intl.DateTimeFormat('en-GB', { ...dateForm, timeZone })
  const isRange = end !== undefined && end > start
  const times = isRange ? format.formatRange(start, end) : format.format(start)
  // Intl writes thin and narrow spaces around the dash of a range.
  return `${times.replace(/[\u2009\u202f]/g, ' ')} (${timeZone})`
}

/** `1:02:03`, or `2:03`. */
function clockTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown
    .map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':')
}

/** When and where of an event, the length of a video or recording: one line each, in one paragraph. */
export function factsOf({ occasion, duration }: Note): Html[] {
  const place = safeName(occasion?.place ?? '', 500)
  const lines = [
    ...(occasion === undefined ? [] : [`🗓 ${timesOf(occasion)}`]),
    ...(place === '' ? [] : [`📍 ${place}`]),
    ...(duration === undefined ? [] : [`⏱ ${clockTime(duration)}`]),
  ]
  if (lines.length === 0) return []
  return [
    element(
      'p',
      lines.flatMap((line, index) => (index === 0 ? [line] : [br, line])),
    ),
  ]
}
