import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'

export type Loopback = {
  readonly origin: string
  readonly host: string
  readonly port: number
  connections(): number
  close(): Promise<void>
}

/** A server on 127.0.0.1 that counts the connections made to it. */
export async function startLoopback(listener: RequestListener): Promise<Loopback> {
  let connections = 0
  const server = createServer(listener)
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const host = `127.0.0.1:${String(address.port)}`
  return {
    origin: `http://${host}`,
    host,
    port: address.port,
    connections: () => connections,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What a promise came to, in a form that tables can hold. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (!(error instanceof Error)) return error
    const { name } = error
    const code = 'code' in error ? error.code : undefined
    return typeof code === 'string' ? `${name} ${code}` : name
  }
}
