import type { Change } from '../model/change.ts'
import type { DeliveryPayload } from '../model/job.ts'

export type Undelivered = { readonly type: 'undelivered'; readonly payload: DeliveryPayload }

/** Tells whoever waits for an answer that this was not even tried. A job, because it is not kept yet. */
export function undeliveredJob(payload: DeliveryPayload): Change {
  const name = `undelivered ${payload.activityId} ${payload.inbox}`
  const job = {
    kind: 'upkeep',
    key: name,
    lane: `upkeep:${name}`,
    payload: JSON.stringify({ type: 'undelivered', payload } satisfies Undelivered),
  } as const
  return { change: 'enqueue', job }
}
