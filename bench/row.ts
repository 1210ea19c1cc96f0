import type { Pair } from './rounds.ts'

/** One line of the table. */
export type Row = {
  readonly measure: string
  readonly bare: string
  readonly ours: string
  readonly ratio: string
  readonly bound: string
  /** Absent: told for its own sake, without a bound. */
  readonly ok?: boolean
}

export type Measure = {
  readonly name: string
  readonly run: (tell: (line: string) => void) => Promise<readonly Row[]>
}

const times = (value: number): string => `${value.toFixed(2)} ×`
const perSecond = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)}/s`

/** CPU of the process under test per operation; lower is better. */
export function cpuRow(measure: string, { bare, ours }: Pair, most?: number): Row {
  const ratio = ours.cpu / bare.cpu
  const words = ({ cpu, rate }: Pair['bare']): string =>
    `${cpu.toFixed(cpu < 100 ? 1 : 0)} µs (${perSecond(rate)})`
  return {
    ...{ measure, bare: words(bare), ours: words(ours), ratio: times(ratio) },
    ...(most === undefined ? { bound: '' } : { bound: `≤ ${most} ×`, ok: ratio <= most }),
  }
}

/** Operations per second; higher is better. */
export function rateRow(measure: string, { bare, ours }: Pair, least: number): Row {
  const ratio = ours.rate / bare.rate
  return {
    ...{ measure, bare: perSecond(bare.rate), ours: perSecond(ours.rate), ratio: times(ratio) },
    ...{ bound: `≥ ${least} ×`, ok: ratio >= least },
  }
}

/** A plain number against a limit. */
export function limitRow(
  measure: string,
  value: number,
  { unit, most, beside }: { unit: string; most?: number; beside?: string },
): Row {
  const ours = `${value.toFixed(1)} ${unit}${beside === undefined ? '' : ` (${beside})`}`
  return {
    ...{ measure, bare: '', ours, ratio: '' },
    ...(most === undefined ? { bound: '' } : { bound: `≤ ${most} ${unit}`, ok: value <= most }),
  }
}

const heads = ['measure', 'bare', 'ours', 'ratio', 'bound', 'ok'] as const

/** As Markdown, which people read too. */
export function toTable(rows: readonly Row[]): string {
  const verdict = ({ ok }: Row): string => (ok === undefined ? '' : ok ? 'yes' : 'no')
  const cells = [
    [...heads],
    ...rows.map((row) => [
      ...[row.measure, row.bare, row.ours, row.ratio, row.bound],
      verdict(row),
    ]),
  ]
  const widths = heads.map((_, column) =>
    Math.max(...cells.map((line) => (line[column] ?? '').length)),
  )
  const lineOf = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const [head, ...body] = cells.map(lineOf)
  return [head, rule, ...body].join('\n')
}
