import http from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { idOf, pngOf, setUp, until, type File, type Setup } from './media-setup.ts'

const url = (name: string): string => `/media/${idOf(name)}`
/** More than sockets hold on their way. */
const large = pngOf(30_000_000)
const small = pngOf(10_000)
const cached = { maxBytes: 1_000_000 }

let setup: Setup | undefined
afterEach(async () => {
  await setup?.close()
  setup = undefined
})

async function serve(
  files: Readonly<Record<string, File>>,
  options?: Parameters<typeof setUp>[1],
): Promise<Setup> {
  setup = await setUp(files, options)
  return setup
}

/** A client that has the head of the answer and reads nothing of it. */
function openAndWait({ port }: Setup, target: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: target, agent: false }, resolve)
    request.once('error', reject)
  })
}

const statusOf = async (answers: readonly Promise<{ status: number }>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ status }) => status)

describe('a file that fits into the cache', () => {
  test('is read from the homeserver once, however many want it', async () => {
    const { get, asked, copies } = await serve({ cat: { bytes: small } }, cached)
    const range = { headers: { range: 'bytes=9000-' } }
    const answers = Array.from({ length: 12 }, (_, n) => get(url('cat'), n % 2 === 0 ? {} : range))
    for (const [n, { body }] of (await Promise.all(answers)).entries())
      expect(body.equals(n % 2 === 0 ? small : small.subarray(9_000))).toBe(true)
    await get(url('cat'), { method: 'HEAD' })
    await until(() => copies().includes(idOf('cat')))
    expect([asked, copies()]).toEqual([['all'], [idOf('cat')]])
  })

  test('is read again when its copy made room for others', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, n) => [`f${n}`, { bytes: pngOf(200_000) }] as const),
    )
    const { get, asked, copies } = await serve(files, cached)
    for (const name of Object.keys(files)) await get(url(name))
    expect(copies()).not.toContain(idOf('f0'))
    const { body } = await get(url('f0'))
    expect(body.equals(pngOf(200_000))).toBe(true)
    expect(asked).toHaveLength(7)
    // It is whole a moment after whoever waited for it has it.
    await until(() => copies().includes(idOf('f0')))
  })

  test('is had although its copy vanished from the disk', async () => {
    const { get, cache, asked } = await serve({ cat: { bytes: small } }, cached)
    await get(url('cat'))
    await until(() => cache?.find(idOf('cat')) !== undefined)
    const copy = cache?.find(idOf('cat'))
    if (cache === undefined || copy === undefined) throw new Error('no copy')
    // As if somebody else removed it between the look and the reading.
    const lost = {
      ...copy,
      read: () => {
        throw new Error('ENOENT')
      },
    }
    const { find } = cache
    Object.assign(cache, { find: () => lost })
    const { status, body } = await get(url('cat'))
    Object.assign(cache, { find })
    expect([status, body.equals(small), asked]).toEqual([200, true, ['all', 'all']])
  })

  test('has no copy left when it is deleted', async () => {
    const file = { bytes: small, access: 'public' as File['access'] & string }
    const { get, cache, copies } = await serve({ cat: file }, cached)
    await get(url('cat'))
    await until(() => copies().includes(idOf('cat')))
    Object.assign(file, { access: 'gone' })
    await cache?.forget([idOf('cat')])
    expect((await get(url('cat'))).status).toBe(410)
    await until(() => copies().length === 0)
  })

  test('leaves no copy when it was deleted on its way', async () => {
    const file: File = { bytes: pngOf(200_000), access: 'public' }
    const { get, copies } = await serve({ cat: file }, cached)
    const answer = get(url('cat'))
    Object.assign(file, { access: 'gone' })
    await answer
    await until(() => copies().length === 0)
    expect((await get(url('cat'))).status).toBe(410)
  })
})

describe('a file that does not fit', () => {
  test('leaves no copy, and its part is asked for as a part', async () => {
    const { get, asked, copies } = await serve({ film: { bytes: large } }, cached)
    const range = { headers: { range: 'bytes=20000000-20000999' } }
    const { body } = await get(url('film'), range)
    expect(body.equals(large.subarray(20_000_000, 20_001_000))).toBe(true)
    await get(url('film'), range)
    // What it is was found out once.
    expect(asked).toEqual(['all', '20000000-20000999', '20000000-20000999'])
    expect(copies()).toEqual([])
  })

  test('is not read on when its client goes away', async () => {
    const here = await serve({ film: { bytes: large } })
    const response = await openAndWait(here, url('film'))
    const before = here.givenUp()
    response.destroy()
    await until(() => here.givenUp() > before)
    expect(here.lines).toEqual([])
  })
})

describe('a client', () => {
  test('that reads nothing is left', async () => {
    const here = await serve({ film: { bytes: large } }, { limits: { idle: 50 } })
    const response = await openAndWait(here, url('film'))
    const isCut = new Promise((resolve) => response.once('error', resolve))
    await until(() => here.givenUp() > 1)
    response.resume()
    expect(await isCut).toMatchObject({ code: 'ECONNRESET' })
  })

  test('that reads a drop now and then is left, too', async () => {
    const limits = { idle: 60_000, grace: 100, leastRate: 100_000 }
    const here = await serve({ film: { bytes: large } }, { limits })
    const response = await openAndWait(here, url('film'))
    response.on('error', () => undefined)
    const drip = setInterval(() => void response.read(), 20)
    await until(() => here.givenUp() > 1)
    clearInterval(drip)
  })

  test('does not take all turns', async () => {
    const limits = { perClient: 1, inAll: 3, waitingPerClient: 0, idle: 60_000 }
    const here = await serve({ film: { bytes: large }, cat: { bytes: small } }, { limits })
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
    const busy = await new Promise<http.IncomingMessage>((resolve) => {
      const headers = { 'x-forwarded-for': '203.0.113.1' }
      http.get({ port: here.port, host: '127.0.0.1', path: url('film'), headers }, resolve)
    })
    const again = await here.get(url('cat'), from('203.0.113.1'))
    expect([again.status, again.headers['retry-after']]).toEqual([429, '10'])
    expect((await here.get(url('cat'), from('203.0.113.2'))).status).toBe(200)
    // Behind a proxy that names nobody, all share what is for all.
    expect(await statusOf([here.get(url('cat')), here.get(url('cat'))])).toEqual([200, 200])
    busy.destroy()
  })

  test('that comes when all is taken waits a little', async () => {
    const limits = { perClient: 1, inAll: 1, longestWait: 5_000, idle: 60_000 }
    const here = await serve({ film: { bytes: large }, cat: { bytes: small } }, { limits })
    const busy = await openAndWait(here, url('film'))
    const answer = here.get(url('cat'))
    setTimeout(() => busy.destroy(), 50)
    expect((await answer).status).toBe(200)
  })

  test('needs no turn to hear that nothing is there, or nothing new', async () => {
    const limits = { inAll: 0, waitingInAll: 0 }
    const { get } = await serve(
      { cat: { bytes: small }, dog: { bytes: small, access: 'gone' } },
      { limits },
    )
    const fresh = { headers: { 'if-none-match': `"${idOf('cat')}"` } }
    expect(
      await statusOf([get(url('cow')), get(url('dog')), get(url('cat'), fresh), get(url('cat'))]),
    ).toEqual([404, 410, 304, 429])
  })
})
