import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeFolder } from './process.ts'

type Environment = Readonly<Record<string, string>>

const file = pathToFileURL(path.join(import.meta.dirname, 'preload.mjs')).href

/** The environment of a program that finds every name below `localhost` on this machine. */
export const names: Environment = { NODE_OPTIONS: `--import=${file}` }

export type MovedClock = {
  /** The environment of programs that have this clock from their next start on. */
  readonly env: Environment
  /** Milliseconds that it is ahead. */
  set(ahead: number): Promise<void>
}

/** A clock that is right until it is set. */
export async function makeMovedClock(): Promise<MovedClock> {
  const clock = path.join(await makeFolder('clock'), 'ahead')
  const set = (ahead: number): Promise<void> => writeFile(clock, String(ahead))
  await set(0)
  return { env: { ...names, TEST_CLOCK: clock }, set }
}
