import type { Deps } from './ports.ts'
import type { Server } from '../model/server.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

const dayInMs = 86_400_000
const hourInMs = 3_600_000

/** What did not tell is asked again sooner. */
const isFresh = ({ software, fetchedAt }: Server, now: number): boolean =>
  fetchedAt > now - (software === undefined ? hourInMs : dayInMs)

/**
 * What runs at that host, asked for once a day. A server that is away or silent holds nothing up:
 * what we knew of it serves on.
 */
export async function serverOf(host: string, deps: Deps): Promise<Server> {
  const known = await deps.store.findServer(host)
  if (known !== undefined && isFresh(known, deps.clock.now())) return known
  return deps.locks(`server ${host}`, async () => {
    const again = await deps.store.findServer(host)
    if (again !== undefined && isFresh(again, deps.clock.now())) return again
    const server = await fetchOrKeep(host, again, deps)
    await deps.store.commit([{ change: 'put-server', server }])
    return server
  })
}

async function fetchOrKeep(host: string, known: Server | undefined, deps: Deps): Promise<Server> {
  try {
    return await deps.fediverse.fetchServer(host)
  } catch (error) {
    if (!(error instanceof RejectedError) && !(error instanceof TransientError)) throw error
    return { ...known, host, fetchedAt: deps.clock.now() }
  }
}
