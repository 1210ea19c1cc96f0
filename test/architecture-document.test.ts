import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8')

type Rule = {
  readonly from: { readonly path?: string }
  readonly to: { readonly path?: string | readonly string[]; readonly pathNot?: unknown }
}
const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  forbidden: readonly Rule[]
}

/** By module, what it may import beside itself: as in the rules, `^src/model/` and `^src/main.ts`. */
const rules = new Map(
  forbidden.flatMap(({ from, to }) => {
    const [, module] = /^\^src\/(\w+)\/$/.exec(from.path ?? '') ?? []
    if (module === undefined || to.path !== '^src/' || !Array.isArray(to.pathNot)) return []
    const allowed = (to.pathNot as string[]).map((one) =>
      one.replace(/^\^src\//, '').replace(/\/$|\.ts$/, ''),
    )
    return [[module, allowed.filter((one) => one !== module).sort()] as const]
  }),
)

/** The same as the table has it; the file that wires may import everything. */
const table = new Map(
  text
    .slice(text.indexOf('## Modules'), text.indexOf('## Kinds of portals'))
    .split('\n')
    .filter((line) => line.startsWith('| `') && !line.startsWith('| `main`'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, module = '', , cell = '']) => [
      module.replaceAll('`', ''),
      cell === 'nothing' ? [] : cell.split(', ').sort(),
    ]),
)

test('the table of modules says what the import rules enforce', () => {
  expect(table.size).toBeGreaterThan(15)
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(rules))
})
