import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Bridge, startBridge } from './bridge.ts'
import type { MatrixClient } from './matrix-client.ts'
import { freePort, makeFolder, repository, runProgram } from './process.ts'
import { startSynapse, type Synapse, type SynapseOptions } from './synapse.ts'

/** A homeserver with the bridge beside it, as `footbridge registration` and `run` set it up. */
export type Stack = {
  readonly synapse: Synapse
  readonly bridge: Bridge
  /** The base URL that the fediverse sees. */
  readonly publicUrl: string
  readonly handleDomain: string
  /** The base URL that the homeserver pushes to, and the token that it shows there. */
  readonly appservice: { readonly url: string; readonly hsToken: string }
  readonly databasePath: string
  readonly botId: string
  /** A user with a chat with the bot, whose welcome was read. */
  readonly meet: (name: string) => Promise<Guest>
  readonly stop: () => Promise<void>
}

export type Guest = {
  readonly client: MatrixClient
  readonly handle: string
  readonly management: string
  /** Types a line to the bot and gives what it answers first. */
  readonly command: (line: string) => Promise<string>
}

const token = (name: string): string => `${name}-token-0123456789abcdef`

type Place = {
  readonly synapse: string
  readonly appservice: number
  readonly world: number
  readonly folder: string
}

const configOf = ({ synapse, appservice, world, folder }: Place) => ({
  homeserver: { url: synapse, server_name: 'matrix.test' },
  appservice: {
    id: 'footbridge',
    bind: '127.0.0.1',
    port: appservice,
    url: `http://127.0.0.1:${appservice}`,
    as_token: token('as'),
    hs_token: token('hs'),
  },
  activitypub: {
    bind: '127.0.0.1',
    port: world,
    public_url: `http://127.0.0.1:${world}`,
    handle_domain: `127.0.0.1:${world}`,
  },
  permissions: { 'matrix.test': 'user' },
  database: `sqlite:${path.join(folder, 'footbridge.db')}`,
  network: { allow_private: ['127.0.0.0/8'], allow_http: ['127.0.0.1'] },
  logging: { level: 'debug', format: 'json' },
})

const bodyOf = (content: Readonly<Record<string, unknown>>): string =>
  typeof content['body'] === 'string' ? content['body'] : ''

async function meet(client: MatrixClient, botId: string, domain: string): Promise<Guest> {
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
  const name = client.userId.slice(1).split(':')[0] ?? ''
  return {
    client,
    management,
    handle: `@${name}@${domain}`,
    async command(line) {
      await client.text(management, line)
      return answer(`an answer to ${line}`)
    },
  }
}

export async function startStack(
  options: Pick<SynapseOptions, 'roomVersion' | 'encrypts'> = {},
): Promise<Stack> {
  const folder = await makeFolder('bridge')
  const [appservice, world, hs] = [await freePort(), await freePort(), await freePort()]
  const configPath = path.join(folder, 'config.yaml')
  const registrationFile = path.join(folder, 'registration.yaml')
  const config = configOf({ synapse: `http://127.0.0.1:${hs}`, appservice, world, folder })
  await writeFile(configPath, JSON.stringify(config)) // JSON is YAML
  const bin = path.join(repository, 'bin/footbridge.js')
  await runProgram([
    process.execPath,
    bin,
    'registration',
    '-c',
    configPath,
    '-o',
    registrationFile,
  ])
  const place = { registrationFile, serverName: 'matrix.test', port: hs }
  const synapse = await startSynapse({ ...place, ...options })
  const publicUrl = config.activitypub.public_url
  const bridge = await startBridge({ configPath, url: publicUrl })
  const { handle_domain: handleDomain } = config.activitypub
  const botId = '@apbot:matrix.test'
  return {
    synapse,
    bridge,
    publicUrl,
    handleDomain,
    appservice: { url: config.appservice.url, hsToken: config.appservice.hs_token },
    databasePath: path.join(folder, 'footbridge.db'),
    botId,
    meet: async (name) => meet(await synapse.register(name), botId, handleDomain),
    async stop() {
      await bridge.stop()
      await synapse.stop()
    },
  }
}
