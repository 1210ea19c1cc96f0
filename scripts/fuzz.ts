import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { keepInput } from '../test/fuzz/found.ts'
import { faultOf, inputOf, mostTime, tryInputs, type Slowest } from '../test/fuzz/run.ts'
import type { Target } from '../test/fuzz/target.ts'
import { inputsOf, targets } from '../test/fuzz/targets.ts'

/**
 * `npm run fuzz -- [--inputs 100000] [--seed 1] [--target name] [--workers n] [--file path]`: hostile
 * inputs for everything that reads what others wrote, the same for the same seed. Exit code 1 when one
 * broke a promise; such inputs are kept in `test/fuzz/found`, where the tests try them again. `--file`
 * tries one of those.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
    file: { type: 'string' },
  },
})

/** A part of the work; the worker answers each with a `Report`. */
type Task = { readonly target: string; readonly from: number; readonly count: number }

type Report = {
  readonly failures: readonly { readonly index: number; readonly why: string }[]
  readonly slowest: Slowest
  /** Of the whole part, milliseconds of processor time. */
  readonly cpu: number
}

type Sum = { inputs: number; failures: number; cpu: number; slowest: Slowest }

const inputsOfTask = 500
/** An input that takes longer than this never ends, milliseconds. */
const patience = 120_000
/** Of one kind of failure so many inputs are kept. */
const mostKept = 3

const write = (line: string): void => void process.stdout.write(`${line}\n`)

function targetOf(name: string): Target {
  const found = targets.find((target) => target.name === name)
  if (found !== undefined) return found
  throw new Error(`no target ${name}; there are: ${targets.map((one) => one.name).join(', ')}`)
}

/** In a process of its own: tells the number of each input before it tries it, and what came of all. */
function work(): void {
  // Whoever shares out the work has gone.
  process.on('disconnect', () => process.exit())
  process.on('message', ({ target, from, count }: Task) => {
    const before = process.cpuUsage()
    let told = 0
    const onInput = (index: number): void => {
      if (Date.now() - told < 1_000) return
      told = Date.now()
      process.send?.({ index })
    }
    void tryInputs(targetOf(target), { seed: values.seed, from, count, onInput }).then(
      ({ failures, slowest }) => {
        const { user, system } = process.cpuUsage(before)
        const cpu = (user + system) / 1_000
        const told = failures.map(({ index, why }) => ({ index, why }))
        process.send?.({ failures: told, slowest, cpu } satisfies Report)
      },
    )
  })
}

const nothing: Slowest = { index: 0, time: 0, bytes: 0 }
const sums = new Map<string, Sum>()
const kinds = new Map<string, number>()

const sumOf = (name: string): Sum => {
  const sum = sums.get(name) ?? { inputs: 0, failures: 0, cpu: 0, slowest: nothing }
  sums.set(name, sum)
  return sum
}

/** Where it happens says which fault it is; numbers and texts differ from input to input. */
const kindOf = (target: string, why: string): string =>
  `${target} ${why.split('\n').slice(0, 3).join(' ').replace(/\d+/g, 'n').slice(0, 160)}`

function tellFailure(target: Target, index: number, why: string): void {
  sumOf(target.name).failures += 1
  const kind = kindOf(target.name, why)
  const seen = kinds.get(kind) ?? 0
  kinds.set(kind, seen + 1)
  if (seen >= mostKept) return
  const file = keepInput({ target: target.name, input: inputOf(target, values.seed, index) })
  const shown = path.relative(process.cwd(), file)
  write(`✘ ${target.name} ${index}: ${why}\n  again: npm run fuzz -- --file ${shown}`)
}

function add({ target: name, count }: Task, { failures, slowest, cpu }: Report): void {
  const sum = sumOf(name)
  sum.inputs += count
  sum.cpu += cpu
  if (slowest.time > sum.slowest.time) sum.slowest = slowest
  for (const { index, why } of failures) tellFailure(targetOf(name), index, why)
}

/** All targets move on together, so that the first minute says something of each. */
function tasks(): Task[] {
  const all = Number(values.inputs)
  const chosen = values.target === undefined ? targets : [targetOf(values.target)]
  const listed = chosen.flatMap((target) => {
    const total = values.target === undefined ? inputsOf(target, all) : all
    return Array.from({ length: Math.ceil(total / inputsOfTask) }, (_, index) => {
      const from = index * inputsOfTask
      const count = Math.min(inputsOfTask, total - from)
      return { task: { target: target.name, from, count }, part: from / total }
    })
  })
  return listed.sort((a, b) => a.part - b.part).map(({ task }) => task)
}

/** A worker, its tasks one after another; one that hangs or dies is replaced, and its input told. */
function lane(waiting: Task[], onDone: () => void): Promise<void> {
  return new Promise((resolve) => {
    const start = (): void => {
      const child = fork(import.meta.filename, ['--seed', values.seed], {
        env: { ...process.env, FUZZ_WORKER: '1' },
      })
      let current: Task | undefined
      let index = 0
      let hang: NodeJS.Timeout | undefined
      const next = (): void => {
        current = waiting.shift()
        if (current === undefined) return void child.kill()
        child.send(current)
        watch()
      }
      const watch = (): void => {
        clearTimeout(hang)
        hang = setTimeout(() => child.kill('SIGKILL'), patience)
      }
      child.on('message', (message: Report | { index: number }) => {
        watch()
        if ('index' in message) index = message.index
        else if (current !== undefined) {
          add(current, message)
          onDone()
          next()
        }
      })
      child.once('exit', () => {
        clearTimeout(hang)
        if (current === undefined) {
          resolve()
          return
        }
        tellFailure(
          targetOf(current.target),
          index,
          'the process hangs or dies, here or shortly after',
        )
        start()
      })
      next()
    }
    start()
  })
}

function tellSums(seconds: number): void {
  for (const [name, { inputs, failures, cpu, slowest }] of sums) {
    const slow = `slowest ${slowest.time.toFixed(1)} ms (input ${slowest.index}, ${slowest.bytes} bytes)`
    write(
      `${name.padEnd(19)} ${String(inputs).padStart(8)} inputs, ${failures} failures, ${(cpu / 1_000).toFixed(0)} s of CPU, ${slow}`,
    )
  }
  const all = [...sums.values()]
  const total = (field: 'inputs' | 'failures' | 'cpu'): number =>
    all.reduce((sum, one) => sum + one[field], 0)
  write(
    `${total('inputs')} inputs, ${total('failures')} failures, no input may cost more than ${mostTime} ms of CPU`,
  )
  write(`${(total('cpu') / 1_000).toFixed(0)} s of CPU, ${seconds.toFixed(0)} s`)
  process.exitCode = total('failures') === 0 ? 0 : 1
}

async function fuzz(): Promise<void> {
  const began = performance.now()
  const waiting = tasks()
  const total = waiting.reduce((sum, { count }) => sum + count, 0)
  let told = Date.now()
  const onDone = (): void => {
    if (Date.now() - told < 10_000) return
    told = Date.now()
    const done = [...sums.values()].reduce((sum, { inputs }) => sum + inputs, 0)
    write(`${done} of ${total} inputs`)
  }
  await Promise.all(Array.from({ length: Number(values.workers) }, () => lane(waiting, onDone)))
  tellSums((performance.now() - began) / 1_000)
}

async function tryFile(file: string): Promise<void> {
  const why = await faultOf(targetOf(path.basename(path.dirname(file))), readFileSync(file))
  write(why ?? 'it keeps every promise')
  process.exitCode = why === undefined ? 0 : 1
}

if (process.env['FUZZ_WORKER'] !== undefined) work()
else if (values.file !== undefined) await tryFile(path.resolve(values.file))
else await fuzz()
