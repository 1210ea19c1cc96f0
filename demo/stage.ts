import path from 'node:path'
import { type Bridge, startBridge } from '../test/e2e/support/bridge.ts'
import { type ControlledPeer, startFedify } from '../test/e2e/support/control-peer.ts'
import type { MatrixClient } from '../test/e2e/support/matrix-client.ts'
import { makeFolder, repository, runProgram } from '../test/e2e/support/process.ts'
import { freePort } from '../test/support/free-port.ts'
import { startSynapse } from '../test/e2e/support/synapse.ts'

/** The three servers, and who is on them. */
export type Stage = {
  readonly alice: MatrixClient
  /** As `alice` registered. */
  readonly password: string
  readonly botId: string
  readonly bridge: Bridge
  /** Where the fediverse finds `alice`. */
  readonly handle: string
  readonly fediverse: ControlledPeer
  readonly folder: string
}

const serverName = 'demo.localhost'

/** The usual ports where they are free, so that handles and commands are the same each time. */
async function choosePorts() {
  return {
    homeserver: await freePort(8008),
    appservice: await freePort(8710),
    activitypub: await freePort(8711),
    fediverse: await freePort(8712),
    control: await freePort(8713),
  }
}

const loopback = (port: number): string => `http://127.0.0.1:${port}`

/** Starts all of it; `tell` hears what is being started. Everything ends with `endAll`. */
export async function setStage(tell: (what: string) => void): Promise<Stage> {
  const folder = await makeFolder('bridge')
  const ports = await choosePorts()
  tell('footbridge init: a configuration and the registration for the homeserver')
  const publicUrl = loopback(ports.activitypub)
  await writeConfiguration({
    '--server-name': serverName,
    '--homeserver-url': loopback(ports.homeserver),
    '--public-url': publicUrl,
    '--appservice-url': loopback(ports.appservice),
    '--out': folder,
  })
  tell('Synapse, with SQLite (a few seconds)')
  const registrationFile = path.join(folder, 'registration.yaml')
  const synapse = await startSynapse({ registrationFile, serverName, port: ports.homeserver })
  tell('Footbridge, with SQLite')
  const bridge = await startBridge({
    configPath: path.join(folder, 'config.yaml'),
    url: publicUrl,
    env: {
      FOOTBRIDGE_APPSERVICE_PORT: ports.appservice.toString(),
      FOOTBRIDGE_ACTIVITYPUB_PORT: ports.activitypub.toString(),
      FOOTBRIDGE_NETWORK_ALLOW_PRIVATE: '127.0.0.0/8',
      FOOTBRIDGE_NETWORK_ALLOW_HTTP: '127.0.0.1',
    },
  })
  tell('a fediverse server, with bob and carol')
  const fediverse = await startFedify({
    accounts: ['bob', 'carol'],
    port: ports.fediverse,
    controlPort: ports.control,
  })
  return {
    alice: await synapse.register('alice'),
    password: 'alice-password',
    botId: `@apbot:${serverName}`,
    bridge,
    handle: `@alice@127.0.0.1:${ports.activitypub}`,
    fediverse,
    folder,
  }
}

async function writeConfiguration(flags: Readonly<Record<string, string>>): Promise<void> {
  const program = path.join(repository, 'bin/footbridge.js')
  await runProgram([process.execPath, program, 'init', ...Object.entries(flags).flat()])
}
