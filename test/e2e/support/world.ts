import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Bridge, startBridge } from './bridge.ts'
import { freePort, makeFolder, repository, runProgram } from './process.ts'
import { startSynapse, type Synapse } from './synapse.ts'

export type World = {
  readonly synapse: Synapse
  readonly bridge: Bridge
  /** The bridge as the fediverse sees it: plain http on loopback. */
  readonly bridgeUrl: string
  /** `@apbot:…`, the bridge's own Matrix user. */
  readonly bot: string
}

/**
 * A homeserver and a bridge that know each other, each with empty data. The bridge may reach every
 * server on 127.0.0.1 and speaks plain http there. `config` is merged over the sections it names.
 */
export async function startWorld(
  config: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<World> {
  const folder = await makeFolder('bridge')
  const serverName = 'matrix.test'
  const ports = { synapse: await freePort(), matrix: await freePort(), web: await freePort() }
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    homeserver: { url: `http://127.0.0.1:${ports.synapse}`, server_name: serverName },
    appservice: {
      port: ports.matrix,
      as_token: 'as-token-of-tests',
      hs_token: 'hs-token-of-tests',
    },
    activitypub: {
      port: ports.web,
      public_url: `http://127.0.0.1:${ports.web}`,
      handle_domain: `127.0.0.1:${ports.web}`,
    },
    permissions: { [serverName]: 'user', [`@admin:${serverName}`]: 'admin' },
    network: { allow_private: ['127.0.0.1/32'], allow_http: ['127.0.0.1'] },
    logging: { level: 'debug', format: 'json' },
  }
  const merged = Object.keys({ ...sections, ...config }).map((name) => [
    name,
    { ...sections[name], ...config[name] },
  ])
  const configPath = path.join(folder, 'config.yaml')
  const registrationFile = path.join(folder, 'registration.yaml')
  await writeFile(configPath, JSON.stringify(Object.fromEntries(merged))) // JSON is YAML
  const program = path.join(repository, 'bin/footbridge.js')
  const flags = ['-c', configPath, '-o', registrationFile] as const
  await runProgram([process.execPath, program, 'registration', ...flags])
  const synapse = await startSynapse({ registrationFile, serverName, port: ports.synapse })
  const bridgeUrl = `http://127.0.0.1:${ports.web}`
  const bridge = await startBridge({ configPath, url: bridgeUrl })
  return { synapse, bridge, bridgeUrl, bot: `@apbot:${serverName}` }
}
