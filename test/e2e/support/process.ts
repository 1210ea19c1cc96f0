import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from './wait.ts'

export const repository = path.resolve(import.meta.dirname, '../../..')

/** The one with Synapse and what that needs. */
export const python = path.join(repository, '.cache/peers/synapse/bin/python')

const cleanups: (() => Promise<unknown>)[] = []

/**
 * Ends every program and deletes every folder of this module, the newest first. Idempotent; what
 * fails does not keep the rest alive.
 */
export async function endAll(): Promise<void> {
  const failures: unknown[] = []
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended')
}

/** A folder that `endAll` deletes. */
export async function makeFolder(name: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), `footbridge-${name}-`))
  cleanups.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export type Program = {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Answers (or does not throw) once the program does its work. */
  readonly isReady: () => Promise<boolean>
  readonly timeout?: number
}

export type Running = {
  readonly pid: number
  /** Standard output and standard error so far, lines in order of arrival. */
  output(): string
  /** Standard output alone. */
  stdout(): string
  isRunning(): boolean
  /** SIGTERM, and SIGKILL when that does nothing for 20 s. Resolves after the exit; idempotent. */
  stop(): Promise<void>
  /** SIGKILL. Resolves after the exit. */
  kill(): Promise<void>
  /** SIGHUP, which servers take for: read your configuration again. */
  hangUp(): void
  /** SIGSTOP: it lives, takes connections and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
}

/** Starts a child and waits until it is ready; a child that ends before that is an error with its output. */
export async function startProgram(program: Program): Promise<Running> {
  const [command, ...args] = program.command
  const child = spawn(command, args, {
    cwd: program.cwd ?? repository,
    env: { ...process.env, NODE_OPTIONS: '', ...program.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const running = watch(child)
  cleanups.push(() => running.stop())
  try {
    await waitUntil(
      `${program.name} ready`,
      async () => !running.isRunning() || (await program.isReady()),
      program.timeout ?? 60_000,
    )
    if (!running.isRunning()) throw new Error(`${program.name} ended at once`)
  } catch (cause) {
    await running.kill()
    throw new Error(`${program.name}\n${running.output().slice(-4000)}`, { cause })
  }
  return running
}

function watch(child: ChildProcess): Running {
  const chunks: { text: string; isError: boolean }[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      chunks.push({ text, isError: stream === child.stderr })
    })
  }
  let hasEnded = false
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true
      resolve()
    }
    child.once('error', (error) => {
      chunks.push({ text: String(error), isError: true })
      end()
    })
    child.once('close', end)
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!hasEnded) child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await exited
    clearTimeout(timer)
  }
  return {
    pid: child.pid ?? -1,
    output: () => chunks.map(({ text }) => text).join(''),
    stdout: () =>
      chunks
        .filter(({ isError }) => !isError)
        .map(({ text }) => text)
        .join(''),
    isRunning: () => !hasEnded,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    hangUp: () => void child.kill('SIGHUP'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** Runs a short program to its end; the answer is what it printed. Throws when it fails. */
export async function runProgram(command: readonly [string, ...string[]]): Promise<string> {
  const [program, ...args] = command
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 })
  return stdout
}

/** Writes to a program's standard input and runs it to its end. */
export async function runWithInput(
  command: readonly [string, ...string[]],
  input: string,
): Promise<string> {
  const [program, ...args] = command
  const running = promisify(execFile)(program, args, { timeout: 60_000 })
  running.child.stdin?.end(input)
  const { stdout, stderr } = await running
  return stdout + stderr
}
