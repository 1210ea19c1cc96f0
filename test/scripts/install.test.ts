import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const script = new URL('../../scripts/install.mjs', import.meta.url).href

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'install-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

type Packages = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const write = (name: string, json: unknown): void => {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(json))
}

const a = { version: '1.0.0', integrity: 'sha512-a' }
const asked = { dependencies: { a: '1.0.0' } }
const tree: Packages = {
  'node_modules/a': a,
  'node_modules/b': { version: '2.0.0', devOptional: true },
}
const other = { 'node_modules/c': { version: '3.0.0', optional: true } }

type Case = {
  readonly name: string
  readonly isLocked: boolean
  readonly asks?: unknown
  readonly locked?: Packages
  readonly installed?: Packages
  readonly there?: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'everything is there', isLocked: true },
  { name: 'what is for other machines is missing', isLocked: true, locked: { ...tree, ...other } },
  {
    name: 'package.json has another',
    isLocked: false,
    asks: { dependencies: { a: '1.0.0', d: '1' } },
  },
  { name: 'the lock file has another', isLocked: false, locked: { ...tree, 'node_modules/d': a } },
  {
    name: 'one that others need as well is missing',
    isLocked: false,
    installed: { 'node_modules/a': a },
  },
  {
    name: 'a version is another',
    isLocked: false,
    installed: { ...tree, 'node_modules/a': { ...a, version: '1.0.1' } },
  },
  {
    name: 'a version is the same and its bytes are not',
    isLocked: false,
    installed: { ...tree, 'node_modules/a': { ...a, integrity: 'sha512-b' } },
  },
  { name: 'one more is there', isLocked: false, installed: { ...tree, 'node_modules/d': a } },
  { name: 'its folder is gone', isLocked: false, there: [] },
]

test.each(cases)('the tree is looked at: $name', async (given) => {
  const { asks = asked, locked = tree, installed = tree, there = ['a'], isLocked } = given
  write('package.json', asks)
  write('package-lock.json', { packages: { '': asked, ...locked } })
  write('node_modules/.package-lock.json', { packages: installed })
  for (const name of there) write(`node_modules/${name}/package.json`, {})
  const program = `import { isTreeLocked } from ${JSON.stringify(script)}
    console.log(isTreeLocked(${JSON.stringify(folder)}))`
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(stdout.trim()).toBe(String(isLocked))
})
