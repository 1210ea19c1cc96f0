import type { Clock } from '../model/clock.ts'
import type { Job } from '../model/job.ts'
import type { JobEnd, Meter } from '../model/meter.ts'

type Now = Pick<Clock, 'now'>

export const countEnds =
  (meter: Meter, { now }: Now) =>
  ({ kind, addedAt }: Job, end: JobEnd): void =>
    meter.jobEnded(kind, end, (now() - addedAt) / 1_000)

/** Events as they came, whatever they are. */
export function countEvents(
  events: readonly Readonly<Record<string, unknown>>[],
  meter: Meter,
  { now }: Now,
): void {
  for (const { ['origin_server_ts']: sent } of events)
    if (typeof sent === 'number') meter.receivedEvent((now() - sent) / 1_000)
}
