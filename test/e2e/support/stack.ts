import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Bridge, startBridge } from './bridge.ts'
import type { Certificate } from './certificate.ts'
import { startDendrite } from './dendrite.ts'
import type { Homeserver } from './homeserver.ts'
import { observer } from './json-http.ts'
import type { MatrixClient } from './matrix-client.ts'
import { makeFolder, repository, runProgram } from './process.ts'
import { freePort } from '../../support/free-port.ts'
import { startSynapse, type SynapseOptions } from './synapse.ts'

/** A homeserver with the bridge beside it, as `footbridge registration` and `run` set it up. */
export type Stack = {
  readonly homeserver: Homeserver
  readonly bridge: Bridge
  /** The base URL that the fediverse sees. */
  readonly publicUrl: string
  readonly handleDomain: string
  /** The base URL that the homeserver pushes to, and the token that it shows there. */
  readonly appservice: { readonly url: string; readonly hsToken: string; readonly asToken: string }
  readonly databasePath: string
  readonly configPath: string
  readonly botId: string
  /** A user with a chat with the bot, whose welcome was read. */
  readonly meet: (name: string) => Promise<Guest>
  /** The same for somebody who is there already, and will have that name on the fediverse. */
  readonly welcome: (client: MatrixClient, username: string) => Promise<Guest>
  /** The bridge starts again with these lines of `permissions`. */
  readonly permit: (permissions: Permissions) => Promise<void>
  /** The bridge starts again with these settings changed. */
  readonly configure: (changed: Settings) => Promise<void>
  /** The bridge takes these settings while it runs, as far as it can. */
  readonly reload: (changed: Settings) => Promise<void>
  readonly stop: () => Promise<void>
}

export type Guest = {
  readonly client: MatrixClient
  readonly handle: string
  readonly management: string
  /** Types a line to the bot and gives what it answers first. */
  readonly command: (line: string) => Promise<string>
}

type Permissions = Readonly<Record<string, 'none' | 'follow' | 'user' | 'admin'>>
/** By section. */
type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const token = (name: string): string => `${name}-token-0123456789abcdef`

type Place = {
  readonly homeserver: string
  readonly serverName: string
  readonly permissions: Permissions
  readonly appservice: number
  readonly world: number
  readonly host: string
  readonly folder: string
}

const configOf = ({ homeserver, serverName, permissions, appservice, ...place }: Place) => ({
  homeserver: { url: homeserver, server_name: serverName },
  appservice: {
    id: 'footbridge',
    bind: '127.0.0.1',
    port: appservice,
    url: `http://127.0.0.1:${appservice}`,
    as_token: token('as'),
    hs_token: token('hs'),
    // One more invite, which a test that wants it asks for.
    spaces: 'off',
  },
  activitypub: {
    bind: '127.0.0.1',
    port: place.world,
    public_url: `http://${place.host}:${place.world}`,
    handle_domain: `${place.host}:${place.world}`,
    // The servers beside it sign; what a test itself looks at, it reads as this one.
    unsigned_fetch_from: [observer],
  },
  permissions,
  provisioning: { access: 'on' },
  // Everybody there is.
  new_accounts: { age: 0 },
  encryption_key: token('encryption-key-of-the-test'),
  database: `sqlite:${path.join(place.folder, 'footbridge.db')}`,
  network: { allow_private: ['127.0.0.0/8'], allow_http: ['127.0.0.1', place.host] },
  logging: { level: 'debug', format: 'json' },
})

const bodyOf = (content: Readonly<Record<string, unknown>>): string =>
  typeof content['body'] === 'string' ? content['body'] : ''

async function welcome(client: MatrixClient, botId: string, handle: string): Promise<Guest> {
  const management = await client.createRoom({
    is_direct: true,
    invite: [botId],
    preset: 'trusted_private_chat',
  })
  const seen = new Set<string>()
  const answer = async (what: string): Promise<string> => {
    const event = await client.waitFor(
      (e) =>
        e.room_id === management &&
        e.sender === botId &&
        e.type === 'm.room.message' &&
        !seen.has(e.event_id ?? ''),
      { what },
    )
    seen.add(event.event_id ?? '')
    return bodyOf(event.content)
  }
  await answer('a welcome')
  return {
    client,
    management,
    handle,
    async command(line) {
      await client.text(management, line)
      return answer(`an answer to ${line}`)
    },
  }
}

export type StackOptions = Pick<SynapseOptions, 'roomVersion' | 'encrypts'> & {
  /** The homeserver is `localhost:<port>` and federates; absent: `matrix.test`, which does not. */
  readonly certificate?: Certificate
  /** Names of users who are admins of the bridge. */
  readonly admins?: readonly string[]
  /** What the bridge is called on this machine; absent: `127.0.0.1`, as all servers beside it. */
  readonly host?: 'localhost'
  /** Settings of these sections. */
  readonly adminPage?: Readonly<Record<string, unknown>>
  readonly media?: Readonly<Record<string, unknown>>
  readonly settings?: Settings
  /** The environment of the bridge. */
  readonly env?: Readonly<Record<string, string>>
}

/** Synapse, unless the environment names another. */
const startHomeserver = process.env['E2E_HOMESERVER'] === 'dendrite' ? startDendrite : startSynapse

async function federationOf({ certificate }: StackOptions) {
  if (certificate === undefined) return { serverName: 'matrix.test' }
  const port = await freePort()
  return { serverName: `localhost:${port}`, federation: { ...certificate, port } }
}

/** With those settings in place of the same ones. */
function settingIn<Of extends object>(config: Of, changed: Settings): Of {
  const before = config as Settings
  const sections = Object.entries(changed).map(([name, section]) => [
    name,
    { ...before[name], ...section },
  ])
  return { ...config, ...(Object.fromEntries(sections) as Settings) }
}

async function writeRegistration(configPath: string, registrationFile: string): Promise<void> {
  const bin = path.join(repository, 'bin/footbridge.js')
  const options = ['-c', configPath, '-o', registrationFile]
  await runProgram([process.execPath, bin, 'registration', ...options])
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const folder = await makeFolder('bridge')
  const [appservice, world, hs] = [await freePort(), await freePort(), await freePort()]
  const configPath = path.join(folder, 'config.yaml')
  const registrationFile = path.join(folder, 'registration.yaml')
  const named = await federationOf(options)
  const { serverName } = named
  const admins = (options.admins ?? []).map((name) => [`@${name}:${serverName}`, 'admin'] as const)
  const permissions = { [serverName]: 'user', ...Object.fromEntries(admins) } as const
  const { host = '127.0.0.1' } = options
  const ours = { host, folder, homeserver: `http://127.0.0.1:${hs}` }
  const place = { ...ours, serverName, appservice, world }
  const usual = {
    ...configOf({ ...place, permissions }),
    media: options.media ?? {},
    admin_page: options.adminPage ?? {},
  }
  let config = settingIn(usual, options.settings ?? {})
  const save = (changed: unknown) => writeFile(configPath, JSON.stringify(changed)) // JSON is YAML
  await save(config)
  await writeRegistration(configPath, registrationFile)
  const homeserver = await startHomeserver({ registrationFile, port: hs, ...options, ...named })
  const { public_url: publicUrl, handle_domain: handleDomain } = config.activitypub
  const { env = {} } = options
  const bridge = await startBridge({ configPath, url: publicUrl, env })
  const botId = `@apbot:${serverName}`
  const welcomeAs = (client: MatrixClient, username: string): Promise<Guest> =>
    welcome(client, botId, `@${username}@${handleDomain}`)
  return {
    homeserver,
    bridge,
    publicUrl,
    handleDomain,
    appservice: {
      url: config.appservice.url,
      hsToken: config.appservice.hs_token,
      asToken: config.appservice.as_token,
    },
    databasePath: path.join(folder, 'footbridge.db'),
    configPath,
    botId,
    meet: async (name) => welcomeAs(await homeserver.register(name), name),
    welcome: welcomeAs,
    async permit(permitted) {
      config = { ...config, permissions: permitted }
      await save(config)
      await bridge.restart()
    },
    async configure(changed) {
      config = settingIn(config, changed)
      await save(config)
      await bridge.restart()
    },
    async reload(changed) {
      config = settingIn(config, changed)
      await save(config)
      const { msg } = await bridge.reload()
      if (msg !== 'the configuration was read anew') throw new Error(String(msg))
    },
    async stop() {
      await bridge.stop()
      await homeserver.stop()
    },
  }
}
