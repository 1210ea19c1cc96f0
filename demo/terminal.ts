import { columns, type Row, rule } from './columns.ts'

export type Terminal = {
  row(row: Row): void
  heading(row: Row): void
  line(text?: string): void
}

/** Colours on a terminal only, and not where the user wants none (https://no-color.org). */
export function createTerminal(): Terminal {
  const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  const styled = (code: number, text: string): string =>
    isColoured ? `\u001b[${code}m${text}\u001b[0m` : text
  const line = (text = ''): void => void process.stdout.write(`${text}\n`)
  return {
    line,
    row: (row) => line(columns(row).replace(/──▶|◀──| │ /u, (arrow) => styled(36, arrow))),
    heading: (row) => {
      line(styled(1, columns(row)))
      line(styled(36, rule))
    },
  }
}
