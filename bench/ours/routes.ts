/** The routes of the bridge without its worker: what it does until it answers, and nothing after. */
import { createServer } from 'node:http'
import express from 'express'
import { assemble, type Assembly } from '../../src/assemble.ts'
import { serverLimits } from '../../src/activitypub/routes.ts'
import { ready, settingsOf } from '../child.ts'
import { readConfig, realWorld } from './world.ts'

const config = readConfig(settingsOf<{ readonly config: string }>().config)
const assembly = assemble(await realWorld(config))

function listen(routers: Assembly['worldRoutes'], port: number): Promise<void> {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  for (const router of routers) app.use(router)
  return new Promise((resolve) => {
    createServer(serverLimits, app).listen(port, '127.0.0.1', resolve)
  })
}

await listen(assembly.homeserverRoutes, config.appservice.port)
await listen(assembly.worldRoutes, config.activitypub.port)
ready()
