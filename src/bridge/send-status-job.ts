import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ObjectId } from '../model/ids.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'

/** Clients of Beeper's kind are to be told what came of a message: payload of an `upkeep` job. */
export type SendStatus = { readonly type: 'send-status'; readonly object: ObjectId }

/** Most servers have answered by then, milliseconds. */
export const firstPause = 3_000

/** With the publishing of a message of ours. */
export function sendStatusJob(
  activity: OutgoingActivity,
  { sendsStatus, clock }: Pick<Deps, 'sendsStatus' | 'clock'>,
): readonly Change[] {
  if (!sendsStatus || activity.type !== 'create') return []
  const object = activity.note.id
  const job = {
    kind: 'upkeep',
    key: `send-status ${object}`,
    lane: `upkeep:send-status ${object}`,
    payload: JSON.stringify({ type: 'send-status', object } satisfies SendStatus),
    runAt: clock.now() + firstPause,
  } as const
  return [{ change: 'enqueue', job }]
}
