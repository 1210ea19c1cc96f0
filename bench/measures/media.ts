import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { freePort } from '../../test/support/free-port.ts'
import { asMxc, asObjectId } from '../../src/model/ids.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore } from '../../src/store/store.ts'
import { makeSite, startProduct, type Site } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, limitRow, rateRow, type Measure } from '../row.ts'
import { startSubject } from '../subject.ts'
import { aliceOf, seedDatabase } from '../world.ts'

const rounds = 5
const megabyte = 1_000_000
/** Above what fits into the cache, so that every byte comes from the homeserver. */
const perRound = 300 * megabyte
const gigabyte = 1_000 * megabyte

/** Begins like a film. */
function firstPiece(): Buffer {
  const piece = Buffer.alloc(64 * 1024, 'film')
  Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42').copy(piece)
  return piece
}

async function pour(response: ServerResponse, size: number): Promise<void> {
  const piece = firstPiece()
  let go = (): void => undefined
  response.on('drain', () => go()).on('close', () => go())
  for (let left = size; left > 0 && !response.destroyed; left -= piece.length) {
    if (!response.write(left < piece.length ? piece.subarray(0, left) : piece))
      await new Promise<void>((resolve) => (go = resolve))
  }
  response.end()
}

/** A homeserver with files of any size: the id says how many bytes. Nothing of them is on a disk. */
async function startFiles(): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const [, size] = /\/download\/[^/]+\/s(\d+)$/.exec(request.url ?? '') ?? []
    if (size === undefined) response.writeHead(404).end('{}')
    else {
      response.writeHead(200, { 'content-length': size })
      void pour(response, Number(size))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, origin: `http://127.0.0.1:${port}` }
}

const idOf = (size: number): string => String(size).padStart(22, '0')
const pathOf = (size: number): string => `/_matrix/client/v1/media/download/matrix.test/s${size}`

/** A note of Alice with a file of each size. */
async function publish(site: Site, sizes: readonly number[]): Promise<void> {
  await seedDatabase(site.databaseUrl, site.publicUrl, [])
  const database = await openDatabase(site.databaseUrl)
  const store = createStore({ database, clock: createSystemClock() })
  const object = asObjectId(`${site.publicUrl}/objects/AAAAAAAAAAAAAAAAAAAAAA`)
  const { id: author } = aliceOf(site.publicUrl)
  const record = { id: object, author, isLocal: true, visibility: 'public', published: 0 } as const
  await store.commit([
    { change: 'put-object', object: { ...record, to: [], cc: [], mentions: [] } },
    ...sizes.map((size) => {
      const media = { id: idOf(size), mxc: asMxc(`mxc://matrix.test/s${size}`), part: 0 }
      return { change: 'put-media', media: { ...media, object, createdAt: 0 } } as const
    }),
  ])
  database.close()
}

async function download(origin: string, path: string, size: number): Promise<void> {
  const pool = new Pool(origin, { connections: 1 })
  const { statusCode, body } = await pool.request({ method: 'GET', path })
  let got = 0
  for await (const chunk of body as AsyncIterable<Buffer>) got += chunk.length
  await pool.close()
  if (statusCode !== 200 || got !== size) throw new Error(`${path}: ${statusCode}, ${got} bytes`)
}

/** Files from the homeserver through the compiled bridge, against a pipe. */
export const media: Measure = {
  name: 'media',
  async run(tell) {
    const { server, origin } = await startFiles()
    const site = await makeSite(origin)
    await publish(site, [perRound, gigabyte])
    const port = await freePort()
    const bare = await startSubject({ script: 'bare/pipe.ts', settings: { port, origin } })
    const bridge = await startProduct(site)
    await pause(3_000)
    const count = perRound / megabyte
    const pair = await inTurn(
      rounds,
      () =>
        timed(bare, count, () => download(`http://127.0.0.1:${port}`, pathOf(perRound), perRound)),
      () =>
        timed(bridge, count, () => download(site.publicUrl, `/media/${idOf(perRound)}`, perRound)),
    )
    tell(`${rounds} rounds of ${count} MB`)
    await bridge.stop()
    const fresh = await startProduct(site)
    await pause(3_000)
    const before = await fresh.usage()
    await download(site.publicUrl, `/media/${idOf(gigabyte)}`, gigabyte)
    const after = await fresh.usage()
    tell(
      `1 GB: ${(before.rss / megabyte).toFixed(1)} MB before, at most ${(after.peak / megabyte).toFixed(1)}`,
    )
    await Promise.all([bare.stop(), fresh.stop()])
    server.closeAllConnections()
    server.close()
    return [
      rateRow('media streaming, MB', pair, 0.8),
      cpuRow('media streaming, CPU per MB', pair),
      limitRow('memory that 1 GB of media adds', (after.peak - before.peak) / megabyte, {
        ...{ unit: 'MB', most: 60 },
      }),
    ]
  },
}
