import type { ServerResponse } from 'node:http'

export type PenLimits = {
  /** Milliseconds in which a client that reads at all takes something. */
  readonly idle: number
  /** How much it has to take at least, over all the time that we wait for it: bytes a millisecond. */
  readonly leastRate: number
  /** Milliseconds of waiting before that counts. */
  readonly grace: number
}

/** The client went away, or reads too slowly to be waited for. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export type Pen = {
  /** Done when the system has the bytes, at once where it can. Throws `ClientGone`. */
  write(chunk: Uint8Array): void | Promise<void>
  /** Resolves when everything was taken. */
  end(): Promise<void>
}

/** Writes a body no faster than its client reads, and for nobody who only keeps the line busy. */
export function createPen(response: ServerResponse, limits: PenLimits): Pen {
  let sent = 0
  let waited = 0
  let giveUp: (error: Error) => void = () => undefined
  response.once('close', () => giveUp(new ClientGone('went away')))

  /** How long the client may take now: what it has taken so far earns it time. */
  const patience = (): number =>
    Math.min(limits.idle, Math.max(limits.grace, sent / limits.leastRate) - waited)

  const wait = async (begin: (proceed: () => void) => void): Promise<void> => {
    const since = performance.now()
    const taken = new Promise<void>((resolve, reject) => {
      giveUp = reject
      begin(resolve)
    })
    const timer = setTimeout(() => {
      giveUp(new ClientGone('reads too slowly'))
      response.destroy()
    }, patience())
    try {
      await taken
    } finally {
      clearTimeout(timer)
      waited += performance.now() - since
    }
  }

  const check = (): void => {
    if (response.destroyed || response.socket?.destroyed !== false)
      throw new ClientGone('went away')
  }

  return {
    write(chunk) {
      check()
      sent += chunk.length
      let onTaken = (): void => undefined
      response.write(chunk, () => onTaken())
      // Node gathers what is written in one turn; a piece of a file is enough for a packet.
      response.socket?.uncork()
      // Most of the time the system has taken it now.
      if (response.writableLength === 0) return undefined
      return wait((proceed) => (onTaken = proceed))
    },
    async end() {
      check()
      await wait((proceed) => response.end(proceed))
    },
  }
}
