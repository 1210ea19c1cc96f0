import type { Router } from 'express'
import type { Config } from './config/config.ts'
import { databasePathOf } from './config/database-path.ts'
import type { Clock, Log } from './model/clock.ts'
import type { Deps } from './bridge/ports.ts'
import type { Files } from './model/file.ts'
import type { Http } from './model/http.ts'
import type { SqliteStore } from './store/store.ts'
import { createMediaStream } from './matrix/media-stream.ts'
import { createFileReader } from './matrix/own-files.ts'
import { createMediaCache, type MediaCache } from './web/media-cache.ts'
import { mediaRoutes } from './web/media.ts'

export type ServedMedia = {
  readonly routes: Router
  /** Takes up the copies of an earlier process. */
  readonly load: () => Promise<void>
  /** See `Deps`. */
  readonly readFile: Deps['readFile']
  /** Removes copies; see `Deps`. */
  readonly forget: (ids: readonly string[]) => Promise<void>
}

type World = {
  readonly config: Config
  /** To the homeserver, for files. */
  readonly http: Http
  readonly store: SqliteStore
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
}

/** Beside the database, whose name it carries: what is there belongs to it. */
function folderOf(config: Config): string | undefined {
  const file = databasePathOf(config)
  return config.media.cacheSize === 0 || file === ':memory:' ? undefined : `${file}-media`
}

/** Files of notes, and custom emoji. */
async function findMedia(store: SqliteStore, id: string) {
  const found = await store.findMedia(id)
  if (found !== undefined) return found
  const media = await store.findEmojiFile(id)
  return media === undefined ? undefined : ({ media, access: 'public' } as const)
}

function cacheOf({ config, store, clock, log }: World): MediaCache | undefined {
  const folder = folderOf(config)
  if (folder === undefined) return undefined
  return createMediaCache({
    folder,
    maxBytes: config.media.cacheSize,
    mayKeep: async (id) => ((await findMedia(store, id))?.access ?? 'gone') !== 'gone',
    clock,
    log,
  })
}

/** Loaded when the first file is asked for: a bridge without files does without. */
async function typeOf(head: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  return (await fileTypeFromBuffer(head))?.mime
}

/** The files of notes and custom emoji, from the homeserver to whoever has their URL. */
export function serveMedia(world: World): ServedMedia {
  const { config, http, store, files, clock, log } = world
  const cache = cacheOf(world)
  const { asToken } = config.appservice
  const open = createMediaStream({ http, baseUrl: config.homeserver.url, asToken })
  return {
    routes: mediaRoutes({
      findMedia: (id) => findMedia(store, id),
      open,
      ...(cache === undefined ? {} : { cache }),
      typeOf,
      clock,
      log,
    }),
    readFile: createFileReader({ open, files }),
    load: async () => cache?.load(),
    forget: async (ids) => cache?.forget(ids),
  }
}
