import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { play } from '../test/simulation/play.ts'
import { playAndTell, playShared, type Told, toldOf } from '../test/simulation/shared.ts'

/**
 * `npm run simulate -- [--seeds 100] [--from 0] [--workers N]` plays that many seeds in as many
 * processes as there are cores; `--seed N [--verbose]` plays one of them again, with all that happens.
 * Exit code 1 when a promise was broken.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})

const program = path.join(import.meta.dirname, 'simulate-worker.ts')
/** Between two lines that say how far it is. */
const interval = 30_000

const write = (line: string): void => void process.stdout.write(`${line}\n`)

const replay = (seed: string): string => `npm run simulate -- --seed ${seed} --verbose`

function countOf(name: 'seeds' | 'from' | 'workers', least: number): number {
  const count = Number(values[name])
  if (!Number.isSafeInteger(count) || count < least)
    throw new Error(`--${name} must be a whole number from ${least} on, not "${values[name]}"`)
  return count
}

/** What all runs came to until now. */
function createSum() {
  const broken: string[] = []
  const acts = new Map<string, number>()
  let runs = 0
  let crashes = 0
  return {
    broken: broken as readonly string[],
    runs: () => runs,
    add(told: Told): void {
      runs += 1
      crashes += told.crashes
      for (const [kind, count] of Object.entries(told.acts))
        acts.set(kind, (acts.get(kind) ?? 0) + count)
      if (told.violations.length === 0) return
      broken.push(told.seed)
      write([`seed ${told.seed}: ${replay(told.seed)}`, ...told.violations].join('\n  '))
    },
    tell(): void {
      const kinds = [...acts].sort(([, a], [, b]) => b - a)
      const done = kinds.reduce((total, [, count]) => total + count, 0)
      write(`${done} acts: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(' · ')}`)
      write(`${crashes} crashes of the bridge`)
      write(`${runs - broken.length} of ${runs} seeds kept every promise, ${broken.length} did not`)
      for (const seed of broken) write(`  ${replay(seed)}`)
    },
  }
}

type Sum = ReturnType<typeof createSum>

/** How far it is, how fast, and how long it takes from here. */
function progress({ runs, broken }: Sum, total: number, ms: number): string {
  const rate = runs() / (ms / 60_000)
  const left = runs() === 0 ? '' : `, ${Math.ceil((total - runs()) / rate)} minutes left`
  return `${runs()} of ${total} seeds, ${broken.length} broke a promise, ${Math.round(rate)} a minute${left}`
}

async function playMany(sum: Sum, began: number): Promise<void> {
  const [from, count, workers] = [countOf('from', 0), countOf('seeds', 1), countOf('workers', 1)]
  write(`seeds ${from} to ${from + count - 1}, ${Math.min(workers, count)} at a time`)
  const timer = setInterval(() => write(progress(sum, count, performance.now() - began)), interval)
  try {
    await playShared({ from, count, workers, program }, (told) => sum.add(told))
  } finally {
    clearInterval(timer)
  }
}

async function playOne(seed: string, sum: Sum): Promise<void> {
  if (!values.verbose) {
    sum.add(await playAndTell(seed))
    return
  }
  const outcome = await play(seed, { trace: write })
  const { counts, plan, settled } = outcome
  write(JSON.stringify({ plan: { ...plan, themes: [...plan.themes] }, counts, settled }))
  sum.add(toldOf(outcome))
}

const began = performance.now()
const sum = createSum()
await (values.seed === undefined ? playMany(sum, began) : playOne(values.seed, sum))
sum.tell()
write(`${((performance.now() - began) / 1000).toFixed(1)} s`)
process.exitCode = sum.broken.length === 0 ? 0 : 1
