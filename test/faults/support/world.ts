import { writeFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { createSystemClock, createSystemRandom } from '../../../src/net/clock.ts'
import { asUserId } from '../../../src/model/ids.ts'
import { call } from '../../e2e/support/json-http.ts'
import { makeFolder, repository } from '../../e2e/support/process.ts'
import { freePort } from '../../support/free-port.ts'
import { type Running, startProgram } from '../../e2e/support/process.ts'
import { waitUntil } from '../../e2e/support/wait.ts'
import type { BridgeInbox, FakeFediverse } from '../../fakes/fediverse.ts'
import type { Signed } from '../../fakes/fediverse-signature.ts'
import { createFakeHomeserver, type FakeHomeserver } from '../../fakes/homeserver.ts'
import { send, startLoopbackFediverse } from '../../fakes/loopback.ts'
import type { Answered } from '../../../src/console/lines.ts'
import { askConsole } from '../../../src/console/ask.ts'
import { serve } from '../../fakes/serve.ts'

/** Where the process dies: after the n-th commit, or after the n-th change it made elsewhere, unanswered. */
export type Death = { readonly after: 'commit' | 'request'; readonly n: number }

/** The real bridge process between a homeserver and a fediverse in memory, all on loopback. */
export type World = {
  readonly hs: FakeHomeserver
  readonly fediverse: FakeFediverse
  readonly publicUrl: string
  readonly bot: ReturnType<typeof asUserId>
  /** Two servers of the fediverse. */
  readonly hosts: readonly [string, string]
  /** From now on; undefined: it lives. */
  arm(death: Death | undefined): void
  /** Moves everything on, starting the bridge again when it died, until nothing is left to do. */
  settle(): Promise<void>
  /** How often it died since `arm`. */
  deaths(): number
  /** POST of a signed activity, to that path in place of its own. */
  post(signed: Signed, target?: string): Promise<number>
  /** PUT of a transaction. */
  push(txnId: string, events: readonly unknown[]): Promise<number>
  /** The bridge's inbox, for `flush`. */
  readonly inbox: BridgeInbox
  /** What somebody types at the machine. */
  admin(words: readonly string[]): Promise<Answered>
  /** The bridge is killed, and started elsewhere from that copy of its database, with the same configuration. */
  restore(copy: string): Promise<void>
  stop(): Promise<void>
}

const serverName = 'hs.test'
const bot = asUserId(`@apbot:${serverName}`)
const tokens = { as_token: 'as-token-0123456789abcdef', hs_token: 'hs-token-0123456789abcdef' }
const isOurs = (userId: string): boolean => /^@(_ap_.*|apbot):hs\.test$/.test(userId)

type Ports = { readonly homeserver: number; readonly appservice: number; readonly world: number }

const configOf = (ports: Ports, folder: string) => ({
  homeserver: { url: `http://127.0.0.1:${ports.homeserver}`, server_name: serverName },
  appservice: {
    id: 'footbridge',
    bind: '127.0.0.1',
    port: ports.appservice,
    url: `http://127.0.0.1:${ports.appservice}`,
    ...tokens,
  },
  activitypub: {
    bind: '127.0.0.1',
    port: ports.world,
    public_url: `http://127.0.0.1:${ports.world}`,
    handle_domain: `127.0.0.1:${ports.world}`,
  },
  permissions: { [serverName]: 'user', [`@root:${serverName}`]: 'admin' },
  // At each step somebody says more, all within a few minutes.
  limits: { posts_per_hour: 0 },
  new_accounts: { age: 0 },
  encryption_key: 'encryption-key-0123456789abcdef-01234567',
  database: `sqlite:${path.join(folder, 'footbridge.db')}`,
  network: { allow_private: ['127.0.0.0/8'], allow_http: ['127.0.0.1'] },
  logging: { level: 'info', format: 'json' },
})

function startBridge(folder: string, url: string): Promise<Running> {
  const preload = path.join(import.meta.dirname, 'die-at-commit.mjs')
  return startProgram({
    name: 'bridge',
    command: [
      process.execPath,
      ...['--import', preload],
      path.join(repository, 'bin/footbridge.js'),
      ...['run', '-c', path.join(folder, 'config.yaml')],
    ],
    env: {
      DIE_AT_COMMIT: path.join(folder, 'orders'),
      NODE_COMPILE_CACHE: path.join(folder, 'cache'),
    },
    isReady: async () => (await call({ url: `${url}/ready` })).status === 200,
  })
}

/** Work that is due within a minute; what is for tomorrow does not count. */
function createWorkCount(file: string): () => number {
  const database = new Sqlite(file, { readonly: true })
  const due = database.prepare<[number], { due: number }>(
    'select count(*) as due from job where run_at < ?',
  )
  return () => due.get(Date.now() + 60_000)?.due ?? 0
}

export async function startWorld(): Promise<World> {
  let folder = await makeFolder('faults')
  const [appservice, world] = [await freePort(), await freePort()]
  const publicUrl = `http://127.0.0.1:${world}`
  let orders = path.join(folder, 'orders')
  let bridge: Running | undefined
  let deaths = 0
  let left = 0
  const clock = createSystemClock()
  const hs = createFakeHomeserver({
    serverName,
    asToken: tokens.as_token,
    bot,
    isOurs,
    isOurAlias: (alias) => /^#_ap_.*:hs\.test$/.test(alias),
    clock,
    random: createSystemRandom(),
  })
  const performed = async ({
    method,
  }: {
    method?: string | undefined
  }): Promise<'answer' | 'silence'> => {
    if (method === 'GET') return 'answer'
    left -= 1
    if (left !== 0) return 'answer'
    await bridge?.kill()
    return 'silence'
  }
  const server = await serve(hs.http, performed)
  const outside = await startLoopbackFediverse(publicUrl, 2, performed)
  const { fediverse, inbox } = outside
  const [first = '', second = ''] = outside.hosts
  const ports = { homeserver: server.port, appservice, world }
  const writeConfig = (place: string): Promise<void> =>
    // JSON is YAML.
    writeFile(path.join(place, 'config.yaml'), JSON.stringify(configOf(ports, place)), {
      mode: 0o600,
    })
  await writeConfig(folder)
  writeFileSync(orders, 'none 0')
  // Only a process that ends in order leaves its compiled code behind, and with it starts are twice as fast.
  await (await startBridge(folder, publicUrl)).stop()
  bridge = await startBridge(folder, publicUrl)
  let workLeft = createWorkCount(path.join(folder, 'footbridge.db'))

  const push: World['push'] = (txnId, events) =>
    send('PUT', `http://127.0.0.1:${appservice}/_matrix/app/v1/transactions/${txnId}`, {
      headers: { authorization: `Bearer ${tokens.hs_token}`, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ events })),
    })
  hs.connect({
    transaction: (txnId, { events }) => push(txnId, events),
    userExists: async (userId) =>
      (
        await call({
          url: `http://127.0.0.1:${appservice}/_matrix/app/v1/users/${encodeURIComponent(userId)}`,
          token: tokens.hs_token,
        })
      ).status === 200,
  })
  const moveOn = async (): Promise<boolean> => {
    if (bridge?.isRunning() !== true) {
      deaths += 1
      writeFileSync(orders, 'none 0')
      bridge = await startBridge(folder, publicUrl)
    }
    if (fediverse.waiting() > 0) await fediverse.flush(inbox)
    if (hs.pending() > 0) await hs.pushOnce()
    const isDone = fediverse.waiting() === 0 && hs.pending() === 0 && workLeft() === 0
    return isDone && bridge.isRunning()
  }
  return {
    hs,
    fediverse,
    publicUrl,
    bot,
    hosts: [first, second],
    arm(death) {
      deaths = 0
      left = death?.after === 'request' ? death.n : 0
      const order = death?.after === 'commit' ? death.n : 0
      writeFileSync(orders, `${Math.random()} ${order}`)
    },
    settle: () => waitUntil('everything to be done', moveOn, 60_000).then(() => undefined),
    deaths: () => deaths,
    post: (signed, target = signed.target) => send('POST', `${publicUrl}${target}`, signed),
    push,
    inbox,
    admin: (words) => askConsole(path.join(folder, 'footbridge.db.sock'), words),
    async restore(copy) {
      await bridge?.kill()
      folder = await makeFolder('restored')
      orders = path.join(folder, 'orders')
      writeFileSync(orders, 'none 0')
      await writeConfig(folder)
      await copyFile(copy, path.join(folder, 'footbridge.db'))
      bridge = await startBridge(folder, publicUrl)
      workLeft = createWorkCount(path.join(folder, 'footbridge.db'))
    },
    async stop() {
      await bridge?.stop()
      await server.stop()
      await outside.stop()
    },
  }
}
