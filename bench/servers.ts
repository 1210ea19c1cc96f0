import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fake = {
  readonly origin: string
  readonly seen: () => number
  close(): Promise<void>
}

type Seen = { readonly method: string; readonly path: string; readonly body: () => string }

export type Answerer = (request: Seen) => { readonly status: number; readonly json?: unknown }

/** A server on loopback that reads each request whole and answers what it is told to. */
export async function startServer(answerer: Answerer): Promise<Fake> {
  let seen = 0
  const server = createServer((request, response) => {
    // The arrival counts, so the answerer is called before the body is read.
    const chunks: Buffer[] = []
    const { method = '', url: path = '' } = request
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    const body = (): string => Buffer.concat(chunks).toString()
    request.on('end', () => {
      seen += 1
      const { status, json } = answerer({ method, path, body })
      const text = json === undefined ? '' : JSON.stringify(json)
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, seen: () => seen, close: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** A homeserver that accepts everything; `onSend` hears of each event when it arrives. */
export function homeserverAnswers(onSend: () => void = () => undefined): Answerer {
  let sent = 0
  return ({ method, path }) => {
    if (path.includes('/send/')) {
      onSend()
      return { status: 200, json: { event_id: `$sent-${++sent}-01234567890123456789012345678` } }
    }
    if (path.endsWith('/versions')) return { status: 200, json: { versions: ['v1.11'] } }
    if (method === 'GET') return { status: 404, json: { errcode: 'M_NOT_FOUND', error: 'no' } }
    return { status: 200, json: {} }
  }
}

/** All of a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
