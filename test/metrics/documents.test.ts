import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createMeasuring } from '../../src/metrics/meter.ts'
import { printMetrics } from '../../src/metrics/print.ts'
import { metrics } from '../../src/metrics/table.ts'

const root = path.join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

/** Names of all series that are told, those of the process itself included. */
let told: ReadonlySet<string>

beforeAll(async () => {
  const text = await createMeasuring('1').read(async () => undefined)
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )
  // Prometheus' own, of each target.
  told = new Set([...names, 'up'])
})

/** Words of PromQL that are no series. */
const words =
  /^(?:sum|rate|increase|deriv|histogram_quantile|by|and|or|le|kind|side|status|result|method|within|job|outcome)$/

function seriesIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/by \([^)]*\)/g, '')
  return (bare.match(/[a-z_][a-z_0-9]*/gi) ?? []).filter((word) => !words.test(word))
}

/** Labels in braces, with the values that are named whole. */
function labelsIn(expression: string): readonly (readonly [string, string, string])[] {
  return [...expression.matchAll(/([a-z_0-9]+)\{([^}]*)\}/gi)].flatMap(
    ([, series = '', inner = '']) =>
      [...inner.matchAll(/(\w+)(?:=~|!=|=)"([^"]*)"/g)].flatMap(([, label = '', values = '']) =>
        values.split('|').map((value) => [series, label, value] as const),
      ),
  )
}

const isKnownLabel = ([series, label, value]: readonly [string, string, string]): boolean => {
  if (label === 'job') return value === 'footbridge'
  const name = series.replace(/_(?:bucket|sum|count)$/, '')
  const { labels } = Object.values(metrics).find((one) => one.name === name) ?? {}
  return labels?.[label]?.includes(value) === true
}

test('docs/metrics.md is what the table prints (npm run print:metrics)', () => {
  expect(read('docs/metrics.md')).toBe(printMetrics())
})

type Rule = { readonly alert: string; readonly expr: string }
type Rules = { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
type Dashboard = {
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

const rules = (parse(read('deploy/prometheus/footbridge.rules.yml')) as Rules).groups.flatMap(
  (group) => group.rules.map(({ alert, expr }) => [alert, expr] as const),
)
const { panels } = JSON.parse(read('deploy/grafana/footbridge.json')) as Dashboard
const shown = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr] as const),
)

describe('what is shipped for Prometheus and Grafana', () => {
  test.each([...rules, ...shown])('%s asks for numbers that there are: %s', (_, expression) => {
    const series = seriesIn(expression)
    expect(series.length).toBeGreaterThan(0)
    expect(series.filter((name) => !told.has(name))).toEqual([])
    expect(labelsIn(expression).filter((label) => !isKnownLabel(label))).toEqual([])
  })

  test('has no panel and no alert twice', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(new Set(rules.map(([alert]) => alert)).size).toBe(rules.length)
  })

  test('a name that is not told would be found', () => {
    expect(seriesIn('sum by (x) (rate(no_such_total{kind="event"}[5m])) > 0.5')).toEqual([
      'no_such_total',
    ])
    expect(isKnownLabel(['footbridge_queue_waiting', 'kind', 'nothing'])).toBe(false)
  })
})
