import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Failure } from './run.ts'

/** Inputs that broke a promise once, by target: the tests try each of them again. */
const folder = path.join(import.meta.dirname, 'found')

export type Found = { readonly target: string; readonly file: string; readonly input: Buffer }

export function foundInputs(): readonly Found[] {
  return globSync('*/*', { cwd: folder })
    .sort()
    .map((file) => ({
      target: path.dirname(file),
      file,
      input: readFileSync(path.join(folder, file)),
    }))
}

/** Keeps an input under a name of its own; gives the path. */
export function keepInput({ target, input }: Pick<Failure, 'target' | 'input'>): string {
  const name = createHash('sha256').update(input).digest('hex').slice(0, 16)
  mkdirSync(path.join(folder, target), { recursive: true })
  const file = path.join(folder, target, name)
  writeFileSync(file, input)
  return file
}
