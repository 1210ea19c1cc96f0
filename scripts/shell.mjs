import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.dirname(import.meta.dirname)
export const cache = path.join(root, '.cache')

/** The project's own tools come first, so that `node` is the pinned version whatever the machine has. */
const environment = {
  ...process.env,
  PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
}

/**
 * Runs a program to its end; never throws. What it prints is returned, standard output and standard
 * error apart; with `show` its standard error goes straight to the terminal instead.
 */
export function run(command, { show = false, env = {}, cwd = root } = {}) {
  const [program, ...args] = command
  const stdio = ['ignore', 'pipe', show ? 'inherit' : 'pipe']
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...environment, ...env }, stdio })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name]?.setEncoding('utf8').on('data', (text) => (output[name] += text))
    }
    child.on('error', (error) => resolve({ ...output, code: 127, stderr: error.message }))
    child.on('close', (code) => resolve({ ...output, code: code ?? 1 }))
  })
}

/** Like `run`, but a program that fails is an error with the last lines it printed. */
export async function must(command, options) {
  const result = await run(command, options)
  if (result.code === 0) return result.stdout
  const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`${command.join(' ')} ended with ${result.code}\n${tail}`)
}

/** A fingerprint of files and words: what was installed for another fingerprint is installed again. */
export function fingerprint(files, words = []) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file)).update('\0')
  return hash.update(words.join('\0')).digest('hex')
}

/** True when `folder` was completely made for this fingerprint. */
export function isMadeFor(folder, print) {
  const stamp = path.join(folder, '.installed')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === print
}

/** Says that `folder` is complete: to be called last. */
export function markMade(folder, print) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, '.installed'), print)
}
