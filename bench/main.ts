/**
 * What the bridge costs, beside the least that the same work can cost on this machine.
 *
 *   npm run bench                          everything
 *   npm run bench -- --only inbox,memory   these measures
 *   npm run bench -- --write               also writes docs/performance.md
 */
import { parseArgs } from 'node:util'
import { endAll } from '../test/e2e/support/process.ts'
import { delivery } from './measures/delivery.ts'
import { flood } from './measures/flood.ts'
import { inbox } from './measures/inbox.ts'
import { intake } from './measures/intake.ts'
import { latency } from './measures/latency.ts'
import { media } from './measures/media.ts'
import { memory } from './measures/memory.ts'
import { synapse } from './measures/synapse.ts'
import { translation } from './measures/translation.ts'
import { type Row, toTable } from './row.ts'
import { machine } from './machine.ts'
import { stopAll } from './subject.ts'
import { writeReport } from './report.ts'

const measures = [synapse, inbox, flood, delivery, intake, translation, latency, media, memory]

const { values } = parseArgs({
  options: { only: { type: 'string' }, write: { type: 'boolean' } },
})
const names = values.only?.split(',')
const unknown = names?.find((name) => !measures.some((measure) => measure.name === name))
if (unknown !== undefined)
  console.log(`no measure "${unknown}": ${measures.map(({ name }) => name).join(', ')}`)

console.log(machine())
const rows: Row[] = []
for (const { name, run } of measures) {
  if (names !== undefined && !names.includes(name)) continue
  const started = Date.now()
  console.log(`▶ ${name}`)
  try {
    rows.push(...(await run((line) => console.log(`  ${line}`))))
  } catch (error) {
    console.log(error)
  }
  await stopAll()
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`)
}
await endAll()
console.log(`\n${toTable(rows)}`)
if (values.write === true) await writeReport(rows)
// What a measure that failed has left open keeps nobody waiting.
process.exit(0)
