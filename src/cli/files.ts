import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { Failure, exitCodes } from './failure.ts'

/** Fails when there is such a file: nothing that may be in use is ever overwritten. */
export function assertAbsent(path: string): void {
  if (!existsSync(path)) return
  const mend = 'Nothing was written. Move it away first, or choose another place.'
  throw new Failure(exitCodes.failure, `${path} exists already.`, mend)
}

/** Fails when nothing can be written there, before anybody is asked anything. */
export function assertWritable(folder: string): void {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder) {
    const mend = 'Nothing was written. Make it first: mkdir, or "install -d" with the right owner.'
    throw new Failure(exitCodes.failure, `there is no folder ${folder}.`, mend)
  }
  accessSync(folder, constants.W_OK | constants.X_OK)
}

/** Writes a new file that only its owner can read, since there are tokens in it. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
}
