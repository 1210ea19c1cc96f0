/** A row's width: fits a terminal of 80 columns. */
const width = 37
const arrows = { right: '──▶', left: '◀──', none: ' │ ' } as const

export type Row = {
  /** What stands on the Matrix side; a text of its own each. */
  readonly matrix?: string
  readonly fediverse?: string
  /** Which way it crossed; absent: it did not, or not yet. */
  readonly way?: 'right' | 'left'
}

const segments = new Intl.Segmenter('en')
const isWide = (grapheme: string): boolean =>
  /\p{Emoji_Presentation}|\uFE0F|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u.test(
    grapheme,
  )

/** Exactly `width` columns on a terminal, cut with an ellipsis; no control character comes through. */
function cell(text: string): string {
  const graphemes = [...segments.segment(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim())]
  let shown = ''
  let used = 0
  for (const [index, { segment }] of graphemes.entries()) {
    const columns = isWide(segment) ? 2 : 1
    const isLast = index === graphemes.length - 1
    if (used + columns > (isLast ? width : width - 1)) return pad(`${shown}…`, used + 1)
    shown += segment
    used += columns
  }
  return pad(shown, used)
}

const pad = (text: string, used: number): string => text + ' '.repeat(Math.max(0, width - used))

/** One line: Matrix on the left, the fediverse on the right, between them which way it went. */
export function columns({ matrix = '', fediverse = '', way }: Row): string {
  return `${cell(matrix)} ${arrows[way ?? 'none']} ${cell(fediverse)}`.trimEnd()
}

export const rule = `${'─'.repeat(width + 2)}┼${'─'.repeat(width + 1)}`
