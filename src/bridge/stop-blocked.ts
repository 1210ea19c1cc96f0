import type { DeliveryPayload } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { ActorId } from '../model/ids.ts'
import { asActivityId, asObjectId } from '../model/ids.ts'
import { whatKeepsApart } from '../translate/not-sent.ts'
import { blockBetween } from './blocks.ts'
import { suspensionOf, whyBarred } from './domain-blocks.ts'
import { handleOfActor } from './follows.ts'
import { tellUndelivered } from './give-up.ts'
import { isOwnId } from './new-ids.ts'

/** They end something, so they concern those across a block as well. */
const ends: ReadonlySet<unknown> = new Set(['Undo', 'Reject', 'Block', 'Delete'])

type Document = { readonly type?: unknown; readonly object?: { readonly id?: string } | string }

const stopped: JobResult = { outcome: 'skipped: blocked', changes: [], isStopped: true }

/** Somebody of ours whose words a group tells, by a boost or by their activity; their end is for everybody. */
async function authorTold(
  { activityId, signer }: DeliveryPayload,
  { store }: Deps,
): Promise<ActorId | undefined> {
  if ((await store.findLocalActor(signer))?.group === undefined) return undefined
  const told = await store.findActivity(activityId)
  const { type, object } = JSON.parse(told?.document ?? '{}') as Document
  if (type !== 'Announce' || typeof object !== 'string') return undefined
  const passed = await store.findActivity(asActivityId(object))
  if (passed === undefined) return (await store.findObject(asObjectId(object)))?.author
  const inner = JSON.parse(passed.document) as Document
  return ends.has(inner.type) ? undefined : passed.actor
}

/** Their blocks are theirs in a group as well. */
async function isApartFromAuthor(
  payload: DeliveryPayload,
  reader: ActorId,
  deps: Deps,
): Promise<boolean> {
  const author = await authorTold(payload, deps)
  if (author === undefined || !isOwnId(author, deps)) return false
  return (await blockBetween(author, reader, deps)) !== undefined
}

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
  if (reader === undefined) return undefined
  const block = await blockBetween(signer, reader, deps)
  if (block === undefined)
    return (await isApartFromAuthor(payload, reader, deps)) ? stopped : undefined
  const activity = await deps.store.findActivity(activityId)
  const { type, object } = JSON.parse(activity?.document ?? '{}') as Document
  if (ends.has(type)) return undefined
  const id = typeof object === 'object' ? object.id : object
  const isPrivate = (await deps.store.findObject(asObjectId(id ?? '')))?.visibility === 'direct'
  if (!isPrivate || block.blocker === signer) return stopped
  const why = `${await handleOfActor(block.blocker, deps)} ${whatKeepsApart(block)}`
  const changes = await tellUndelivered(payload, why, deps)
  return { outcome: 'skipped: blocked', changes, isStopped: true }
}
