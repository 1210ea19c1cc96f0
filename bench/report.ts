import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { machine } from './machine.ts'
import { type Row, toTable } from './row.ts'

const file = path.resolve(import.meta.dirname, '../docs/performance.md')
const [begin, end] = ['<!-- last run -->', '<!-- end of last run -->']

/** Puts the table in its place in docs/performance.md; the words around it are kept. */
export async function writeReport(rows: readonly Row[]): Promise<void> {
  const text = await readFile(file, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${file} has no place for it`)
  const date = new Date().toISOString().slice(0, 10)
  const head = `${date}, ${machine()}, Node ${process.version}`
  await writeFile(file, `${before}${begin}\n\n${head}\n\n${toTable(rows)}\n\n${end}${after}`)
}
