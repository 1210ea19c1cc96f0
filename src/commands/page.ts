import type { Answer } from './command.ts'

const pageLength = 20

type Page = {
  readonly title: string
  readonly command: string
  /** As typed; absent: the first. */
  readonly number: string | undefined
}

/**
 * Long lists come in pages of 20 with the command for the next one. A page after the last shows the
 * last; undefined for what is no number of a page.
 */
export function page(
  lines: readonly string[],
  { title, command, number = '1' }: Page,
): Answer | undefined {
  if (!/^0*[1-9]\d{0,8}$/.test(number)) return undefined
  const pages = Math.ceil(lines.length / pageLength)
  const current = Math.min(Number(number), pages)
  const shown = lines.slice((current - 1) * pageLength, current * pageLength)
  const next =
    current < pages
      ? [`Page ${current} of ${pages}. \`${command} ${current + 1}\` shows more.`]
      : pages > 1
        ? [`Page ${current} of ${pages}.`]
        : []
  return { text: [`${title} (${lines.length}):`, ...shown, ...next].join('\n') }
}
