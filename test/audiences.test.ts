import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { allCommands } from '../src/commands/help.ts'
import { anchorsOf } from './support/headings.ts'

const folder = path.join(import.meta.dirname, '..')
const docs = path.join(folder, 'docs')
const read = (file: string) => readFileSync(file, 'utf8')
const index = () => read(path.join(docs, 'README.md'))
const audiences = ['For people on Matrix', 'For administrators', 'For developers']

/** The parts of a document, by the headings of that level. */
const partsOf = (text: string, level: '##' | '###'): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(new RegExp(`^${level} `, 'm'))
      .slice(1)
      .map((part) => [part.split('\n', 1)[0] ?? '', part]),
  )

const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)

describe('docs/README.md', () => {
  test('keeps apart for whom a page is', () => {
    expect([...partsOf(index(), '##').keys()]).toEqual(audiences)
  })

  test('names every page, and only what is there', () => {
    const links = linksIn(index())
    for (const link of links) {
      const [name = '', anchor] = link.split('#')
      const file = path.join(docs, name)
      expect([link, existsSync(file)]).toEqual([link, true])
      if (anchor !== undefined)
        expect([link, anchorsOf(read(file)).includes(anchor)]).toEqual([link, true])
    }
    const named = new Set(links.map((link) => link.split('#')[0]))
    const pages = readdirSync(docs).filter((name) => /\.(?:md|yaml)$/.test(name))
    expect(pages.filter((name) => name !== 'README.md' && !named.has(name))).toEqual([])
  })

  test('is linked from the README', () => {
    expect(linksIn(read(path.join(folder, 'README.md')))).toContain('docs/README.md')
  })
})

test('docs/commands.md keeps the commands of administrators apart from all others', () => {
  const parts = partsOf(read(path.join(docs, 'commands.md')), '##')
  expect([...parts.keys()]).toEqual(audiences.slice(0, 2))
  const named = (audience: string) =>
    [...(parts.get(audience) ?? '').matchAll(/^###+ `([\w-]+)/gm)].map(([, name]) => name)
  const names = (isAdmin: boolean) =>
    allCommands.filter(({ permission }) => (permission === 'admin') === isAdmin).map((c) => c.name)
  expect(named('For people on Matrix').toSorted()).toEqual(names(false).toSorted())
  expect(named('For administrators').toSorted()).toEqual(names(true).toSorted())
})
