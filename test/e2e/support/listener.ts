import http from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listener = {
  readonly url: string
  /** Each request's path and JSON body, in order of arrival. */
  readonly requests: readonly { readonly path: string; readonly body: unknown }[]
  stop(): Promise<void>
}

/** A loopback HTTP server that answers `{}` to everything and remembers what it was asked. */
export async function startListener(): Promise<Listener> {
  const requests: { path: string; body: unknown }[] = []
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      requests.push({ path: req.url ?? '', body: text === '' ? undefined : JSON.parse(text) })
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
