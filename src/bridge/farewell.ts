import type { Change } from '../model/change.ts'
import type { DeliveryPayload } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'

type Ended = Pick<DeliveryPayload, 'signer' | 'inbox' | 'isFarewell'>

/** That a delivery has ended matters where it says that its signer is deleted: whether it was heard is told. */
export const endOfFarewell = (
  { signer, inbox, isFarewell }: Ended,
  isReached: boolean,
): readonly Change[] =>
  isFarewell === true ? [{ change: 'end-told', actor: signer, inbox, isReached }] : []

/** What a deleted actor said before goes nowhere any more; its end does, until that is over as well. */
export async function stopDeleted(
  { signer, inbox, isFarewell }: DeliveryPayload,
  { store }: Deps,
): Promise<JobResult | undefined> {
  if (isFarewell === true) {
    const isOpen = (await store.findTold(signer, inbox)) === 'known'
    return isOpen ? undefined : { outcome: 'skipped: over', changes: [] }
  }
  const actor = await store.findLocalActor(signer)
  return actor?.deletedAt === undefined ? undefined : { outcome: 'skipped: deleted', changes: [] }
}
