import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Homeserver, type HomeserverOptions, launched } from './homeserver.ts'
import { call } from './json-http.ts'
import { makeFolder, repository, runProgram, startProgram } from './process.ts'

/** `dendrite` and `generate-keys`, which whoever wants these tests has built. */
const binaries = path.join(repository, '.cache/peers/dendrite')

/** Starts a Dendrite with SQLite databases of its own on loopback, which talks to no other homeserver. */
export async function startDendrite(options: HomeserverOptions): Promise<Homeserver> {
  const folder = await makeFolder('dendrite')
  const { port, serverName } = options
  const url = `http://127.0.0.1:${port}`
  const files = { config: path.join(folder, 'dendrite.yaml'), key: path.join(folder, 'key.pem') }
  await runProgram([path.join(binaries, 'generate-keys'), '--private-key', files.key])
  await writeFile(files.config, JSON.stringify(configOf(options, folder, files.key))) // JSON is YAML
  const command = [
    path.join(binaries, 'dendrite'),
    ...['-config', files.config, '-http-bind-address', `127.0.0.1:${port}`],
    '-really-enable-open-registration',
  ] as const
  const isReady = async (): Promise<boolean> =>
    (await call({ url: `${url}/_matrix/client/versions` })).status === 200
  const launch = () => startProgram({ name: 'dendrite', command, cwd: folder, isReady })
  return launched({ url, serverName, port }, launch)
}

/** What `generate-config` writes for SQLite, and no limits. */
function configOf(options: HomeserverOptions, folder: string, key: string): object {
  const database = (name: string): object => ({
    connection_string: `file:${path.join(folder, `${name}.db`)}`,
  })
  return {
    version: 2,
    global: {
      server_name: options.serverName,
      private_key: key,
      disable_federation: true,
      jetstream: { storage_path: folder },
    },
    app_service_api: { config_files: [options.registrationFile] },
    client_api: {
      registration_disabled: false,
      guests_disabled: true,
      rate_limiting: { enabled: false },
    },
    federation_api: { database: database('federation') },
    key_server: { database: database('keys') },
    media_api: { base_path: path.join(folder, 'media'), database: database('media') },
    mscs: { mscs: [], database: database('mscs') },
    relay_api: { database: database('relay') },
    room_server: { database: database('rooms') },
    sync_api: { database: database('sync') },
    user_api: { account_database: database('users'), bcrypt_cost: 4 },
    logging: [{ type: 'std', level: 'warn' }],
  }
}
