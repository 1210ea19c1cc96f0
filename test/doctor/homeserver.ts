import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Registration } from '../../src/config/registration.ts'

export type HomeserverOptions = {
  readonly serverName: string
  /** What it has loaded; undefined: nothing. */
  readonly registration: Registration | undefined
  /** Names that another application service has for itself. */
  readonly takenByOthers?: RegExp
  readonly encrypts?: boolean
  /** Has no `POST …/ping`, as before Matrix 1.7. */
  readonly knowsNoPing?: boolean
  /** Answers every path as a web site does. */
  readonly isWebSite?: boolean
}

export type RunningHomeserver = { readonly url: string; stop(): Promise<void> }

type Answer = readonly [status: number, body: object]

const error = (status: number, errcode: string, more: object = {}): Answer => [
  status,
  { errcode, error: errcode, ...more },
]

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
}

/** As Synapse does it: what it reached, and what that answered. */
async function ping({ url, hs_token }: Registration, body: object): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`${url}/_matrix/app/v1/ping`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hs_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch {
    return error(502, 'M_CONNECTION_FAILED')
  }
  const text = await response.text()
  if (response.status === 200) return [200, { duration_ms: 1 }]
  return error(502, 'M_BAD_STATUS', { status: response.status, body: text })
}

function register(
  username: unknown,
  registration: Registration,
  { serverName, takenByOthers }: HomeserverOptions,
): Answer {
  const userId = `@${String(username)}:${serverName}`
  const isOurs = registration.namespaces.users.some(({ regex }) => new RegExp(regex).test(userId))
  if (!isOurs || takenByOthers?.test(userId) === true) return error(400, 'M_EXCLUSIVE')
  return error(400, 'M_USER_IN_USE')
}

async function answer(request: IncomingMessage, options: HomeserverOptions): Promise<Answer> {
  const { registration, serverName, encrypts } = options
  const path = (request.url ?? '').replace(/\?.*$/, '')
  if (path === '/_matrix/client/versions') return [200, { versions: ['v1.1', 'v1.15'] }]
  const body = await readJson(request)
  const token = request.headers.authorization?.replace(/^Bearer /, '')
  if (registration === undefined || token !== registration.as_token)
    return error(401, 'M_UNKNOWN_TOKEN')
  if (path === '/_matrix/client/v3/account/whoami')
    return [200, { user_id: `@${registration.sender_localpart}:${serverName}` }]
  if (path === '/_matrix/client/v3/register')
    return register(body['username'], registration, options)
  if (path === '/_matrix/client/v3/createRoom') return [200, { room_id: '!doctor:hs' }]
  if (path.endsWith('/state/m.room.encryption/'))
    return encrypts === true
      ? [200, { algorithm: 'm.megolm.v1.aes-sha2' }]
      : error(404, 'M_NOT_FOUND')
  if (/\/(?:leave|forget|displayname)$/.test(path)) return [200, {}]
  if (
    options.knowsNoPing !== true &&
    path === `/_matrix/client/v1/appservice/${registration.id}/ping`
  )
    return ping(registration, body)
  return error(404, 'M_UNRECOGNIZED')
}

/** What of a homeserver the doctor asks for, on loopback, as Synapse answers it. */
export async function startHomeserver(options: HomeserverOptions): Promise<RunningHomeserver> {
  const reply = (response: ServerResponse, [status, body]: Answer): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    if (options.isWebSite === true) {
      response.writeHead(404, { server: 'nginx' }).end('<h1>Not here</h1>')
      return
    }
    answer(request, options).then(
      (one) => reply(response, one),
      (failure: unknown) => reply(response, [500, { error: String(failure) }]),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
