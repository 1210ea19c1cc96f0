import type { Deps } from './ports.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

async function orNobody<Found>(look: Promise<Found>): Promise<Found> {
  try {
    return await look
  } catch (error) {
    if (!(error instanceof TransientError)) throw error
    throw new RejectedError('the account could not be looked up in time', { cause: error })
  }
}

/** An account that cannot be looked up at once is as good as none. */
export function withoutWaiting(deps: Deps): Deps {
  const lookup: Deps['fediverse']['lookup'] = (target) => orNobody(deps.fediverse.lookup(target))
  const fetchActor: Deps['fediverse']['fetchActor'] = (id) =>
    orNobody(deps.fediverse.fetchActor(id))
  return { ...deps, fediverse: { ...deps.fediverse, lookup, fetchActor } }
}
