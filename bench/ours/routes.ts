/** The routes of the bridge without its worker: what it does until it answers, and nothing after. */
import { createServer, type RequestListener } from 'node:http'
import express, { type Express } from 'express'
import { assemble } from '../../src/assemble.ts'
import type { Assembly } from '../../src/assembly.ts'
import { behind, serverLimits } from '../../src/activitypub/routes.ts'
import { ready, settingsOf } from '../child.ts'
import { readConfig, realWorld } from './world.ts'

const config = readConfig(settingsOf<{ readonly config: string }>().config)
const assembly = assemble(await realWorld(config))

function appOf(routers: Assembly['worldRoutes']): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  for (const router of routers) app.use(router)
  return app
}

function listen(listener: RequestListener, port: number): Promise<void> {
  return new Promise((resolve) => {
    createServer(serverLimits, listener).listen(port, '127.0.0.1', resolve)
  })
}

await listen(appOf(assembly.homeserverRoutes), config.appservice.port)
await listen(behind(assembly.worldFront, appOf(assembly.worldRoutes)), config.activitypub.port)
ready()
