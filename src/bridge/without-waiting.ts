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

/** What fails for want of another server is tried again when its time is over, and not only later. */
export async function waitingUntil<Result>(
  work: () => Promise<Result>,
  end: () => Promise<number>,
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof TransientError) || cause.of !== 'remote') throw cause
    const { message, retryAt, status } = cause
    throw new TransientError(message, {
      cause,
      noLaterThan: await end(),
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(status === undefined ? {} : { status }),
    })
  }
}

/** An account that cannot be looked up at once is as good as none. */
export function withoutWaiting(deps: Deps): Deps {
  const lookup: Deps['fediverse']['lookup'] = (target) => orNobody(deps.fediverse.lookup(target))
  const fetchActor: Deps['fediverse']['fetchActor'] = (id) =>
    orNobody(deps.fediverse.fetchActor(id))
  return { ...deps, fediverse: { ...deps.fediverse, lookup, fetchActor } }
}
