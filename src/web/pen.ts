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
  /** Waits only when the client does not keep up. Throws `ClientGone`. */
  write(chunk: Uint8Array): void | Promise<void>
  /** Resolves when everything was taken. */
  end(): Promise<void>
}

/** Writes a body no faster than its client reads, and for nobody who only keeps the line busy. */
export function createPen(response: ServerResponse, limits: PenLimits): Pen {
  let sent = 0
  let waited = 0

  /** How long the client may take now: what it has taken so far earns it time. */
  const patience = (): number =>
    Math.min(limits.idle, Math.max(limits.grace, sent / limits.leastRate) - waited)

  const wait = (event: 'drain' | 'finish'): Promise<void> =>
    new Promise((resolve, reject) => {
      const since = performance.now()
      const settle = (outcome: () => void): void => {
        clearTimeout(timer)
        response.off(event, onEvent)
        response.off('close', onClose)
        outcome()
      }
      const giveUp = (why: string): void =>
        settle(() => {
          response.destroy()
          reject(new ClientGone(why))
        })
      const onEvent = (): void => {
        waited += performance.now() - since
        settle(resolve)
      }
      const onClose = (): void => giveUp('went away')
      const timer = setTimeout(() => giveUp('reads too slowly'), patience())
      response.once(event, onEvent)
      response.once('close', onClose)
    })

  return {
    write(chunk) {
      if (response.destroyed) throw new ClientGone('went away')
      sent += chunk.length
      return response.write(chunk) ? undefined : wait('drain')
    },
    async end() {
      if (response.destroyed) throw new ClientGone('went away')
      const finished = wait('finish')
      response.end()
      await finished
    },
  }
}
