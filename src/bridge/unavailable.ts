import type { Change } from '../model/change.ts'
import type { DeliveryPayload } from '../model/job.ts'
import type { Deps } from './ports.ts'
import { suspensionOf, whyBarred } from './domain-blocks.ts'
import type { Undelivered } from './undelivered-job.ts'
import { tellUndelivered } from './give-up.ts'

const atOnce = 100

export type Unavailable = { readonly type: 'unavailable'; readonly host: string }

/** The job that ends what waits for a host which has failed for days. */
export function unavailableJob(host: string, now: number): Change {
  const name = `unavailable ${host}`
  const job = {
    kind: 'upkeep',
    key: `${name} ${String(now)}`,
    lane: `upkeep:${name}`,
    payload: JSON.stringify({ type: 'unavailable', host } satisfies Unavailable),
  } as const
  return { change: 'enqueue', job }
}

const why = 'it has failed for seven days; try again once it is back'

/** Ends the deliveries that wait for that host, with one line about all of them; their authors hear of it. */
export async function dropDeliveries(
  { host }: Unavailable,
  deps: Deps,
): Promise<readonly Change[]> {
  const { deliveries, log } = deps
  let dropped = 0
  while (await deliveries.isUnavailable(host)) {
    const jobs = await deliveries.waitingAt('delivery', host, atOnce)
    if (jobs.length === 0) break
    const told = await Promise.all(
      jobs.map(({ payload }) => tellUndelivered(JSON.parse(payload) as DeliveryPayload, why, deps)),
    )
    dropped += await deliveries.drop(jobs, told.flat())
  }
  log.warn({ host, dropped }, 'a server has failed for seven days: what waits for it is dropped')
  return []
}

export async function tellUntried(
  { payload }: Undelivered,
  deps: Deps,
): Promise<readonly Change[]> {
  const suspension = await suspensionOf(payload.inbox, deps)
  return tellUndelivered(payload, suspension === undefined ? why : whyBarred(suspension), deps)
}
