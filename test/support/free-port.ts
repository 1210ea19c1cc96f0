import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below what systems take for the near end of outgoing connections: such a port could be taken by
 * one between this answer and the program that is to listen on it.
 */
const lowest = 10_000
const highest = 32_000

const given = new Set<number>()

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A loopback port that nobody listens on now and that was not given before: the preferred one, else any. */
export async function freePort(preferred = randomInt(lowest, highest)): Promise<number> {
  if (given.has(preferred) || !(await isFree(preferred))) return freePort()
  given.add(preferred)
  return preferred
}
