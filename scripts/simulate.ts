import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { play } from '../test/simulation/play.ts'

/**
 * `npm run simulate -- [--seeds 1000] [--from 0] [--seed N] [--verbose]`: exit code 1 when a promise
 * was broken. Long runs are shared among child processes: what a crashed bridge leaves waiting for
 * ever is only freed with its process.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})

const seedsOfOneProcess = 250

const write = (line: string): void => void process.stdout.write(`${line}\n`)

/** How many of the seeds broke a promise. */
async function playAll(seeds: readonly string[]): Promise<number> {
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
  return failed
}

/** The same for a stretch of seeds in a process of its own; its last line is only for us. */
function playApart(from: number, count: number): Promise<number> {
  const args = [import.meta.filename, '--seeds', String(count), '--from', String(from)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      const lines = output.trimEnd().split('\n')
      const summary = /, (\d+) did not/.exec(lines.pop() ?? '')
      if (lines.length > 0) write(lines.join('\n'))
      if (summary === null) reject(new Error(`seeds from ${from}: the process died`))
      else resolve(Number(summary[1]))
    })
  })
}

async function playShared(from: number, count: number): Promise<number> {
  const end = from + count
  let next = from
  let failed = 0
  const lane = async (): Promise<void> => {
    while (next < end) {
      const start = next
      next += seedsOfOneProcess
      failed += await playApart(start, Math.min(seedsOfOneProcess, end - start))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return failed
}

const began = performance.now()
const from = Number(values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const isLong = count > seedsOfOneProcess && !values.verbose
const listed = Array.from({ length: count }, (_, index) => String(from + index))
const failed = isLong
  ? await playShared(from, count)
  : await playAll(values.seed === undefined ? listed : [values.seed])
const seconds = (performance.now() - began) / 1000
write(`${count - failed} runs kept every promise, ${failed} did not; ${seconds.toFixed(1)} s`)
process.exitCode = failed === 0 ? 0 : 1
