import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
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

/**
 * Gives a file that is there another text, all of it or nothing of it, whenever the machine stops. It
 * keeps its owner and group, and lets at most that group read it: the homeserver's may have to.
 */
export function replacePrivate(path: string, text: string): void {
  const { mode, uid, gid } = statSync(path)
  const fresh = `${path}.new`
  const file = openSync(fresh, 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
    const now = statSync(fresh)
    if (now.uid !== uid || now.gid !== gid) chownSync(fresh, uid, gid)
    chmodSync(fresh, mode & 0o640)
  } finally {
    closeSync(file)
  }
  renameSync(fresh, path)
  syncFolder(dirname(path))
}

/** The new name is on disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
