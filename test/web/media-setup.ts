import http from 'node:http'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fileTypeFromBuffer } from 'file-type'
import type { MediaAccess, ServedFile } from '../../src/model/media.ts'
import { createMediaCache, type MediaCache } from '../../src/web/media-cache.ts'
import { mediaRoutes, type MediaDeps } from '../../src/web/media.ts'
import type { OpenMedia } from '../../src/web/media-facts.ts'
import { asMxc } from '../../src/model/ids.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import { createRecordingLog, type LogLine } from '../matrix/setup.ts'

export const idOf = (name: string): string => name.padEnd(22, '-')

const mediaOf = (name: string, more: Partial<ServedFile> = {}): ServedFile => ({
  id: idOf(name),
  mxc: asMxc(`mxc://hs.test/${name}`),
  createdAt: 1,
  ...more,
})

const pngHead = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600000000', 'hex')

/** Begins like a PNG; every byte after that is told by its place. */
export function pngOf(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at++) bytes[at] = at % 251
  pngHead.copy(bytes)
  return bytes
}

export type File = {
  readonly bytes: Buffer
  readonly access?: MediaAccess
  readonly media?: Partial<ServedFile>
  /** How the homeserver is with it. */
  readonly manner?: 'absent' | 'away' | 'cut' | 'silent about its size' | 'without parts'
}

export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
  /** The answer ended before what it announced. */
  readonly isCut: boolean
}

type Ask = { readonly method?: string; readonly headers?: http.OutgoingHttpHeaders }

export type Setup = {
  readonly port: number
  readonly cache: MediaCache | undefined
  /** Ranges that the homeserver was asked for: `all` or `first-last`. */
  readonly asked: readonly string[]
  readonly lines: readonly LogLine[]
  /** Exchanges with the homeserver that were given up. */
  readonly givenUp: () => number
  get(path: string, ask?: Ask): Promise<Answer>
  copies(): readonly string[]
  close(): Promise<void>
}

const chunkSize = 1_000

/** A homeserver that has these files, and gives a part of one where it is asked for it. */
function homeserverOf(files: Readonly<Record<string, File>>) {
  const asked: string[] = []
  let givenUp = 0
  const open: OpenMedia = async (mxc, { range, signal, take }) => {
    asked.push(range === undefined ? 'all' : `${range.first}-${range.last}`)
    const file = files[mxc.split('/').at(-1) ?? '']
    if (file === undefined || file.manner === 'absent') return false
    if (file.manner === 'away') throw new Error('no answer')
    const { manner, bytes } = file
    const isPart = range !== undefined && manner !== 'without parts'
    const [first, last] = isPart ? [range.first, range.last] : [0, bytes.length - 1]
    const size = manner === 'silent about its size' ? {} : { size: bytes.length }
    const sink = take({ start: first, ...size })
    try {
      for (let at = first; at <= last && sink !== undefined; at += chunkSize) {
        signal.throwIfAborted()
        if (manner === 'cut' && at > bytes.length / 2) throw new Error('it stopped')
        await sink.write(bytes.subarray(at, Math.min(at + chunkSize, last + 1)))
      }
    } catch (error) {
      givenUp += 1
      throw error
    }
    return true
  }
  return { open, asked, givenUp: () => givenUp }
}

/** Within half a minute. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 3_000) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Raw, so that nothing makes the path what it should be. */
function ask(port: number, target: string, { method = 'GET', headers = {} }: Ask) {
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path: target, method, headers })
    request.once('error', reject)
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      const done = (isCut: boolean): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          isCut,
        })
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('end', () => done(!response.complete))
      response.once('error', () => done(true))
    })
    request.end()
  })
}

/** The routes on a listener of their own. `maxBytes` of the cache; 0 for none. */
export async function setUp(
  files: Readonly<Record<string, File>>,
  { maxBytes = 0, limits }: { maxBytes?: number; limits?: MediaDeps['limits'] } = {},
): Promise<Setup> {
  const folder = mkdtempSync(path.join(tmpdir(), 'media-'))
  const { open, asked, givenUp } = homeserverOf(files)
  const clock = createSystemClock()
  const { log, lines } = createRecordingLog()
  const findMedia: MediaDeps['findMedia'] = async (id) => {
    const [name, file] = Object.entries(files).find(([one]) => idOf(one) === id) ?? []
    if (name === undefined || file === undefined) return undefined
    return { media: mediaOf(name, file.media), access: file.access ?? 'public' }
  }
  const mayKeep = async (id: string) => (await findMedia(id))?.access !== 'gone'
  const cache =
    maxBytes === 0 ? undefined : createMediaCache({ folder, maxBytes, mayKeep, clock, log })
  await cache?.load()
  const routes = mediaRoutes({
    findMedia,
    open,
    typeOf: async (head) => (await fileTypeFromBuffer(head))?.mime,
    clock,
    log,
    ...(cache === undefined ? {} : { cache }),
    ...(limits === undefined ? {} : { limits }),
  })
  // As the bridge sets it up.
  const app = express().disable('etag').use(routes)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    cache,
    asked,
    lines,
    givenUp,
    get: (target, how = {}) => ask(port, target, how),
    copies: () => readdirSync(folder),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
