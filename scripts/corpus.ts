import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { documentsIn, indexOf } from '../test/corpus/documents.ts'
import { fateOf, type Seen } from '../test/corpus/fate.ts'
import { entry, summary } from '../test/corpus/table.ts'

/**
 * `npm run corpus -- <folder> [--html] [--only text]`: what a Matrix user sees of each document of a
 * folder (`<software>/<name>.json`), or why nothing; ends with a summary. Exit code 1 where something
 * is shown that says nothing. Without a folder: of the project's own documents; with `--write` that
 * table is kept as what the tests expect.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    html: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})

const own = path.join(import.meta.dirname, '../test/fixtures/documents')

/** As wide as the terminal, within what is readable; kept tables are the same everywhere. */
const width = values.write ? 100 : Math.min(Math.max(process.stdout.columns || 100, 60), 140)

function tell(folder: string): boolean {
  const documents = documentsIn(folder)
  const index = indexOf(documents)
  const rows = documents
    .filter((document) => document.path.includes(values.only))
    .map(({ path: name, software, value }) => ({ path: name, software, ...fateOf(value, index) }))
  const options = { width, withHtml: values.html || values.write }
  const table = [...rows.map((row) => entry(row, options)), summary(rows), ''].join('\n\n')
  if (values.write) writeFileSync(`${own}.txt`, table)
  else process.stdout.write(table)
  const isSilent = ({ body, file }: Seen): boolean => body.trim() === '' && file === undefined
  return !rows.some(({ seen }) => seen.some(isSilent))
}

const folder = values.write ? own : path.resolve(positionals[0] ?? own)
if (!existsSync(folder)) process.stdout.write(`There is no folder ${folder}.\n`)
process.exitCode = existsSync(folder) && tell(folder) ? 0 : 1
