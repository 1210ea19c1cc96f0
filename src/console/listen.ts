import type { Server, Socket } from 'node:net'
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { Log } from '../model/clock.ts'
import { type Answered, firstLine, longestLine, readAsked } from './lines.ts'

export type ConsoleDeps = {
  /** Beside the database, so that there is one for each; undefined: there is to be none. */
  readonly path: string | undefined
  /** Does what was typed. */
  readonly answer: (words: readonly string[]) => Promise<Answered>
  readonly log: Log
}

/** Whoever connects and asks nothing is not waited for longer, milliseconds. */
const patience = 10_000
const mostAtOnce = 8

const unclear: Answered = { end: 'usage', text: 'This is no request of "footbridge admin".' }

const { createServer } = process.getBuiltinModule('node:net')

/**
 * Answers `footbridge admin` on a socket of the file system that only the user of this process can
 * open. Resolves with the function that closes it; where there can be none, the bridge goes without.
 */
export async function listenConsole(deps: ConsoleDeps): Promise<() => Promise<void>> {
  const { path, log } = deps
  if (path === undefined) return async () => undefined
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    void serve(socket, deps)
  })
  server.maxConnections = mostAtOnce
  try {
    await listenPrivately(server, path)
  } catch (error) {
    log.warn({ path, err: error }, '"footbridge admin" does not work: its socket cannot be made')
    return async () => undefined
  }
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
}

/** The database is ours alone, so a socket that lies here is left over from a process that died. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path)
  const isOpen = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
  })
  // It is made within this call: at no moment may anybody else open it.
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await isOpen
  chmodSync(path, 0o600)
}

async function serve(socket: Socket, { answer, log }: ConsoleDeps): Promise<void> {
  socket.setTimeout(patience, () => socket.destroy())
  try {
    const asked = readAsked(await firstLine(socket, longestLine))
    // A copy of a large database takes its time.
    socket.setTimeout(0)
    const answered = asked === undefined ? unclear : await answer(asked.words)
    socket.end(`${JSON.stringify(answered)}\n`)
  } catch (error) {
    log.debug({ err: error }, 'a request of "footbridge admin" was cut off')
    socket.destroy()
  }
}
