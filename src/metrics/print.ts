import { buckets, metrics, type Metric } from './table.ts'

const head = `# Metrics

For [Prometheus](https://prometheus.io). They are told where \`metrics.port\` of the configuration says, at
\`/metrics\`, and nowhere without it. Nobody but your Prometheus should reach that port. No number names a
person, a room or another server, and no label has other values than those below, so that there are never
more than a few hundred of them.

\`deploy/prometheus/footbridge.rules.yml\` has alerts, and \`deploy/grafana/footbridge.json\` a dashboard to
import. Besides those below there are the usual ones of the process, \`process_…\` and \`nodejs_…\`.

Times are in seconds; histograms have the bounds ${buckets.join(', ')}.

`

const code = (text: string): string => `\`${text}\``

function labelsOf({ labels = {} }: Metric): string {
  const lines = Object.entries(labels).map(([name, values]) =>
    values.length === 0 ? code(name) : `${code(name)}: ${values.join(', ')}`,
  )
  return lines.join('; ')
}

/** The committed `docs/metrics.md`, from the table. */
export function printMetrics(): string {
  const entries = Object.values(metrics).map((metric) => {
    const labels = labelsOf(metric)
    const more = labels === '' ? '' : `\n\nLabels: ${labels}.`
    return `## ${code(metric.name)}\n\nA ${metric.type}. ${metric.help}${more}\n`
  })
  return head + entries.join('\n')
}
