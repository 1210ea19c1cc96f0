import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { exitCodeHelp } from '../src/cli/failure.ts'
import { pageOf, troubles } from '../src/model/trouble.ts'
import { anchorsOf } from './support/headings.ts'

const folder = path.join(import.meta.dirname, '..')
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
const guide = read('docs/troubleshooting.md')

test('every trouble that code can name has its section, once', () => {
  const anchors = anchorsOf(guide)
  for (const trouble of troubles) {
    const [file, anchor] = pageOf(trouble).split('#')
    expect([trouble, file]).toEqual([trouble, 'docs/troubleshooting.md'])
    expect([trouble, anchors.filter((one) => one === anchor).length]).toEqual([trouble, 1])
  }
})

test('no section is of nothing that code names', () => {
  const sections = [...guide.matchAll(/^### (.+)$/gm)].map(([, name = '']) => name)
  expect(sections.toSorted()).toEqual([...troubles].toSorted())
})

test('links of the guide lead somewhere', () => {
  const links = [...guide.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)]
  expect(links.length).toBeGreaterThan(2)
  for (const [, file = '', anchor = ''] of links)
    expect([file, anchorsOf(read(`docs/${file}`)).includes(anchor)]).toEqual([file, true])
})

test('it names the exit codes that the command line has', () => {
  const codes = [...exitCodeHelp.matchAll(/^ {2}(\d) /gm)].map(([, code = '']) => code)
  const told = [...guide.matchAll(/^\| (\d) +\|/gm)].map(([, code = '']) => code)
  expect(told).toEqual(codes)
})
