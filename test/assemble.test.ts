import { expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { assemble } from '../src/assemble.ts'
import { signRequest } from '../src/activitypub/signature.ts'
import type { Http } from '../src/model/http.ts'
import { createMemoryFiles } from './support/memory-files.ts'
import { openDatabase } from '../src/store/database.ts'
import { usualLimits } from './support/limits.ts'

const silent: Http = () => new Promise(() => undefined)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** The bridge as its homeserver reaches it; no other server ever answers. Sleeps end at once, and are noted. */
async function start() {
  const sleeps: number[] = []
  const database = await openDatabase('sqlite::memory:')
  const { homeserverRoutes } = assemble({
    config: {
      homeserver: { url: 'http://hs.test:8008', serverName: 'hs.test' },
      appservice: {
        ...{ id: 'footbridge', bind: '127.0.0.1', port: 9000, url: 'http://127.0.0.1:9000' },
        ...{ asToken: 'as-secret', hsToken: 'hs-secret' },
        previous: { asToken: 'as-before', hsToken: 'hs-before', until: 1 },
        ...{ botLocalpart: 'apbot', prefix: '_ap_', commandPrefix: '!ap' },
        ...{ hasSpaces: false, sendsStatus: false },
      },
      activitypub: {
        ...{ bind: '127.0.0.1', port: 9001 },
        ...{ publicUrl: 'https://bridge.example', handleDomain: 'bridge.example' },
        ...{ fetchMode: 'signed', unsignedFetchFrom: [] },
      },
      permissions: {},
      database: 'sqlite::memory:',
      encryptionKey: 'encryption-key-of-the-tests-1234567',
      publish: { joinMediaWithin: 0 },
      media: { sensitive: 'spoiler', emojiReactions: 'text', cacheSize: 0 },
      signatures: { maxAge: 3_600_000, ahead: 3_600_000 },
      limits: usualLimits,
      moderation: { allowListOnly: false, bridgedUsers: ['@_*'] },
      network: { allowPrivate: [], allowHttp: [] },
      about: { rules: [], blockedServers: 'shown' },
      logging: { level: 'error', format: 'json' },
    },
    database,
    http: silent,
    homeserverHttp: silent,
    files: await createMemoryFiles(),
    permissionOf: () => 'user',
    clock: { now: () => 0, sleep: async (ms) => void sleeps.push(ms) },
    random: { number: () => 0, id: () => 'x'.repeat(22) },
    log: quiet,
    userAgent: 'Footbridge',
    keyPool: 0,
    sign: signRequest,
  })
  const app = express()
  for (const router of homeserverRoutes) app.use(router)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async (path: string, token = 'hs-secret') => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    return answer.status
  }
  const close = () => {
    server.close()
    server.closeAllConnections()
    database.close()
  }
  return { ask, sleeps, close }
}

test.each([
  ['an alias', '/_matrix/app/v1/rooms/%23_ap_bob_slow.example%3Ahs.test'],
  ['a user', '/_matrix/app/v1/users/%40_ap_bob_slow.example%3Ahs.test'],
])(
  'a question about %s at a server that is silent is answered in five seconds',
  async (_, path) => {
    const { ask, sleeps, close } = await start()
    expect(await ask(path)).toBe(500)
    expect(sleeps).toEqual([5_000])
    close()
  },
)

test('the homeserver may show the token of now or, until its time is over, the one before', async () => {
  const { ask, close } = await start()
  const path = '/_matrix/app/v1/nothing'
  const tokens = ['hs-secret', 'hs-before', 'as-before', 'as-secret']
  expect(await Promise.all(tokens.map((token) => ask(path, token)))).toEqual([404, 404, 403, 403])
  close()
})
