import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const document = read('docs/interop.md')

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const [head = [], , ...rows] = document
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map(cellsOf)

type Named = { readonly number: string; readonly file: string; readonly title: string }

const named: readonly Named[] = [...document.matchAll(/^(\d+)\. `([\w-]+)`: (.+)$/gm)].map(
  ([, number = '', file = '', title = '']) => ({ number, file, title }),
)
const fileOf = (number: string): string =>
  named.find((one) => one.number === number)?.file ?? `no test ${number}`

const peers = ['snac', 'snac', 'apex', 'apex', 'fedify', 'fedify'] as const
/** What stands in a cell, with the software of its column. */
const marks = rows.flatMap(([what = '', ...cells]) =>
  cells.flatMap((cell, index) =>
    cell.split(', ').map((mark) => ({ what, mark, peer: peers[index] ?? 'no peer' })),
  ),
)
const isNumber = ({ mark }: { readonly mark: string }): boolean => /^\d+$/.test(mark)
const cited = marks.filter(isNumber).map(({ mark: number, ...rest }) => ({ number, ...rest }))
const reasons = [...document.matchAll(/^- \*\*([a-z])\*\*: .+$/gm)].map(([, letter]) => letter)

describe('docs/interop.md', () => {
  test.each(named)('$number names a test that is there: $file, $title', ({ file, title }) => {
    const source = `test/e2e/${file}.test.ts`
    expect(existsSync(path.join(root, source))).toBe(true)
    expect(read(source)).toContain(`'${title}'`)
  })

  test('names tests alone that have the server of that column', () => {
    expect(cited.length).toBeGreaterThan(160)
    const wrong = cited.filter(({ number, peer }) => {
      const file = fileOf(number)
      const all = /describeWith\(\s*\[([^\]]*)\]/.exec(read(`test/e2e/${file}.test.ts`))?.[1] ?? ''
      return !all.includes(`'${peer}'`) || !all.includes("'synapse'")
    })
    expect(wrong).toEqual([])
  })

  test('says of every cell what was tried, or why nothing was', () => {
    expect(rows.length).toBeGreaterThan(40)
    expect(rows.filter((row) => row.length !== head.length || row.includes(''))).toEqual([])
    const letters = marks.filter((one) => !isNumber(one)).map(({ mark }) => mark)
    expect([...new Set(letters)]).toEqual(reasons)
    expect(reasons).toEqual([...reasons].sort())
  })

  test('names every test that is listed, once', () => {
    expect(named.map(({ number }) => number)).toEqual(named.map((_, index) => `${index + 1}`))
    const used = new Set(cited.map(({ number }) => number))
    expect(named.filter(({ number }) => !used.has(number))).toEqual([])
  })

  test('says the versions that are installed', () => {
    const versionOf = (peer: string, name: string): string => {
      const { dependencies } = JSON.parse(read(`test/peers/${peer}/package.json`)) as {
        readonly dependencies: Readonly<Record<string, string>>
      }
      return dependencies[name] ?? 'none'
    }
    expect(head[1]).toMatch(/^snac2 \d/)
    expect(head[3]).toBe(`activitypub-express ${versionOf('apex', 'activitypub-express')}, in`)
    expect(head[5]).toBe(`Fedify ${versionOf('fedify', '@fedify/fedify')}, in`)
    const [, synapse = ''] =
      /^matrix-synapse==(\S+)/m.exec(read('test/peers/synapse/requirements.txt')) ?? []
    expect(document).toContain(`Synapse ${synapse} `)
  })
})
