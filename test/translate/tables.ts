import { globSync, readFileSync } from 'node:fs'
import type { ActivityRow, KnownRow } from './known-for-matrix.ts'
import type { EventRow, KnownEventRow } from './known-for-fediverse.ts'
import type { Outcome } from './outcome.ts'

export type MatrixRow = { title: string; activity: ActivityRow; known: KnownRow; expect: Outcome }
export type FediverseRow = {
  title: string
  event: EventRow
  known: KnownEventRow
  expect: Outcome
}

function tablesIn<Row>(name: string): [string, Row[]][] {
  const folder = new URL(`../fixtures/${name}/`, import.meta.url).pathname
  const files = globSync('*.json', { cwd: folder }).sort()
  return files.map((file) => [file, JSON.parse(readFileSync(folder + file, 'utf8')) as Row[]])
}

export const matrixTables = (): [string, MatrixRow[]][] => tablesIn<MatrixRow>('to-matrix')
export const fediverseTables = (): [string, FediverseRow[]][] =>
  tablesIn<FediverseRow>('to-activitypub')
