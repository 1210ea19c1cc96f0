import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Assembly } from './assembly.ts'
import type { Config } from './config/config.ts'
import type { Log } from './model/clock.ts'
import { behind } from './activitypub/routes.ts'
import { signRequestInPool } from './activitypub/signature.ts'
import { assemble } from './assemble.ts'
import { buildAdminPage } from './build-admin-page.ts'
import { buildMetrics } from './build-metrics.ts'
import { buildTracing } from './build-tracing.ts'
import { machineOf, usualReach } from './build-doctor.ts'
import { databasePathOf } from './config/database-path.ts'
import { listenConsole } from './console/listen.ts'
import { consolePath } from './console/path.ts'
import { createFiles } from './files/files.ts'
import { closeServer, listen } from './listen.ts'
import { createLog, gatherLines, type LevelledLog, type LogTarget } from './log.ts'
import { metered } from './metrics/metered.ts'
import type { Http } from './model/http.ts'
import type { Side } from './model/meter.ts'
import { tracedHttp } from './tracing/traced.ts'
import { liveConfig, type Live } from './reload.ts'
import { createSystemClock, createSystemRandom } from './net/clock.ts'
import { createGuardedHttp } from './net/guarded.ts'
import { createHomeserverHttp } from './net/homeserver.ts'
import { openDatabase } from './store/database.ts'
import { gathered } from './store/gathered.ts'
import { userAgentOf, version } from './version.ts'

/** How long what runs may go on after we were told to stop, milliseconds. */
const stopPatience = 8_000
/** How long, after that, an answer that nobody waits for any more may still come, milliseconds. */
const lastPatience = 300

/** What no router answered for: express itself would show strangers a stack, and log it its own way. */
function lastResort(log: Log): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, request, response, next) => {
    const isTheirs = error instanceof URIError
    if (!isTheirs) log.error({ err: error, path: request.path }, 'request failed')
    if (response.headersSent) next(error)
    else response.status(isTheirs ? 400 : 503).json({ error: isTheirs ? 'bad path' : 'try later' })
  }
}

function createApp(routers: Assembly['worldRoutes'], log: Log): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  for (const router of routers) app.use(router)
  app.use(lastResort(log))
  return app
}

function logOf(config: Config, target: LogTarget): LevelledLog {
  const { asToken, hsToken, previous } = config.appservice
  const { encryptionKey, oldEncryptionKey = encryptionKey } = config
  const secrets = [asToken, hsToken, encryptionKey, oldEncryptionKey]
  if (config.provisioning?.token !== undefined) secrets.push(config.provisioning.token)
  if (previous !== undefined) secrets.push(previous.asToken, previous.hsToken)
  return createLog({ ...config.logging, secrets }, target)
}

type Listening = {
  readonly config: Config
  readonly log: Log
  readonly metrics: Awaited<ReturnType<typeof buildMetrics>>
  readonly adminPage: Awaited<ReturnType<typeof buildAdminPage>>
}

/** For the homeserver, for the world, for who reads numbers, and for admins. */
async function listenAll(assembly: Assembly, { config, log, metrics, adminPage }: Listening) {
  const worldApp = createApp(assembly.worldRoutes, log)
  const servers = [
    await listen(createApp(assembly.homeserverRoutes, log), config.appservice),
    await listen(behind(assembly.worldFront, worldApp), config.activitypub),
  ]
  for (const wanted of [metrics, adminPage]) {
    if (wanted === undefined) continue
    servers.push(await listen(createApp(wanted.routesOf(assembly), log), wanted.place))
  }
  return servers
}

/** The three ways out: to the world, to the homeserver, and to it for files. */
function connect({ network, homeserver }: Config, userAgent: string) {
  const baseUrl = homeserver.url
  return {
    world: createGuardedHttp({ ...network, userAgent }),
    home: createHomeserverHttp({ baseUrl }),
    files: createHomeserverHttp({ baseUrl, reusesBuffers: true }),
  }
}

/** What there is only where an admin wants it. */
async function buildWanted(around: Parameters<typeof buildAdminPage>[0]) {
  const { config, clock } = around
  const metrics = await buildMetrics(config)
  const tracing = await buildTracing(config, around)
  const adminPage = await buildAdminPage(around)
  const watched = (http: Http, side: Side): Http =>
    tracedHttp(metered(http, side, { meter: metrics?.meter, clock }), side, tracing?.tracer)
  return {
    ...{ metrics, tracing, adminPage, watched },
    inWorld: {
      ...(metrics === undefined ? {} : { meter: metrics.meter }),
      ...(tracing === undefined ? {} : { tracer: tracing.tracer }),
      ...(adminPage === undefined ? {} : { loginLink: adminPage.loginLink }),
    },
  }
}

/** A bridge that runs. */
export type Bridge = Pick<Live, 'reload'> & {
  /** Lets what runs finish, for a while. */
  readonly stop: () => Promise<void>
}

/**
 * Starts the bridge: resolves when both listeners are open. The homeserver may be away: what comes
 * in is kept and done when it is back. Rejects when the database or a port cannot be had.
 */
export async function run(given: Config, configFile?: string): Promise<Bridge> {
  const lines = gatherLines(process.stdout)
  // However the process ends, except by a signal that nobody can hear.
  process.on('exit', lines.flush)
  const log = logOf(given, lines)
  const { config, permissionOf, reload } = liveConfig(given, log)
  const databasePath = databasePathOf(config)
  const database = gathered(await openDatabase(config.database))
  const userAgent = userAgentOf(config.activitypub)
  const { world, home, files } = connect(config, userAgent)
  const place = { configFile, reach: usualReach(config) }
  const machine = machineOf(config, place, userAgent)
  const [clock, random] = [createSystemClock(), createSystemRandom()]
  const wanted = await buildWanted({ config, http: home.http, clock, random, log })
  const { adminPage, watched } = wanted
  const assembly = assemble({
    config,
    database,
    http: watched(world.http, 'fediverse'),
    homeserverHttp: watched(home.http, 'homeserver'),
    mediaHttp: watched(files.http, 'homeserver'),
    ...wanted.inWorld,
    files: createFiles(dirname(databasePath)),
    permissionOf,
    clock,
    random,
    log,
    level: { get: () => log.level, set: (level) => void (log.level = level) },
    userAgent,
    surroundings: { machine, ...place },
    keyPool: 2,
    sign: signRequestInPool,
  })
  await assembly.prepare()
  const servers = await listenAll(assembly, { config, log, ...wanted })
  await assembly.start().then(() => adminPage?.start(assembly))
  const closeConsole = await listenConsole({ ...assembly, path: consolePath(databasePath), log })
  log.info({ version, url: config.activitypub.publicUrl }, 'Footbridge is running')
  return {
    reload(loaded) {
      reload(loaded)
      // The next start, or report, does it as well.
      assembly.permissionsChanged().catch((error: unknown) => log.error({ err: error }, 'reload'))
    },
    async stop() {
      await Promise.all([
        ...servers.map((one) => closeServer(one, stopPatience / 2)),
        ...[closeConsole(), assembly.stop(), adminPage?.stop()],
      ])
      // A server that has our request and stays silent would hold us for as long as it may answer.
      const closed = Promise.all([world.close(), home.close(), files.close(), machine.close()])
      await Promise.race([closed, sleep(lastPatience)])
      await wanted.tracing?.close(lastPatience)
      database.close()
      log.info({}, 'Footbridge has stopped')
      lines.flush()
      process.off('exit', lines.flush)
    },
  }
}
