import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Certificate } from './certificate.ts'
import { type Homeserver, launched } from './homeserver.ts'
import { call } from './json-http.ts'
import { makeFolder, python, startProgram } from './process.ts'
import { freePort } from '../../support/free-port.ts'

export type SynapseOptions = {
  /** Application service registrations, read at each start. */
  readonly registrationFile?: string
  readonly serverName?: string
  readonly port?: number
  /** The version of rooms that are made without naming one: 12. */
  readonly roomVersion?: string
  /** Every room of these types is made encrypted. */
  readonly encrypts?: 'all' | 'invite'
  /** Talks to other homeservers that show this certificate; absent: to nobody. */
  readonly federation?: Federation
}

/** The port is the one of the server's name, `localhost:<port>`: there is no other way to find it. */
export type Federation = Certificate & { readonly port: number }

/** Starts a homeserver with a database of its own on loopback. */
export async function startSynapse(options: SynapseOptions = {}): Promise<Homeserver> {
  const { registrationFile, serverName = 'matrix.test' } = options
  const folder = await makeFolder('synapse')
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const files = { config: path.join(folder, 'homeserver.yaml'), log: path.join(folder, 'log.yaml') }
  await writeFile(files.log, JSON.stringify(logging))
  const registrations = registrationFile === undefined ? [] : [registrationFile]
  const { roomVersion = '12' } = options
  const plan = { folder, port, serverName, registrations, log: files.log, roomVersion }
  const encryption = { encryption_enabled_by_default_for_room_type: options.encrypts ?? 'off' }
  const config = { ...homeserver(plan), ...encryption, ...federating(plan, options.federation) }
  await writeFile(files.config, JSON.stringify(config)) // JSON is YAML
  const command = [python, '-m', 'synapse.app.homeserver', '-c', files.config] as const
  // As --generate-keys writes it, in less time.
  const seed = randomBytes(32).toString('base64').replaceAll('=', '')
  await writeFile(config.signing_key_path, `ed25519 a_test ${seed}\n`)
  const isReady = async (): Promise<boolean> =>
    (await call({ url: `${url}/health` })).status === 200
  const launch = () => startProgram({ name: 'synapse', command, cwd: folder, isReady })
  return launched({ url, serverName, port }, launch)
}

const logging = {
  version: 1,
  formatters: { short: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'short' } },
  root: { level: 'WARNING', handlers: ['console'] },
  disable_existing_loggers: false,
}

type Plan = {
  readonly folder: string
  readonly port: number
  readonly serverName: string
  readonly registrations: readonly string[]
  readonly log: string
  readonly roomVersion: string
}

const plenty = { per_second: 10_000, burst_count: 10_000 }

function homeserver(plan: Plan) {
  return {
    server_name: plan.serverName,
    listeners: [clientListener(plan)],
    public_baseurl: `http://127.0.0.1:${plan.port}/`,
    database: { name: 'sqlite3', args: { database: path.join(plan.folder, 'homeserver.db') } },
    app_service_config_files: plan.registrations,
    log_config: plan.log,
    media_store_path: path.join(plan.folder, 'media'),
    signing_key_path: path.join(plan.folder, 'signing.key'),
    pid_file: path.join(plan.folder, 'homeserver.pid'),
    macaroon_secret_key: 'only-for-tests',
    form_secret: 'only-for-tests',
    registration_shared_secret: 'only-for-tests',
    enable_registration: true,
    enable_registration_without_verification: true,
    bcrypt_rounds: 4,
    default_room_version: plan.roomVersion,
    presence: { enabled: false },
    report_stats: false,
    trusted_key_servers: [],
    ...rateLimits,
  }
}

const clientListener = ({ port }: Plan) => ({
  port,
  bind_addresses: ['127.0.0.1'],
  type: 'http',
  resources: [{ names: ['client', 'openid'] }],
})

function federating(plan: Plan, federation: Federation | undefined): Record<string, unknown> {
  if (federation === undefined) return { federation_domain_whitelist: [] }
  const { port, certificate, key } = federation
  const resources = [{ names: ['federation'] }]
  const listener = { port, bind_addresses: ['127.0.0.1'], type: 'http', tls: true, resources }
  return {
    listeners: [clientListener(plan), listener],
    tls_certificate_path: certificate,
    tls_private_key_path: key,
    federation_custom_ca_list: [certificate],
    ip_range_blacklist: [],
  }
}

const rateLimits = {
  rc_message: plenty,
  rc_registration: plenty,
  rc_registration_token_validity: plenty,
  rc_admin_redaction: plenty,
  rc_login: { address: plenty, account: plenty, failed_attempts: plenty },
  rc_joins: { local: plenty, remote: plenty },
  rc_joins_per_room: plenty,
  rc_invites: { per_room: plenty, per_user: plenty, per_issuer: plenty },
  rc_media_create: plenty,
  rc_presence: { per_user: plenty },
  rc_delayed_event_mgmt: plenty,
  rc_reports: plenty,
  rc_room_creation: plenty,
  rc_user_directory: plenty,
}
