import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Http } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'

export type Served = { readonly port: number; stop(): Promise<void> }

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const headersOf = ({ headers }: http.IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  )

/**
 * Serves an `Http` port in memory on loopback. `performed` hears of each request after it was
 * performed and before it is answered; when it says so, there is no answer.
 */
export async function serve(
  exchange: Http,
  performed: (request: http.IncomingMessage) => Promise<'answer' | 'silence'>,
  port = 0,
): Promise<Served> {
  const answer = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const method = req.method as 'GET' | 'POST' | 'PUT'
    const url = `http://${req.headers.host ?? ''}${req.url ?? ''}`
    const body = await readBody(req)
    const request = { method, url, headers: headersOf(req), timeout: 0, maxBytes: 0 }
    const whole = body.length === 0 ? request : { ...request, body }
    const { status, headers, body: text } = await exchange(whole)
    if ((await performed(req)) === 'silence') res.destroy()
    else res.writeHead(status, headers).end(text)
  }
  const server = http.createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      if (error instanceof TransientError) res.destroy()
      else res.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
