import { once } from 'node:events'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import Sqlite from 'better-sqlite3'
import type { Config } from '../../src/config/config.ts'
import type { Trouble } from '../../src/model/trouble.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { Broken } from './deployment.ts'

const databaseOf = ({ database }: Config): string => database.slice('sqlite:'.length)
const minutes = (count: number): number => count * 60_000

async function makeDatabase(config: Config): Promise<string> {
  const file = databaseOf(config)
  ;(await openDatabase(config.database)).close()
  return file
}

/** Another process that answers the homeserver as we would. */
function twin(): Broken {
  const other = createHttpServer((_request, response) => void response.end('{}'))
  return {
    registration: async (right) => {
      other.listen(0, '127.0.0.1')
      await once(other, 'listening')
      return { ...right, url: `http://127.0.0.1:${(other.address() as AddressInfo).port}` }
    },
    machine: () => () => {
      other.closeAllConnections()
      other.close()
    },
  }
}

/** A deployment that is wrong in one way. */
export type Row = {
  readonly title: string
  readonly broken: Broken
  /** What the doctor has to name, and nothing beside it, in any order. */
  readonly troubles: readonly Trouble[]
  /** In what is wrong, and in what to change. */
  readonly what: RegExp
  readonly mend: RegExp
  readonly isWarning?: true
}

export const rows: readonly Row[] = [
  {
    title: 'the homeserver has not loaded the registration',
    broken: { registration: () => undefined },
    troubles: ['registration-not-loaded'],
    what: /has not loaded the registration/,
    mend: /^In homeserver\.yaml: app_service_config_files: \[.*registration\.yaml\], then restart/,
  },
  {
    title: 'as_token is not the one of the registration',
    broken: {
      config: (config) => ({
        ...config,
        appservice: { ...config.appservice, asToken: 'another-token' },
      }),
    },
    troubles: ['wrong-token'],
    what: /as_token in .*config\.yaml is not the one in .*registration\.yaml, which the homeserver knows/,
    mend: /^In .*config\.yaml, under appservice: as_token and hs_token: /,
  },
  {
    title: 'hs_token is not the one of the registration',
    broken: { registration: (right) => ({ ...right, hs_token: 'another-token' }) },
    troubles: ['wrong-token'],
    what: /has another hs_token/,
    mend: /^footbridge registration -c .* then restart the homeserver$/,
  },
  {
    title: 'homeserver.url is that of a web site',
    broken: { homeserver: { isWebSite: true } },
    troubles: ['not-a-homeserver'],
    what: /something else than a homeserver answers .* 404, as nginx/,
    mend: /under homeserver: url: /,
  },
  {
    title: 'the homeserver looks for Footbridge at the wrong place',
    broken: { registration: (right) => ({ ...right, url: 'http://127.0.0.1:9' }) },
    troubles: ['homeserver-cannot-reach-us'],
    what: /does not reach Footbridge .*M_CONNECTION_FAILED/,
    mend: /under appservice: url: <http:\/\/host:\d+ /,
  },
  {
    title: 'the homeserver reaches another program in its place',
    broken: {
      // The listener for the fediverse, which asks whoever comes to come again.
      registration: (right, { activitypub }) => ({
        ...right,
        url: `http://127.0.0.1:${activitypub.port}`,
      }),
    },
    troubles: ['another-bridge'],
    what: /another program answers where the homeserver looks for Footbridge \(status 503\)/,
    mend: /under appservice: url: /,
  },
  {
    title: 'a second Footbridge with the same tokens is reached in its place',
    broken: twin(),
    troubles: ['another-bridge'],
    what: /reaches a Footbridge, but not this one/,
    mend: /^Stop the other Footbridge/,
  },
  {
    title: 'homeserver.server_name is another one',
    broken: { homeserver: { serverName: 'matrix.example.org' } },
    troubles: ['wrong-server-name'],
    what: /the homeserver is matrix\.example\.org, not example\.org/,
    mend: /under homeserver: server_name: matrix\.example\.org/,
  },
  {
    title: 'the homeserver is down',
    broken: { homeserver: 'down' },
    troubles: ['homeserver-unreachable'],
    what: /nothing answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    mend: /^Start the homeserver, or in .*config\.yaml, under homeserver: url: /,
  },
  {
    title: 'the homeserver encrypts every room',
    broken: { homeserver: { encrypts: true } },
    troubles: ['encryption-forced'],
    what: /encrypts every new room/,
    mend: /^In homeserver\.yaml: encryption_enabled_by_default_for_room_type: off/,
  },
  {
    title: 'another application service has the bot',
    broken: { homeserver: { takenByOthers: /^@apbot:/ } },
    troubles: ['bot-taken'],
    what: /keeps @apbot:example\.org for another application service/,
    mend: /bot_localpart: apbot2/,
  },
  {
    title: 'the namespaces are those of another prefix',
    broken: {
      registration: (right) => ({
        ...right,
        namespaces: {
          ...right.namespaces,
          users: [{ exclusive: true, regex: '^@(_old_.*|apbot):example\\.org$' }],
        },
      }),
    },
    troubles: ['namespaces'],
    what: /does not give accounts @_ap_… to Footbridge/,
    mend: /^footbridge registration -c /,
  },
  {
    title: 'the web server strips the headers of signatures',
    broken: { web: { strips: ['signature', 'digest'] } },
    troubles: ['proxy-headers', 'proxy-headers'],
    what: /does not pass on (?:digest, )?signature/,
    mend: /proxy_set_header Signature \$http_signature;/,
  },
  {
    title: 'the web server puts its own host in',
    broken: { web: { sets: { host: '127.0.0.1' } } },
    troubles: ['proxy-headers'],
    what: /changes host/,
    mend: /proxy_set_header Host \$http_host;/,
    isWarning: true,
  },
  {
    title: 'the web server spells paths anew',
    broken: { web: { spells: decodeURIComponent } },
    troubles: ['proxy-path'],
    what: /spells paths anew/,
    mend: /proxy_pass http:\/\/127\.0\.0\.1:\d+; \(with nothing after the port/,
  },
  {
    title: 'the web server bounds bodies',
    broken: { web: { bodyLimit: 100_000 } },
    troubles: ['body-limit'],
    what: /does not let a body of 1 MB through: it answers 413, as nginx/,
    mend: /client_max_body_size 2m;/,
  },
  {
    title: 'the clock is ten minutes slow',
    broken: { elsewhere: { ahead: minutes(10) } },
    troubles: ['clock'],
    what: /the clock of this machine is 10 minutes behind that of localhost/,
    mend: /^timedatectl set-ntp true/,
  },
  {
    title: 'the clock is ten minutes fast',
    broken: { elsewhere: { ahead: minutes(-10) } },
    troubles: ['clock'],
    what: /10 minutes ahead of/,
    mend: /^timedatectl set-ntp true/,
  },
  {
    title: 'the chain of the certificate is missing',
    broken: { certificate: ({ chainless }) => chainless },
    troubles: ['certificate'],
    what: /without the chain up to a known authority/,
    mend: /fullchain\.pem; \(not cert\.pem\)/,
  },
  {
    title: 'the certificate has expired',
    broken: { certificate: ({ expired }) => expired },
    troubles: ['certificate'],
    what: /has expired on \d{4}-\d\d-\d\d/,
    mend: /^certbot renew --cert-name localhost/,
  },
  {
    title: 'the certificate is for another name',
    broken: { certificate: ({ foreign }) => foreign },
    troubles: ['certificate'],
    what: /is for other\.example, not for localhost/,
    mend: /^certbot certonly -d localhost/,
  },
  {
    title: 'the certificate is signed by nobody',
    broken: { certificate: ({ selfSigned }) => selfSigned },
    troubles: ['certificate'],
    what: /is signed by no known authority/,
    mend: /^certbot certonly -d localhost/,
  },
  {
    title: 'the public URL is at a private address',
    broken: {
      config: (config) => ({ ...config, network: { allowPrivate: [], allowHttp: [] } }),
    },
    // The server elsewhere is one as well, and refused for it.
    troubles: ['private-address', 'outbound'],
    what: /localhost is at (?:.*, )?127\.0\.0\.1.*, which is no public address/,
    mend: /In the DNS of its domain: localhost\. A /,
    isWarning: true,
  },
  {
    title: 'the public URL leads to another server',
    broken: {
      web: {
        answers: (target) =>
          target.includes('nodeinfo')
            ? { status: 200, body: '{"links":[],"software":{"name":"mastodon"}}' }
            : { status: 404, body: '<h1>Not here</h1>' },
      },
    },
    troubles: ['another-server'],
    what: /answers something else than this Footbridge: it answers 404, as nginx/,
    mend: /proxy_pass http:\/\/127\.0\.0\.1:\d+;.* or in .*config\.yaml, under activitypub: public_url: /,
  },
  {
    title: 'the web server passes on to the wrong port',
    broken: { web: { passesTo: 9 } },
    troubles: ['web-server-cannot-reach-us'],
    what: /does not reach Footbridge, which listens on 127\.0\.0\.1:\d+: it answers 502/,
    mend: /proxy_pass http:\/\/127\.0\.0\.1:\d+;/,
  },
  {
    title: 'the domain of the handles leads nowhere',
    broken: { handleDomain: () => () => ({ status: 404 }) },
    troubles: ['handle-domain', 'handle-domain'],
    what: /WebFinger at localhost:\d+ does not lead to Footbridge: it answers 404/,
    mend: /location = \/\.well-known\/webfinger \{ return 301 https:\/\/localhost:\d+\$request_uri; \}/,
  },
  {
    title: 'the domain of the handles leads here without the question',
    broken: {
      handleDomain: (publicUrl) => (target) => ({
        status: 301,
        headers: { location: `${publicUrl}${target.replace(/\?.*$/, '')}` },
      }),
    },
    troubles: ['handle-domain'],
    what: /without the question in it/,
    mend: /\$request_uri; \}/,
  },
  {
    title: 'the world cannot be reached',
    broken: { elsewhere: 'down' },
    troubles: ['outbound'],
    what: /cannot be reached from here: .*ECONNREFUSED/,
    mend: /port 443 through the firewall/,
  },
  {
    title: 'the database is in use',
    broken: {
      machine: async (config) => {
        const database = await openDatabase(config.database)
        return () => database.close()
      },
    },
    troubles: ['database-in-use'],
    what: /footbridge\.db is in use by another process/,
    mend: /^Stop the other one/,
  },
  {
    title: 'the database is damaged at its head',
    broken: {
      machine: (config) => {
        writeFileSync(databaseOf(config), 'This is no database, whatever it is called. '.repeat(99))
        return () => undefined
      },
    },
    troubles: ['database-damaged'],
    what: /is damaged: file is not a database/,
    mend: /put the newest backup in its place/,
  },
  {
    title: 'the database is damaged inside',
    broken: {
      machine: async (config) => {
        const file = await makeDatabase(config)
        const handle = openSync(file, 'r+')
        // All of the third page and those behind it, where tables and indexes begin.
        for (let page = 2; page < 40; page++)
          writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
        closeSync(handle)
        return () => undefined
      },
    },
    troubles: ['database-damaged'],
    what: /is damaged: /,
    mend: /put the newest backup in its place/,
  },
  {
    title: 'the database was changed by a newer version',
    broken: {
      machine: async (config) => {
        const sqlite = new Sqlite(await makeDatabase(config))
        sqlite
          .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
          .run('9999-later', '2030-01-01')
        sqlite.close()
        return () => undefined
      },
    },
    troubles: ['database-newer'],
    what: /changed by a newer version \(migration 9999-later\)/,
    mend: /^Run that version, or restore the copy/,
  },
  {
    title: 'another program has the port',
    broken: {
      machine: async ({ appservice }) => {
        const other = createServer((socket) => socket.end()).listen(appservice.port, '127.0.0.1')
        await once(other, 'listening')
        return () => other.close()
      },
    },
    troubles: ['port-taken'],
    what: /another program listens on 127\.0\.0\.1:\d+/,
    mend: /under appservice: port: /,
  },
  {
    title: 'another program has the port of the page for admins',
    broken: {
      config: (config) => {
        const { hostname: bind, port, origin: url } = new URL(config.homeserver.url)
        return { ...config, adminPage: { bind, port: Number(port), url, takesOpenId: false } }
      },
    },
    troubles: ['port-taken'],
    what: /another program listens on 127\.0\.0\.1:\d+/,
    mend: /under admin_page: port: /,
  },
  {
    title: 'the address to listen on is of another machine',
    broken: {
      config: (config) => ({
        ...config,
        appservice: { ...config.appservice, bind: '192.0.2.1' },
      }),
    },
    troubles: ['address-unavailable'],
    what: /nobody can listen on 192\.0\.2\.1:\d+ here: .*EADDRNOTAVAIL/,
    mend: /under appservice: bind: /,
  },
]
