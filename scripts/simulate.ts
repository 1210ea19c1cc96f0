import { parseArgs } from 'node:util'
import { play } from '../test/simulation/play.ts'

/** `npm run simulate -- [--seeds 1000] [--from 0] [--seed N] [--verbose]`: exit code 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})

const write = (line: string): void => void process.stdout.write(`${line}\n`)

const first = Number(values.from)
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, index) => String(first + index))
    : [values.seed]

const began = performance.now()
let failed = 0
for (const seed of seeds) {
  const { violations, counts, plan, settled } = await play(
    seed,
    values.verbose ? { trace: write } : {},
  )
  if (values.verbose) write(JSON.stringify({ plan, counts, settled }))
  if (violations.length === 0) continue
  failed += 1
  write(`seed ${seed}: npm run simulate -- --seed ${seed} --verbose`)
  for (const violation of violations) write(`  ${violation}`)
}
const seconds = (performance.now() - began) / 1000
write(
  `${seeds.length - failed} runs kept every promise, ${failed} did not; ${seconds.toFixed(1)} s`,
)
process.exitCode = failed === 0 ? 0 : 1
