import type { Server } from 'node:http'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Config } from './config/config.ts'
import type { Listener, Listeners } from './doctor/ports.ts'
import { discoveryRoutes } from './activitypub/routes-discovery.ts'
import { reachable } from './config/load.ts'
import { closeServer, listen } from './listen.ts'
import { pingRoutes } from './matrix/appservice.ts'
import { checkingToken } from './matrix/tokens.ts'
import type { Clock, Log } from './model/clock.ts'
import { faultOf } from './model/machine.ts'
import { createHomeserverHttp } from './net/homeserver.ts'
import { echoRoutes } from './web/echo.ts'
import { hsTokensIn } from './facts.ts'

/** What answers at the listeners while the doctor looks: the bridge, or we in its place. */
export type StandIn = {
  readonly listeners: Listeners
  /** It is the bridge. */
  readonly isRunning: boolean
  readonly heardPing: (transactionId: string) => boolean | undefined
  readonly close: () => Promise<void>
}

type Bound = { readonly bind: string; readonly port: number }

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** Whether a Footbridge answers there. */
async function isLive({ bind, port }: Bound): Promise<boolean> {
  const baseUrl = `http://${reachable(bind)}:${port}`
  const { http, close } = createHomeserverHttp({ baseUrl })
  try {
    const request = { method: 'GET', headers: {}, timeout: 3_000, maxBytes: 10_000 } as const
    const { status, body } = await http({ ...request, url: `${baseUrl}/live` })
    return status === 200 && body.toString('utf8') === '{"live":true}'
  } catch {
    return false
  } finally {
    await close()
  }
}

/** Whatever else comes is to come again: the homeserver and other servers do. */
function awayApp(...routers: readonly express.Router[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  for (const router of routers) app.use(router)
  const later = (response: express.Response): void =>
    void response.status(503).set('retry-after', '60').json({ error: 'try later' })
  app.use((_request, response) => later(response))
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  const onError: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) next(error)
    else later(response)
  }
  return app.use(onError)
}

const notNow = (): Promise<never> => Promise.reject(new Error('Footbridge is not running'))

function worldApp(config: Config, clock: Clock): Express {
  const facts = { name: 'Footbridge', description: '', version: '0', isOpen: false }
  const none = { users: 0, activeMonth: 0, activeHalfyear: 0, posts: 0, comments: 0 }
  const discovery = discoveryRoutes({
    ...config.activitypub,
    // Accounts are there, but not now.
    findLocalActor: notNow,
    findLocalActorByUsername: notNow,
    nodeInfo: async () => ({ ...facts, ...none }),
  })
  return awayApp(echoRoutes({ hsTokens: hsTokensIn(config), clock }), discovery)
}

type Taken = { readonly listener: Listener; readonly server?: Server }

async function take(app: Express, place: Bound): Promise<Taken> {
  try {
    return { listener: { state: 'ours' }, server: await listen(app, place) }
  } catch (error) {
    const { code, reason } = faultOf(error)
    const isTaken = code === 'EADDRINUSE'
    return { listener: isTaken ? { state: 'taken' } : { state: 'unavailable', reason } }
  }
}

/**
 * Finds out whether the bridge runs. If not, listens in its place for as long as the doctor looks: the
 * ping, the doctor's own requests and the documents about the server are answered, everything else is to
 * come again.
 */
export async function standIn(config: Config, clock: Clock): Promise<StandIn> {
  const { appservice, activitypub, adminPage } = config
  const [isHomeSide, isWorldSide] = await Promise.all([isLive(appservice), isLive(activitypub)])
  const heard = new Set<string>()
  const isToken = checkingToken(appservice, { clock, log: silent })
  const bridge: Taken = { listener: { state: 'ours' } }
  const ping = pingRoutes(isToken, (id) => heard.add(id))
  const [home, world] = await Promise.all([
    isHomeSide ? bridge : take(awayApp(ping), appservice),
    isWorldSide ? bridge : take(worldApp(config, clock), activitypub),
  ])
  const isRunning = isHomeSide && isWorldSide
  // A bridge that runs has it: it does not start without.
  const page = adminPage && (isRunning ? bridge : await take(awayApp(), adminPage))
  return {
    listeners: {
      ...{ appservice: home.listener, activitypub: world.listener },
      ...(page === undefined ? {} : { adminPage: page.listener }),
    },
    isRunning,
    heardPing: (id) => (isHomeSide ? undefined : heard.has(id)),
    async close() {
      const servers = [home, world, page].flatMap((one) => one?.server ?? [])
      await Promise.all(servers.map((one) => closeServer(one, 500)))
    },
  }
}
