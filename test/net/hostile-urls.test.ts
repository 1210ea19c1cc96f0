import { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { LookupAddress } from 'node:dns'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals'

import { getFollowing } from '../../src/activitypub/follow.ts'
import { createGuardedHttp } from '../../src/net/guarded.ts'
import { createSystemClock } from '../../src/net/clock.ts'
import type { Names } from '../../src/net/names.ts'
import { outcomeOf } from './loopback.ts'

const address = 'RejectedError forbidden-address'
const url = 'RejectedError forbidden-url'
const nobody = 'TransientError'

/** Every address that any socket of this process begins to connect to. */
let attempts: string[] = []
let watch: { mockRestore: () => void }

beforeEach(() => {
  attempts = []
  const emit = Socket.prototype.emit
  watch = jest.spyOn(Socket.prototype, 'emit').mockImplementation(function (
    this: Socket,
    ...event: Parameters<Socket['emit']>
  ) {
    const [name, host, port]: readonly unknown[] = event
    if (name === 'connectionAttempt') attempts.push(`${String(host)} ${String(port)}`)
    return emit.apply(this, event)
  })
})
afterEach(() => watch.mockRestore())

const found = (...addresses: string[]): readonly LookupAddress[] =>
  addresses.map((one) => ({ address: one, family: one.includes(':') ? 6 : 4 }))

/** What a resolver in the hands of somebody else answers. */
const hostileNames: Readonly<Record<string, readonly LookupAddress[]>> = {
  localhost: found('127.0.0.1', '::1'),
  'localhost.': found('127.0.0.1'),
  'localhost.localdomain': found('127.0.0.1'),
  'ten.example': found('10.0.0.8'),
  'ten.example.': found('10.0.0.8'),
  'home.example': found('192.168.1.1'),
  'cgnat.example': found('100.64.1.1'),
  'metadata.google.internal': found('169.254.169.254'),
  'metadata.example': found('169.254.169.254'),
  'azure.example': found('168.63.129.16'),
  'any.example': found('0.0.0.0'),
  'broadcast.example': found('255.255.255.255'),
  'multicast.example': found('239.1.2.3'),
  'six.example': found('::1'),
  'mapped.example': found('::ffff:10.0.0.1'),
  'nat64.example': found('64:ff9b::a00:1'),
  'ula.example': found('fd12:3456::1'),
  'link.example': found('fe80::1'),
  'both.example': found('10.0.0.1', 'fd00::1', '::ffff:127.0.0.1'),
  'xn--n3h.example': found('127.0.0.1'),
  'nothing.example': [],
}

const resolve: Names = (hostname) => {
  const known = hostileNames[hostname]
  if (known !== undefined) return known
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' })
}

async function ask(text: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const guarded = createGuardedHttp({
    allowPrivate: [],
    allowHttp: [],
    userAgent: 'x',
    names: resolve,
  })
  const request = { method: 'GET', url: text, headers, timeout: 5_000, maxBytes: 1_000 } as const
  return outcomeOf(guarded.http(request)).finally(guarded.close)
}

const metadata = '169.254.169.254/latest/meta-data/'

describe('a hostile URL is refused, and no socket begins to connect', () => {
  test.each<[string, string]>([
    // IPv4, in every way to write it.
    ['https://127.0.0.1/', address],
    ['https://127.1/', address],
    ['https://127.0.1/', address],
    ['https://2130706433/', address],
    ['https://0x7f000001/', address],
    ['https://0x7F.0x0.0x0.0x1/', address],
    ['https://0177.0.0.1/', address],
    ['https://017700000001/', address],
    ['https://0177.0x0.0.1/', address],
    ['https://127.0.0.1./', address],
    ['https://127.0.0.1:8443/', address],
    ['https://0/', address],
    ['https://0.0.0.0/', address],
    ['https://0x0/', address],
    ['https://10.0.0.1/', address],
    ['https://167772161/', address],
    ['https://172.16.0.1/', address],
    ['https://172.31.255.255/', address],
    ['https://192.168.0.1/', address],
    ['https://192.0.0.192/', address],
    ['https://198.18.0.1/', address],
    ['https://100.64.0.1/', address],
    ['https://100.127.255.254/', address],
    ['https://224.0.0.251/', address],
    ['https://239.255.255.250/', address],
    ['https://240.0.0.1/', address],
    ['https://255.255.255.255/', address],
    ['https://4294967295/', address],
    [`https://${metadata}`, address],
    ['https://0xa9fea9fe/latest/', address],
    ['https://2852039166/latest/', address],
    ['https://168.63.129.16/', address],
    ['https://4294967296/', url],
    ['https://256.1.1.1/', url],
    ['https://1.2.3.4.5/', url],
    // IPv6, and IPv4 inside of it.
    ['https://[::]/', address],
    ['https://[::1]/', address],
    ['https://[0:0:0:0:0:0:0:1]/', address],
    ['https://[::127.0.0.1]/', address],
    ['https://[::ffff:127.0.0.1]/', address],
    ['https://[::ffff:7f00:1]/', address],
    ['https://[::ffff:0:127.0.0.1]/', address],
    ['https://[::ffff:169.254.169.254]/', address],
    ['https://[64:ff9b::127.0.0.1]/', address],
    ['https://[64:ff9b::a9fe:a9fe]/', address],
    ['https://[64:ff9b:1::a00:1]/', address],
    ['https://[2002:7f00:1::]/', address],
    ['https://[2002:c0a8:101::1]/', address],
    ['https://[2001:0:7f00:1::]/', address],
    ['https://[2001:db8::1]/', address],
    ['https://[fe80::1]/', address],
    ['https://[fec0::1]/', address],
    ['https://[fc00::1]/', address],
    ['https://[fd00:ec2::254]/', address],
    ['https://[ff02::1]/', address],
    ['https://[100::1]/', address],
    ['https://[fe80::1%25eth0]/', url],
    ['https://[::1/', url],
    // Unicode that is turned into ASCII.
    ['https://①②⑦.0.0.1/', address],
    ['https://１２７.０.０.１/', address],
    ['https://127。0。0。1/', address],
    ['https://127．0．0．1/', address],
    ['https://127｡0｡0｡1/', address],
    ['https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', address],
    ['https://ｌｏｃａｌｈｏｓｔ/', address],
    ['https://local\u00adhost/', address],
    ['https://☃.example/', address],
    ['https://127.0.0.1%00.example/', url],
    ['https://exa%2fmple.org/', url],
    ['https://xn--a/', nobody],
    // Names that lead there.
    ['https://localhost/', address],
    ['https://LOCALHOST/', address],
    ['https://localhost./', address],
    ['https://localhost.localdomain/', address],
    ['https://ten.example/', address],
    ['https://ten.example./', address],
    ['https://home.example/', address],
    ['https://cgnat.example/', address],
    ['https://metadata.google.internal/', address],
    ['https://metadata.example/', address],
    ['https://azure.example/', address],
    ['https://any.example/', address],
    ['https://broadcast.example/', address],
    ['https://multicast.example/', address],
    ['https://six.example/', address],
    ['https://mapped.example/', address],
    ['https://nat64.example/', address],
    ['https://ula.example/', address],
    ['https://link.example/', address],
    ['https://both.example/', address],
    ['https://nothing.example/', address],
    ['https://unknown.example/', nobody],
    ['https://unknown..example/', nobody],
    // Users, and what only looks like a host.
    ['https://social.example@127.0.0.1/', url],
    ['https://social.example:443@127.0.0.1/', url],
    ['https://user:pass@social.example/', url],
    ['https://@127.0.0.1/', address],
    ['https://127.0.0.1#@social.example/', address],
    ['https://127.0.0.1?@social.example/', address],
    ['https://127.0.0.1\\@social.example/', address],
    ['https://127.0.0.1\t/', address],
    ['ht\ntps://127.0.0.1/', address],
    ['  https://127.0.0.1/', address],
    ['https:127.0.0.1/', address],
    ['https:\\\\127.0.0.1\\', address],
    ['https:///127.0.0.1/', address],
    // Ports and schemes.
    ['https://unknown.example:0/', url],
    ['https://unknown.example:22/', url],
    ['https://unknown.example:25/', url],
    ['https://unknown.example:110/', url],
    ['https://unknown.example:6667/', url],
    ['https://unknown.example:65536/', url],
    ['https://unknown.example:-1/', url],
    ['http://unknown.example/', url],
    ['http://127.0.0.1/', url],
    ['HTTP://localhost/', url],
    ['ftp://127.0.0.1/', url],
    ['file:///etc/passwd', url],
    ['file://127.0.0.1/etc/passwd', url],
    ['gopher://127.0.0.1:6379/_INFO', url],
    ['dict://127.0.0.1:11211/stats', url],
    ['ws://127.0.0.1/', url],
    ['unix:/var/run/docker.sock', url],
    ['data:text/plain,hello', url],
    ['javascript:alert(1)', url],
    ['blob:https://127.0.0.1/x', url],
    ['//127.0.0.1/', url],
    ['/etc/passwd', url],
    ['', url],
  ])('%s', async (text, expected) => {
    expect({ outcome: await ask(text), attempts }).toEqual({ outcome: expected, attempts: [] })
  })

  test('however long it is', async () => {
    const outcome = await ask(`https://unknown.example/${'x'.repeat(5_000)}`)
    expect({ outcome, attempts }).toEqual({ outcome: url, attempts: [] })
  })

  test('whatever host its headers name', async () => {
    const outcome = await ask('https://10.0.0.1/', { host: 'social.example' })
    expect({ outcome, attempts }).toEqual({ outcome: address, attempts: [] })
  })
})

/** Two servers of one machine: one that may be spoken to, and one that may not. */
let may: Server
let mayNot: Server
let reached = 0

const portOf = (server: Server): number => {
  const place = server.address()
  if (place === null || typeof place === 'string') throw new Error('no port')
  return place.port
}

const answers: Record<string, (response: ServerResponse, forbidden: string) => void> = {
  '/ok': (response) => response.end('fine'),
  '/to-private': (response, forbidden) => redirect(response, forbidden),
  '/to-private-https': (response) => redirect(response, 'https://10.0.0.1/'),
  '/to-metadata': (response) => redirect(response, `http://${metadata}`),
  '/to-mapped': (response) => redirect(response, 'https://[::ffff:127.0.0.1]/'),
  '/to-name': (response) => redirect(response, 'https://home.example/'),
  '/to-file': (response) => redirect(response, 'file:///etc/passwd'),
  '/to-user': (response) => redirect(response, 'https://may.example@10.0.0.1/'),
  '/to-port': (response) => redirect(response, 'https://unknown.example:25/'),
  '/to-slashes': (response) => redirect(response, '//10.0.0.1/'),
  '/to-nothing': (response) => redirect(response, 'https://['),
  '/nowhere': (response) => response.writeHead(302).end(),
  '/loop': (response) => redirect(response, '/loop'),
  '/1': (response) => redirect(response, '/2'),
  '/2': (response) => redirect(response, '/3'),
  '/3': (response) => redirect(response, '/ok'),
  '/0': (response) => redirect(response, '/1'),
  '/bomb': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(10_000_000))),
  '/br-bomb': (response) => response.writeHead(200, { 'content-encoding': 'gzip, br' }).end('x'),
  '/endless': (response) => {
    const more = () => {
      while (response.writable && response.write('x'.repeat(1_000)));
    }
    response.on('drain', more)
    more()
  },
  '/announced': (response) => response.writeHead(200, { 'content-length': 9e9 }).end('x'),
}

const redirect = (response: ServerResponse, location: string): void =>
  void response.writeHead(302, { location }).end()

beforeAll(async () => {
  mayNot = createServer((_, response) => response.end('secret'))
  mayNot.on('connection', () => reached++)
  mayNot.listen(0, '127.0.0.1')
  await once(mayNot, 'listening')
  may = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(404).end()
    else answer(response, `http://127.0.0.1:${String(portOf(mayNot))}/`)
  })
  may.listen(0, '127.0.0.2')
  await once(may, 'listening')
})
afterAll(async () => {
  for (const server of [may, mayNot]) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

describe('where a server that may be asked leads', () => {
  const from = (names: Names) =>
    createGuardedHttp({
      allowPrivate: ['127.0.0.2'],
      allowHttp: ['127.0.0.1', '127.0.0.2', 'may.example'],
      userAgent: 'x',
      names,
    })
  const follow = async (path: string, names: Names = resolve): Promise<unknown> => {
    const guarded = from(names)
    const deps = { http: guarded.http, clock: createSystemClock() }
    const start = `http://127.0.0.2:${String(portOf(may))}${path}`
    const bounds = { headers: async () => ({}), timeout: 5_000, maxBytes: 100_000 }
    const landed = getFollowing(deps, { url: start, ...bounds }).then(({ response }) =>
      response.body.toString(),
    )
    return outcomeOf(landed).finally(guarded.close)
  }

  test.each<[string, unknown]>([
    ['/to-private', address],
    ['/to-private-https', address],
    ['/to-metadata', url],
    ['/to-mapped', address],
    ['/to-name', address],
    ['/to-file', url],
    ['/to-user', url],
    ['/to-port', url],
    ['/to-slashes', url],
    ['/to-nothing', 'RejectedError not-activitypub'],
    ['/nowhere', 'RejectedError not-activitypub'],
    ['/loop', 'RejectedError not-activitypub'],
    ['/1', 'fine'],
    ['/0', 'RejectedError not-activitypub'],
    ['/bomb', 'RejectedError hostile'],
    ['/br-bomb', 'RejectedError hostile'],
    ['/endless', 'RejectedError too-large'],
    ['/announced', 'RejectedError too-large'],
  ])('%s: %s, and only that server is connected to', async (path, expected) => {
    expect(await follow(path)).toBe(expected)
    expect(new Set(attempts)).toEqual(new Set([`127.0.0.2 ${String(portOf(may))}`]))
    expect(reached).toBe(0)
  })

  test('a redirect from https to http is not followed', async () => {
    const asked: string[] = []
    const http = async ({ url: at }: { readonly url: string }) => {
      asked.push(at)
      return { status: 302, headers: { location: 'http://may.example/' }, body: Buffer.alloc(0) }
    }
    const bounds = { headers: async () => ({}), timeout: 5_000, maxBytes: 1_000 }
    const deps = { http, clock: createSystemClock() }
    const landed = getFollowing(deps, { url: 'https://may.example/', ...bounds })
    expect(await outcomeOf(landed)).toBe('RejectedError hostile')
    expect(asked).toEqual(['https://may.example/'])
  })

  /** A name that changes its mind: a permitted address for who checks, another for who connects. */
  test.each<[string, readonly (readonly LookupAddress[])[], unknown]>([
    ['after it was checked', [found('127.0.0.2'), found('127.0.0.1')], 200],
    ['before it is connected to', [found('127.0.0.1'), found('127.0.0.2')], address],
    ['within one answer', [found('127.0.0.1', '127.0.0.2', '10.0.0.1')], 200],
  ])('a name that is rebound %s never leads to the other server', async (...row) => {
    const [, list, expected] = row
    const left = [...list]
    const guarded = from(() => (left.length > 1 ? left.shift() : left[0]) ?? [])
    const request = {
      method: 'GET',
      url: `http://may.example:${String(portOf(may))}/ok`,
      headers: {},
      timeout: 5_000,
      maxBytes: 1_000,
    } as const
    const outcome = await outcomeOf(guarded.http(request).then(({ status }) => status))
    await guarded.close()
    expect(outcome).toBe(expected)
    const places = expected === 200 ? [`127.0.0.2 ${String(portOf(may))}`] : []
    expect({ attempts, reached }).toEqual({ attempts: places, reached: 0 })
  })
})
