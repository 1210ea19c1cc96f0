import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

export type Usage = {
  /** User and system time of all threads, microseconds. */
  readonly cpu: number
  /** Bytes in memory now, and at most so far. */
  readonly rss: number
  readonly peak: number
  /** Of which V8's heap, and what of it is in use. */
  readonly heapTotal: number
  readonly heapUsed: number
}

/** A process under test. */
export type Subject = {
  usage(): Promise<Usage>
  ask<T>(name: string, given?: unknown): Promise<T>
  output(): string
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

export type Plan = {
  /** A module of this folder, or an absolute path. */
  readonly script: string
  readonly args?: readonly string[]
  readonly settings?: unknown
  /** Flags of Node. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** For programs that do not say themselves that they are ready. */
  readonly isReady?: () => Promise<boolean>
}

const running = new Set<Subject>()

/** For all of them, to look closer: BENCH_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/profile" */
const closerLook = (process.env['BENCH_FLAGS'] ?? '').split(' ').filter(Boolean)

/** Ends whatever a measure that failed left behind. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((subject) => subject.stop()))
}

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string }

/** Starts a process that can be asked for its usage, and waits until it is ready. */
export async function startSubject(plan: Plan): Promise<Subject> {
  const script = path.resolve(import.meta.dirname, plan.script)
  const args = plan.args ?? [JSON.stringify(plan.settings ?? {})]
  const probe = path.join(import.meta.dirname, 'probe.mjs')
  const flags = ['--no-warnings', ...(plan.flags ?? []), ...closerLook, '--import', probe]
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...plan.env },
  })
  const subject = converse(child)
  running.add(subject)
  child.once('exit', () => running.delete(subject))
  const isReady = plan.isReady ?? (() => subject.isReady())
  const deadline = Date.now() + 30_000
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${plan.script} did not start\n${subject.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return subject
}

function converse(child: ChildProcess): Subject & { isReady(): Promise<boolean> } {
  const waiting = new Map<number, (answer: Answer) => void>()
  let output = ''
  let asked = 0
  let isReady = false
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000)
    })
  child.on('message', (answer: Answer) => {
    if (answer.id === 0) isReady = true
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => {
    for (const settle of waiting.values()) settle({ id: 0, error: `ended\n${output}` })
  })
  const ask = async <T>(name: string, given?: unknown): Promise<T> => {
    const id = ++asked
    const { value, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve)
      child.send({ id, ask: name, with: given }, (cause) => {
        if (cause !== null) resolve({ id, error: `${cause.message}\n${output}` })
      })
    })
    if (error !== undefined) throw new Error(error)
    return value as T
  }
  return {
    ask,
    usage: () => ask<Usage>('usage'),
    output: () => output,
    isReady: async () => isReady,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(timer)
    },
  }
}
