import type { Files } from '../model/file.ts'
import { createDiskFile } from './disk.ts'
import { createInspector } from './inspect.ts'
import { createLooks } from './looks.ts'

/** `folder` is where what passes through needs room: on a disk, not in a file system of memory. */
export function createFiles(folder: string): Files {
  return {
    create: () => createDiskFile(folder),
    inspect: createInspector().inspect,
    look: createLooks(),
  }
}
