import type { Change } from '../model/change.ts'
import type { DeliveryPayload } from '../model/job.ts'

export type Undelivered = { readonly type: 'undelivered'; readonly payload: DeliveryPayload }

/** Tells the author of a private message that it was not even tried. A job, because the message is not kept yet. */
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
