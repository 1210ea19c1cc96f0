import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { Config } from '../../src/config/config.ts'
import { makeRegistration, type Registration } from '../../src/config/registration.ts'
import { examineFromOutside } from '../../src/examine.ts'
import { run } from '../../src/main.ts'
import type { Finding } from '../../src/model/finding.ts'
import { configOf, load, validFile } from '../config/example.ts'
import { freePort } from '../support/free-port.ts'
import type { Certificates, Shown } from './certificates.ts'
import { startHomeserver, type HomeserverOptions } from './homeserver.ts'
import { startWebServer, type WebServerOptions } from './web-server.ts'

/** How a deployment differs from one that is well. */
export type Broken = {
  /** Change of the configuration, after everything else was set up by the right one. */
  readonly config?: (config: Config) => Config
  /** What the homeserver has loaded. */
  readonly registration?: (
    right: Registration,
    config: Config,
  ) => Registration | undefined | Promise<Registration>
  /** What stands in registration.yaml beside the configuration. */
  readonly registrationFile?: (right: Registration) => Registration
  readonly homeserver?: Partial<HomeserverOptions> | 'down'
  readonly web?: Partial<WebServerOptions>
  readonly certificate?: (all: Certificates) => Shown
  /** The web server of a domain of its own for the handles. */
  readonly handleDomain?: (publicUrl: string) => WebServerOptions['answers']
  /** The server elsewhere that is asked for. */
  readonly elsewhere?: Partial<WebServerOptions> | 'down'
  /** The bridge runs while the doctor looks. */
  readonly isRunning?: true
  /** Done to the machine before the look; answers how it is undone. */
  readonly machine?: (config: Config) => (() => unknown) | Promise<() => unknown>
}

type Ended = () => Promise<unknown>

type Stage = { readonly folder: string; readonly certificates: Certificates }

/** A configuration whose public URL is on `webPort`, in a folder of its own. */
async function configFor(folder: string, webHost: string): Promise<Config> {
  const base = configOf(load(validFile))
  const [home, world] = [await freePort(), await freePort()]
  const bind = '127.0.0.1'
  return {
    ...base,
    appservice: { ...base.appservice, bind, port: home, url: `http://${bind}:${home}` },
    activitypub: {
      ...base.activitypub,
      ...{ bind, port: world, publicUrl: `https://${webHost}`, handleDomain: webHost },
    },
    database: `sqlite:${path.join(folder, 'data', 'footbridge.db')}`,
    logging: { level: 'error', format: 'json' },
    network: { allowPrivate: ['localhost'], allowHttp: [] },
  }
}

async function startElsewhere({ certificates }: Stage, broken: Broken) {
  if (broken.elsewhere === 'down') {
    const port = await freePort()
    return { host: `localhost:${port}`, stop: async () => undefined }
  }
  const answers = () => ({ status: 200, body: '{"links":[]}' })
  return startWebServer({ certificate: certificates.good, answers, ...broken.elsewhere })
}

async function startWeb(stage: Stage, broken: Broken, folder: string) {
  const { certificates } = stage
  // The port is in the public URL, so the web server is there before what it passes on to.
  const upstream = await freePort()
  const certificate = broken.certificate?.(certificates) ?? certificates.good
  const web = await startWebServer({ certificate, passesTo: upstream, ...broken.web })
  const plain = await configFor(folder, web.host)
  const config = { ...plain, activitypub: { ...plain.activitypub, port: upstream } }
  const answers = broken.handleDomain?.(config.activitypub.publicUrl)
  if (answers === undefined) return { config, stops: [web.stop] }
  const domain = await startWebServer({ certificate: certificates.good, answers })
  const activitypub = { ...config.activitypub, handleDomain: domain.host }
  return { config: { ...config, activitypub }, stops: [web.stop, domain.stop] }
}

async function startHome(config: Config, broken: Broken) {
  const right = await makeRegistration(config)
  const { homeserver = {} } = broken
  if (homeserver === 'down')
    return { right, url: `http://127.0.0.1:${await freePort()}`, stop: async () => undefined }
  const registration =
    broken.registration === undefined ? right : await broken.registration(right, config)
  const { serverName } = config.homeserver
  const running = await startHomeserver({ serverName, registration, ...homeserver })
  return { right, ...running }
}

let made = 0

/** Builds it, has the doctor look at it, and takes it down. */
export async function lookAt(broken: Broken, stage: Stage): Promise<readonly Finding[]> {
  const folder = path.join(stage.folder, `deployment-${(made += 1)}`)
  mkdirSync(path.join(folder, 'data'), { recursive: true })
  const stops: Ended[] = []
  try {
    const web = await startWeb(stage, broken, folder)
    stops.push(...web.stops)
    const home = await startHome(web.config, broken)
    stops.push(home.stop)
    const elsewhere = await startElsewhere(stage, broken)
    stops.push(elsewhere.stop)
    const whole = { ...web.config, homeserver: { ...web.config.homeserver, url: home.url } }
    const config = broken.config?.(whole) ?? whole
    const configFile = path.join(folder, 'config.yaml')
    writeFileSync(configFile, 'read by the test\n', { mode: 0o600 })
    const file = broken.registrationFile?.(home.right) ?? home.right
    writeFileSync(path.join(folder, 'registration.yaml'), stringify(file))
    const bridge = broken.isRunning === true ? await run(config, configFile) : undefined
    if (bridge !== undefined) stops.unshift(bridge.stop)
    const undo = await broken.machine?.(config)
    if (undo !== undefined) stops.push(async () => undo())
    return await examineFromOutside(config, { configFile, reach: elsewhere.host })
  } finally {
    for (const stop of stops) await stop()
  }
}
