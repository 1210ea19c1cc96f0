import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Clock, Log } from '../model/clock.ts'

/** A copy of a file on our disk, whole or on its way. */
export type Copy = {
  /** Bytes, when it is whole. */
  readonly size: number
  /**
   * From `start` up to, not including, `end`; what is not there yet is waited for. Throws when it
   * cannot become whole, or is not there any more.
   */
  read(start: number, end: number): AsyncIterable<Buffer>
}

/** Takes a copy piece by piece, as fast as the disk. */
export type Filling = {
  readonly copy: Copy
  write(chunk: Uint8Array): Promise<void>
  /** Resolves when it is kept, or, shorter or longer than announced, thrown away. */
  end(): Promise<void>
  fail(error: Error): Promise<void>
}

export type MediaCache = {
  find(id: string): Copy | undefined
  /** Whether so much could be kept now, if others made room. */
  hasRoomFor(size: number): boolean
  /** Makes room; undefined when there is none for so much, or when the disk gives trouble. */
  begin(id: string, size: number): Filling | undefined
  /** Removes copies, also those on their way. */
  forget(ids: readonly string[]): Promise<void>
  /** Takes up what an earlier process left. */
  load(): Promise<void>
}

export type MediaCacheDeps = {
  readonly folder: string
  /** Bytes of all copies together. */
  readonly maxBytes: number
  /** Whether a file may still be had. */
  readonly mayKeep: (id: string) => Promise<boolean>
  readonly clock: Clock
  readonly log: Log
}

/** A larger file than this share of all would push too much out; it is passed on without a copy. */
const largestShare = 1 / 4
const pieceSize = 64 * 1024
/** How long after trouble with the disk nothing is written, milliseconds. */
const trouble = 60_000
const form = /^[A-Za-z0-9_-]{22}$/

type Entry = {
  readonly id: string
  readonly size: number
  path: string
  /** Its name once it is whole. */
  readonly target: string
  /** Bytes that can be read. */
  written: number
  isWhole: boolean
  error?: Error
  /** Of one on its way. */
  fail?: (error: Error) => Promise<void>
  readonly onProgress: Set<() => void>
}

function tellProgress(entry: Entry): void {
  const waiting = [...entry.onProgress]
  entry.onProgress.clear()
  for (const wake of waiting) wake()
}

const progressOf = (entry: Entry): Promise<void> =>
  new Promise((resolve) => entry.onProgress.add(resolve))

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'

function throwIfFailed({ error }: Entry): void {
  if (error !== undefined) throw error
}

/** While a copy becomes whole, its file gets another name: a moment before we hear of it. */
async function openCopy(entry: Entry): Promise<FileHandle> {
  try {
    return await open(entry.path, 'r')
  } catch (error) {
    if (!isMissing(error)) throw error
    return open(entry.target, 'r')
  }
}

type Span = { readonly start: number; readonly end: number }

/** `onLost`: its file is not there although nobody here removed it. */
async function* readCopy(
  entry: Entry,
  { start, end }: Span,
  onLost: () => void,
): AsyncGenerator<Buffer> {
  let file: FileHandle | undefined
  let at = start
  try {
    while (at < Math.min(end, entry.size)) {
      throwIfFailed(entry)
      const wanted = Math.min(pieceSize, end - at, entry.written - at)
      if (wanted <= 0) {
        await progressOf(entry)
        continue
      }
      file ??= await openCopy(entry).catch((error: unknown) => {
        onLost()
        throw error
      })
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, at)
      if (bytesRead === 0) throw new Error(`${entry.path} is shorter than it was`)
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file?.close()
  }
}

/** Entries by id, those that nobody asked for longest first; and what they need, or will. */
function createShelf({ maxBytes }: MediaCacheDeps) {
  // A Map iterates in the order of insertion.
  const entries = new Map<string, Entry>()
  let size = 0
  const remove = (entry: Entry): boolean => {
    if (entries.get(entry.id) !== entry) return false
    size -= entry.size
    return entries.delete(entry.id)
  }
  return {
    remove,
    get: (id: string) => entries.get(id),
    put(entry: Entry): void {
      entries.set(entry.id, entry)
      size += entry.size
    },
    touch(entry: Entry): void {
      entries.delete(entry.id)
      entries.set(entry.id, entry)
    },
    /** Removes as many as it takes; nothing when that is not enough. */
    makeRoom(needed: number): readonly Entry[] | undefined {
      if (needed > maxBytes * largestShare) return undefined
      const removed: Entry[] = []
      let free = maxBytes - size
      for (const entry of entries.values()) {
        if (free >= needed) break
        if (!entry.isWhole) continue
        removed.push(entry)
        free += entry.size
      }
      if (free < needed) return undefined
      for (const entry of removed) remove(entry)
      return removed
    },
  }
}

type Shelf = ReturnType<typeof createShelf>

const copyOf = (entry: Entry, shelf: Shelf): Copy => ({
  size: entry.size,
  read: (start, end) => readCopy(entry, { start, end }, () => void shelf.remove(entry)),
})

type Disk = MediaCacheDeps & { readonly shelf: Shelf; readonly onTrouble: (error: unknown) => void }

const erase = (entry: Entry): Promise<void> => rm(entry.path, { force: true })

function fillingOf(entry: Entry, disk: Disk): Filling {
  let opened: Promise<FileHandle> | undefined
  const file = (): Promise<FileHandle> => (opened ??= open(entry.path, 'w', 0o600))

  const fail = async (error: Error): Promise<void> => {
    if (entry.error !== undefined || entry.isWhole) return
    entry.error = error
    disk.shelf.remove(entry)
    tellProgress(entry)
    await opened?.then((handle) => handle.close()).catch(() => undefined)
    await erase(entry)
  }

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      disk.onTrouble(error)
      await fail(new Error('the copy could not be written', { cause: error }))
    }
  }

  const keep = async (): Promise<void> => {
    await (await file()).close()
    await rename(entry.path, entry.target)
    entry.path = entry.target
    // It was given up meanwhile, when its file still had the other name.
    if (entry.error !== undefined) return erase(entry)
    entry.isWhole = true
    tellProgress(entry)
  }

  entry.fail = fail

  return {
    copy: copyOf(entry, disk.shelf),
    async write(chunk) {
      throwIfFailed(entry)
      if (entry.written + chunk.length > entry.size) await fail(new Error('longer than announced'))
      else
        await attempt(async () => {
          await (await file()).writeFile(chunk)
          entry.written += chunk.length
          tellProgress(entry)
        })
      throwIfFailed(entry)
    },
    async end() {
      if (entry.error !== undefined) return
      if (entry.written < entry.size) return fail(new Error('shorter than announced'))
      await attempt(keep)
      // It may have been deleted on its way; what is deleted from now on finds it.
      if (entry.isWhole && !(await disk.mayKeep(entry.id)) && disk.shelf.remove(entry))
        await erase(entry)
    },
    fail,
  }
}

async function loadFolder({ folder, shelf, mayKeep }: Disk): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found: { id: string; path: string; size: number; at: number }[] = []
  for (const id of await readdir(folder)) {
    const file = path.join(folder, id)
    const { size, mtimeMs: at } = await stat(file)
    if (form.test(id)) found.push({ id, path: file, size, at })
    else await rm(file, { force: true })
  }
  for (const { id, path: file, size } of found.sort((a, b) => a.at - b.at)) {
    const entry = {
      id,
      path: file,
      target: file,
      size,
      written: size,
      isWhole: true,
      onProgress: new Set<never>(),
    }
    const removed = shelf.makeRoom(size)
    for (const old of removed ?? [entry]) await erase(old)
    if (removed === undefined) continue
    shelf.put(entry)
    if (!(await mayKeep(id)) && shelf.remove(entry)) await erase(entry)
  }
}

/**
 * Copies of published files in a folder of their own, bounded in bytes: those that nobody asked for
 * longest make room. Trouble with the disk means no copies, never no files.
 */
export function createMediaCache(deps: MediaCacheDeps): MediaCache {
  const { clock, log, folder } = deps
  const shelf = createShelf(deps)
  let restsUntil = Infinity
  const onTrouble = (error: unknown): void => {
    restsUntil = clock.now() + trouble
    log.warn({ err: error, folder }, 'no copies of files can be kept')
  }
  const disk: Disk = { ...deps, shelf, onTrouble }
  const eraseAll = (entries: readonly Entry[]): void => {
    for (const entry of entries) erase(entry).catch(onTrouble)
  }
  return {
    find(id) {
      const entry = shelf.get(id)
      if (entry === undefined) return undefined
      shelf.touch(entry)
      return copyOf(entry, shelf)
    },
    hasRoomFor: (size) => clock.now() >= restsUntil && size <= deps.maxBytes * largestShare,
    begin(id, size) {
      if (clock.now() < restsUntil || !form.test(id) || shelf.get(id) !== undefined)
        return undefined
      const removed = shelf.makeRoom(size)
      if (removed === undefined) return undefined
      eraseAll(removed)
      const target = path.join(folder, id)
      const entry = {
        id,
        size,
        path: `${target}.part`,
        target,
        written: 0,
        isWhole: false,
        onProgress: new Set<never>(),
      }
      shelf.put(entry)
      return fillingOf(entry, disk)
    },
    async forget(ids) {
      for (const id of ids) {
        const entry = shelf.get(id)
        if (entry === undefined) continue
        shelf.remove(entry)
        if (entry.isWhole) await erase(entry)
        else await entry.fail?.(new Error('the file is deleted'))
      }
    },
    async load() {
      try {
        await loadFolder(disk)
        restsUntil = 0
      } catch (error) {
        onTrouble(error)
      }
    },
  }
}
