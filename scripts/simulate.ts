import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { play, type Outcome } from '../test/simulation/play.ts'

/**
 * `npm run simulate -- [--seeds 1000] [--from 0] [--seed N] [--verbose]`: exit code 1 when a promise
 * was broken. Long runs are shared among child processes, one for each core: what a crashed bridge
 * leaves waiting for ever is only freed with its process.
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

/** What some runs came to; `acts`: how often each kind was done. */
type Sum = {
  readonly runs: number
  readonly broken: number
  readonly crashes: number
  readonly acts: Readonly<Record<string, number>>
}

const nothing: Sum = { runs: 0, broken: 0, crashes: 0, acts: {} }

const write = (line: string): void => void process.stdout.write(`${line}\n`)

function add(one: Sum, other: Sum): Sum {
  const kinds = new Set([...Object.keys(one.acts), ...Object.keys(other.acts)])
  const acts = [...kinds].map(
    (kind) => [kind, (one.acts[kind] ?? 0) + (other.acts[kind] ?? 0)] as const,
  )
  return {
    runs: one.runs + other.runs,
    broken: one.broken + other.broken,
    crashes: one.crashes + other.crashes,
    acts: Object.fromEntries(acts),
  }
}

const sumOf = ({ violations, counts, acts }: Outcome): Sum => ({
  runs: 1,
  broken: violations.length > 0 ? 1 : 0,
  crashes: counts['crashes'] ?? 0,
  acts: Object.fromEntries(acts),
})

async function playAll(seeds: readonly string[]): Promise<Sum> {
  let sum = nothing
  for (const seed of seeds) {
    const outcome = await play(seed, values.verbose ? { trace: write } : {})
    const { violations, counts, plan, settled } = outcome
    const themes = [...plan.themes]
    if (values.verbose) write(JSON.stringify({ plan: { ...plan, themes }, counts, settled }))
    sum = add(sum, sumOf(outcome))
    const head = `seed ${seed}: npm run simulate -- --seed ${seed} --verbose`
    // At once: other processes write between lines.
    if (violations.length > 0) write([head, ...violations].join('\n  '))
  }
  return sum
}

/** The same for a stretch of seeds in a process of its own. */
function playApart(from: number, count: number): Promise<Sum> {
  const child = fork(import.meta.filename, ['--seeds', String(count), '--from', String(from)])
  let sum: Sum | undefined
  child.once('message', (message) => (sum = message as Sum))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      if (sum === undefined) reject(new Error(`seeds from ${from}: the process died`))
      else resolve(sum)
    })
  })
}

async function playShared(from: number, count: number): Promise<Sum> {
  const end = from + count
  const lanes = availableParallelism()
  const most = Math.min(seedsOfOneProcess, Math.ceil(count / lanes))
  let next = from
  let sum = nothing
  const lane = async (): Promise<void> => {
    while (next < end) {
      const start = next
      next += most
      const part = await playApart(start, Math.min(most, end - start))
      sum = add(sum, part)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return sum
}

function tell({ runs, broken, crashes, acts }: Sum, seconds: number): void {
  const kinds = Object.entries(acts).sort(([, a], [, b]) => b - a)
  const done = kinds.reduce((total, [, count]) => total + count, 0)
  write(`${done} acts: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(' · ')}`)
  write(`${crashes} crashes of the bridge`)
  write(`${runs - broken} of ${runs} seeds kept every promise, ${broken} did not`)
  write(`${seconds.toFixed(1)} s`)
}

const began = performance.now()
const from = Number(values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const isLong = count > seedsOfOneProcess && !values.verbose
const listed = Array.from({ length: count }, (_, index) => String(from + index))
const sum = isLong
  ? await playShared(from, count)
  : await playAll(values.seed === undefined ? listed : [values.seed])
// A part of a longer run tells only who shares it out.
if (process.send === undefined) tell(sum, (performance.now() - began) / 1000)
else process.send(sum)
process.exitCode = sum.broken === 0 ? 0 : 1
