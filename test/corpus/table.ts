import type { Fate, Outcome, Seen } from './fate.ts'

export type Row = Fate & { readonly path: string; readonly software: string }

export const words: Readonly<Record<Outcome, string>> = {
  shown: 'shown in a room',
  obeyed: 'obeyed, nothing to see',
  elsewhere: 'has to be fetched first',
  skipped: 'understood, nothing to do',
  refused: 'refused',
  'no post': 'no post, activity or account',
}

const mostLines = 12

const wide =
  /\p{Emoji_Presentation}|\uFE0F|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/gu

/** Columns of a terminal. */
export const columnsOf = (text: string): number => text.length + (text.match(wide)?.length ?? 0)

/** As much of it as fits, with an ellipsis where something is left out. */
function cut(text: string, width: number): string {
  let end = text.length
  while (columnsOf(text.slice(0, end)) > width - (end < text.length ? 1 : 0)) end -= 1
  return end < text.length ? `${text.slice(0, end).toWellFormed()}…` : text
}

/** Lines of at most `width` columns, broken between words; a word that is longer is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`
    if (columnsOf(next) > width && line !== '') {
      lines.push(line)
      line = word
    } else line = next
  }
  return [...lines, line].map((one) => cut(one, width))
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

function linesOf({ body, html, file }: Seen, width: number, withHtml: boolean): string[] {
  const text = body.replace(controls, ' ').split('\n')
  const lines = text.flatMap((line) => wrap(line, width))
  const more = lines.length - mostLines
  const shown = more > 0 ? [...lines.slice(0, mostLines), `… ${more} more lines`] : lines
  const source =
    withHtml && html !== undefined
      ? wrap(`HTML ${html.slice(0, 3000).replaceAll('\n', '⏎')}`, width)
      : []
  return [...(file === undefined ? [] : wrap(`[${file}]`, width)), ...shown, ...source]
}

type Options = { readonly width: number; readonly withHtml: boolean }

/** A document, and below it what a Matrix user sees of it, or why nothing. */
export function entry({ path, kind, outcome, why, seen }: Row, options: Options): string {
  const said = why === '' ? words[outcome] : `${words[outcome]}: ${why}`
  const head = wrap(`${path}  ${kind} → ${said}`, options.width)
  const messages = seen.map((one) => linesOf(one, options.width - 4, options.withHtml))
  return [
    ...head,
    ...messages.flatMap((lines) => lines.map((line, at) => `  ${at === 0 ? '┌' : '│'} ${line}`)),
  ].join('\n')
}

function count<Key>(keys: readonly Key[]): [Key, number][] {
  const counts = new Map<Key, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

/** How many came to what, in all and of each software. */
export function summary(rows: readonly Row[]): string {
  const outcomes = Object.keys(words) as Outcome[]
  const of = (some: readonly Row[], outcome: Outcome): number =>
    some.filter((row) => row.outcome === outcome).length
  const all = outcomes.map((one) => `${String(of(rows, one)).padStart(6)}  ${words[one]}`)
  const kinds = count(rows.filter(({ outcome }) => outcome === 'shown').map(({ kind }) => kind))
  const bySoftware = count(rows.map(({ software }) => software)).map(([software, number]) => {
    const mine = rows.filter((row) => row.software === software)
    const cells = outcomes.map((outcome) => String(of(mine, outcome) || '').padStart(10))
    return `${software.slice(0, 22).padEnd(22)}${String(number).padStart(6)}${cells.join('')}`
  })
  const heads = outcomes.map((outcome) => outcome.padStart(10)).join('')
  return [
    `${rows.length} documents`,
    ...all,
    `Shown: ${kinds.map(([kind, number]) => `${number} × ${kind}`).join(', ')}`,
    '',
    `${'software'.padEnd(22)}${'all'.padStart(6)}${heads}`,
    ...bySoftware,
  ].join('\n')
}
