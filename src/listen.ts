import type { RequestListener, Server } from 'node:http'
import { serverLimits } from './activitypub/routes.ts'

// An import statement would ask this module for all its exports, and with them for Node's own fetch
// and WebSocket, which are 3 MB that nobody here uses.
const { createServer } = process.getBuiltinModule('node:http')

/** Listens at that place; rejects with the error of the system when it cannot. */
export function listen(
  app: RequestListener,
  place: { readonly bind: string; readonly port: number },
): Promise<Server> {
  const server = createServer(serverLimits, app)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place.port, place.bind, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

/** Takes no more, and ends when what runs has ended; whoever takes longer than `patience` (milliseconds) is cut off. */
export function closeServer(server: Server, patience: number): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    // Who keeps a request open beyond this will come again.
    setTimeout(() => server.closeAllConnections(), patience).unref()
  })
}
