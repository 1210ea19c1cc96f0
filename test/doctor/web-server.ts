import { once } from 'node:events'
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Shown } from './certificates.ts'

export type WebServerOptions = {
  readonly certificate: Shown
  /** Port on loopback that requests are passed to; undefined: it has a site of its own. */
  readonly passesTo?: number
  /** Headers that do not get through. */
  readonly strips?: readonly string[]
  /** Headers that are replaced. */
  readonly sets?: Readonly<Record<string, string>>
  /** Bytes of a body that are let through. */
  readonly bodyLimit?: number
  /** How the path is spelt when it is passed on. */
  readonly spells?: (target: string) => string
  /** Answers with that, whatever is asked. */
  readonly answers?: (target: string) => {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
  /** Milliseconds that its clock is ahead of ours. */
  readonly ahead?: number
}

export type WebServer = { readonly port: number; readonly host: string; stop(): Promise<void> }

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { passesTo, strips = [], sets = {}, spells = (target) => target }: WebServerOptions,
): Promise<void> {
  const body = await readBody(request)
  const kept = Object.entries(request.headers).filter(([name]) => !strips.includes(name))
  const upstream = ask({
    host: '127.0.0.1',
    port: passesTo,
    method: request.method,
    path: spells(request.url ?? '/'),
    headers: { ...Object.fromEntries(kept), ...sets },
  })
  upstream.on('error', () => response.writeHead(502, { server: 'nginx' }).end('<h1>502</h1>'))
  upstream.on('response', (found) => {
    response.writeHead(found.statusCode ?? 500, found.headers)
    found.pipe(response)
  })
  upstream.end(body)
}

/** A web server with TLS in front of the bridge, as wrong as it is told to be. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { certificate, bodyLimit = Infinity, answers, ahead } = options
  const server = createServer(
    { key: certificate.key, cert: certificate.chain },
    (request, response) => {
      if (ahead !== undefined)
        response.setHeader('date', new Date(Date.now() + ahead).toUTCString())
      const own = answers?.(request.url ?? '/')
      if (own !== undefined) {
        request.resume()
        response.writeHead(own.status, { server: 'nginx', ...own.headers }).end(own.body)
      } else if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
        response.writeHead(413, { server: 'nginx', connection: 'close' }).end('<h1>413</h1>')
      } else {
        void passOn(request, response, options)
      }
    },
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `localhost:${port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
