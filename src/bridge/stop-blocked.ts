import type { DeliveryPayload } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import { asObjectId } from '../model/ids.ts'
import { whatKeepsApart } from '../translate/not-sent.ts'
import { blockBetween } from './blocks.ts'
import { suspensionOf, whyBarred } from './domain-blocks.ts'
import { handleOfActor } from './follows.ts'
import { tellUndelivered } from './give-up.ts'

/** They end something, so they concern those across a block as well. */
const ends: ReadonlySet<unknown> = new Set(['Undo', 'Reject', 'Block', 'Delete'])

type Document = { readonly type?: unknown; readonly object?: { readonly id?: string } | string }

/**
 * A delivery to one person who blocked its author while it waited, or to a domain that the admin has
 * blocked: it is not made any more, and of a private message the author is told. Undefined where
 * nothing stands between them.
 */
export async function stopBlocked(
  payload: DeliveryPayload,
  deps: Deps,
): Promise<JobResult | undefined> {
  const { reader, signer, activityId, inbox } = payload
  const suspension = await suspensionOf(inbox, deps)
  if (suspension !== undefined) {
    const changes = await tellUndelivered(payload, whyBarred(suspension), deps)
    return { outcome: 'skipped: domain-blocked', changes, isStopped: true }
  }
  const block = reader === undefined ? undefined : await blockBetween(signer, reader, deps)
  if (block === undefined) return undefined
  const activity = await deps.store.findActivity(activityId)
  const { type, object } = JSON.parse(activity?.document ?? '{}') as Document
  if (ends.has(type)) return undefined
  const id = typeof object === 'object' ? object.id : object
  const isPrivate = (await deps.store.findObject(asObjectId(id ?? '')))?.visibility === 'direct'
  if (!isPrivate || block.blocker === signer)
    return { outcome: 'skipped: blocked', changes: [], isStopped: true }
  const why = `${await handleOfActor(block.blocker, deps)} ${whatKeepsApart(block)}`
  const changes = await tellUndelivered(payload, why, deps)
  return { outcome: 'skipped: blocked', changes, isStopped: true }
}
