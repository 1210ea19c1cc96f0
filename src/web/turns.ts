import type { Clock } from '../model/clock.ts'

/** Ends a turn; a second call does nothing. */
export type Release = () => void

export type Turns = {
  /** Undefined: it would take too long, or the client has gone. */
  take(client: string, signal: AbortSignal): Promise<Release | undefined>
}

export type TurnLimits = {
  /** At work at the same time. */
  readonly perClient: number
  readonly inAll: number
  /** Milliseconds in line. */
  readonly longestWait: number
  /** Further requests wait, so many of one client and so many of all. */
  readonly waitingPerClient: number
  readonly waitingInAll: number
}

type Waiting = { readonly client: string; readonly go: () => void }

/**
 * Bounds how much is done at the same time, so that nobody takes it all. Who comes while there is
 * no room waits a while in line.
 */
export function createTurns(limits: TurnLimits, clock: Clock): Turns {
  const busy = new Map<string, number>()
  const line = new Set<Waiting>()
  let inAll = 0

  const hasRoom = (client: string): boolean =>
    inAll < limits.inAll && (busy.get(client) ?? 0) < limits.perClient

  const begin = (client: string): Release => {
    inAll += 1
    busy.set(client, (busy.get(client) ?? 0) + 1)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      inAll -= 1
      const left = (busy.get(client) ?? 1) - 1
      if (left > 0) busy.set(client, left)
      else busy.delete(client)
      for (const next of line) if (hasRoom(next.client)) next.go()
    }
  }

  const isFull = (client: string): boolean =>
    line.size >= limits.waitingInAll ||
    [...line].filter((one) => one.client === client).length >= limits.waitingPerClient

  const wait = async (client: string, signal: AbortSignal): Promise<Release | undefined> => {
    const over = new AbortController()
    const leave = (): void => over.abort()
    signal.addEventListener('abort', leave, { once: true })
    let release: Release | undefined
    const go = (): void => {
      line.delete(waiting)
      release = begin(client)
      over.abort()
    }
    const waiting: Waiting = { client, go }
    line.add(waiting)
    await clock.sleep(limits.longestWait, over.signal)
    line.delete(waiting)
    signal.removeEventListener('abort', leave)
    return release
  }

  return {
    async take(client, signal) {
      if (signal.aborted) return undefined
      if (hasRoom(client)) return begin(client)
      return isFull(client) ? undefined : wait(client, signal)
    },
  }
}
