import { existsSync, writeFileSync } from 'node:fs'
import { Failure, exitCodes } from './failure.ts'

/** Fails when there is such a file: nothing that may be in use is ever overwritten. */
export function assertAbsent(path: string): void {
  if (!existsSync(path)) return
  const mend = 'Nothing was written. Move it away first, or choose another place.'
  throw new Failure(exitCodes.failure, `${path} exists already.`, mend)
}

/** Writes a new file that only its owner can read, since there are tokens in it. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
}
