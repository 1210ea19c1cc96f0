import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What stands before the bridge, as a reverse proxy does, and can go away. */
export type Front = {
  readonly host: string
  open(): Promise<void>
  /** Nothing listens there any more. */
  shut(): Promise<void>
}

/** Passes bytes from a port of its own to `inner`; it is open. */
export async function startFront(inner: number): Promise<Front> {
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  }
  const front = {
    async open() {
      server = createServer((outside) => {
        const inside = keep(connect(inner, '127.0.0.1'))
        keep(outside).pipe(inside).pipe(outside)
        outside.once('close', () => inside.destroy())
        inside.once('close', () => outside.destroy())
      })
      const opened = server
      await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve))
      ;({ port } = opened.address() as AddressInfo)
    },
    async shut() {
      for (const socket of sockets) socket.destroy()
      const shut = server
      server = undefined
      await new Promise<void>((resolve) =>
        shut === undefined ? resolve() : shut.close(() => resolve()),
      )
    },
  }
  await front.open()
  return { ...front, host: `127.0.0.1:${port}` }
}
