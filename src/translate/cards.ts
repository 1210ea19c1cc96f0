import type { Note, Occasion } from '../model/note.ts'
import { safeName } from '../model/names.ts'
import { br, element, isBlock, textOf } from './html-tree.ts'
import type { Html } from './html-tree.ts'

const dateForm = {
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
} as const

const zones = new Map<string, Intl.DateTimeFormat>()
const mostZones = 50

/** For a time zone of the IANA database that this machine knows, else for UTC. */
function formatIn(timezone: string | undefined): Intl.DateTimeFormat {
  const timeZone = timezone ?? 'UTC'
  const known = zones.get(timeZone)
  if (known !== undefined) return known
  try {
    const format = new Intl.DateTimeFormat('en-GB', { ...dateForm, timeZone })
    // Making one takes as long as all the rest of a post; each holds memory, and has many spellings.
    if (zones.size < mostZones) zones.set(timeZone, format)
    return format
  } catch {
    return formatIn('UTC')
  }
}

function timesOf({ start, end, timezone }: Occasion): string {
  const format = formatIn(timezone)
  const { timeZone } = format.resolvedOptions()
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
export function factsOf(
  { occasion, duration, place: where = '' }: Note,
  beginning: readonly Html[],
): Html[] {
  const name = safeName(where, 500)
  // Some write it into the text as well.
  const place = name === '' || textOf(beginning).includes(name) ? '' : name
  const lines = [
    ...(occasion?.isCancelled === true ? ['❌ Cancelled'] : []),
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

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase()

type Headed = { readonly heading: readonly Html[]; readonly words: readonly Html[] }

/** The name as a heading above the text, said once: some servers begin the text with it. */
export function headed({ name = '', type }: Note, text: readonly Html[]): Headed {
  const said = safeName(name, 500)
  const heading = [element('p', [element('strong', [said])])]
  const [first, ...rest] = text
  if (said === '') return { heading: [], words: text }
  if (first !== undefined && isBlock(first) && squeezed(textOf([first])) === squeezed(said))
    return { heading, words: rest }
  // What calls itself a note may be named by its own first words.
  const isNamedByText = type === 'Note' && squeezed(textOf(text)).startsWith(squeezed(said))
  return { heading: isNamedByText ? [] : heading, words: text }
}

/** `Mood update` of `MoodUpdate`, with or without the vocabulary it is from. */
export function typeInWords(type: string): string {
  const word = safeName(type.split(/[/#:]/).at(-1) ?? '', 100)
  const words = word.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
