import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { RejectedError } from '../../src/model/errors.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'

const folder = new URL('../../../shared/fixtures/', import.meta.url).pathname
const paths = existsSync(folder) ? globSync('*/*.json', { cwd: folder }).sort() : []
const documents = paths.map((path): [string, unknown] => [
  path,
  JSON.parse(readFileSync(folder + path, 'utf8')),
])
const codes = ['not-activitypub', 'hostile', 'forwarded', 'gone']

/** What became of it: the kind of value, or the code of the refusal. Anything else that is thrown is a bug. */
function outcome(parse: () => { readonly type: string }): string {
  try {
    return parse().type
  } catch (error) {
    if (error instanceof RejectedError) return error.code ?? 'no code'
    throw error
  }
}

const readers: [string, (document: unknown) => { readonly type: string }][] = [
  ['activity', (document) => parseActivity(document, 0)],
  ['note', (document) => parseNote(document)],
  ['actor', (document) => ({ type: parseActor(document, 0).kind })],
]

if (documents.length === 0) {
  test.skip('recorded documents are not on this machine', () => undefined)
} else {
  test.each(readers)('every recorded document is an %s or refused by a code', (_, reader) => {
    const names = documents.map(([path, document]) => [path, outcome(() => reader(document))])
    expect(names.filter(([, name]) => name === 'no code' || name === '')).toEqual([])
    const read = names.filter(([, name]) => name !== undefined && !codes.includes(name))
    expect(read.length).toBeGreaterThan(40)
  })

  const invented = /^(fep-spec|[a-z]+-synthetic)\//
  test('actors of all software are read', () => {
    const persons = documents.filter(([path]) => path.includes('/person-') && !invented.test(path))
    const outcomes = persons.map(([path, document]) => [
      path,
      outcome(() => ({ type: parseActor(document, 0).kind })),
    ])
    expect(outcomes.filter(([, name]) => name !== 'Person')).toEqual([])
    expect(outcomes.length).toBeGreaterThan(10)
  })
}
