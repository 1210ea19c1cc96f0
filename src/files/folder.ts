import { randomUUID } from 'node:crypto'
import { open, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { faultOf, type Fault } from '../model/machine.ts'

/** Bytes that are free for us on the disk of that folder; undefined where that cannot be told. */
export async function freeBytesIn(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** As much as one page of changes. */
const probe = Buffer.alloc(65_536, 1)

/** Why a file cannot be written there, to the disk itself; undefined: it can. Nothing stays. */
export async function writeFaultIn(folder: string): Promise<Fault | undefined> {
  const path = join(folder, `.footbridge-doctor-${randomUUID()}`)
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(probe)
      await file.sync()
    } finally {
      await file.close()
      await unlink(path)
    }
    return undefined
  } catch (error) {
    return faultOf(error)
  }
}
