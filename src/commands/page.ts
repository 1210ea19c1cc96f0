import type { CommandResult } from './command.ts'

const pageLength = 20

type Page = {
  readonly title: string
  readonly command: string
  readonly number: string | undefined
}

/** Long lists come in pages of 20 with the command for the next one. */
export function page(lines: readonly string[], { title, command, number }: Page): CommandResult {
  const pages = Math.ceil(lines.length / pageLength)
  const wanted = Math.trunc(Number(number ?? '1'))
  const current = Number.isFinite(wanted) ? Math.min(Math.max(wanted, 1), pages) : 1
  const shown = lines.slice((current - 1) * pageLength, current * pageLength)
  const next =
    current < pages
      ? [`Page ${current} of ${pages}. \`${command} ${current + 1}\` shows more.`]
      : []
  return { text: [`${title} (${lines.length}):`, ...shown, ...next].join('\n') }
}
