import type { Change } from '../model/change.ts'
import type { DeliveryPayload, Job } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import { asObjectId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { tellJob } from './upkeep.ts'

function reasonFor(error: unknown): string {
  if (error instanceof RejectedError || error instanceof TransientError) {
    if (error.status === 404 || error.status === 410)
      return 'it says that the account no longer exists'
    if (error.status !== undefined) return `it refused with HTTP status ${error.status}`
    return error instanceof TransientError
      ? 'it did not answer for days'
      : 'it cannot be reached from here'
  }
  return 'something went wrong here, and the admin can see what'
}

/** The user who must hear that a delivery failed, and where: below their message, or in the chat with the bot. */
async function tellUndelivered(
  payload: DeliveryPayload,
  error: unknown,
  deps: Deps,
): Promise<readonly Change[]> {
  const { host } = new URL(payload.inbox)
  const activity = await deps.store.findActivity(payload.activityId)
  if (activity === undefined) return []
  const document = JSON.parse(activity.document) as {
    type?: string
    object?: { id?: string } | string
  }
  const follow = await deps.store.findFollowByActivity(payload.activityId)
  const sender = await deps.store.findLocalActor(activity.actor)
  if (sender === undefined) return []
  if (follow !== undefined) {
    const text = `Your follow request did not reach ${host}: ${reasonFor(error)}.`
    return [tellJob({ key: `unfollowed ${payload.activityId}`, text, userId: sender.userId })]
  }
  const id = typeof document.object === 'string' ? document.object : document.object?.id
  const objectId = asObjectId(id ?? '')
  const mapping = (await deps.store.mappingsOf(objectId)).find((m) => m.sender === sender.userId)
  if (document.type !== 'Create' || mapping === undefined) return []
  const text = `Not delivered to ${host}: ${reasonFor(error)}.`
  // Of a post to many, one notice is enough; in a private chat each person counts.
  const isPrivate = (await deps.store.findObject(objectId))?.visibility === 'direct'
  return [
    tellJob({
      key: isPrivate ? `undelivered ${objectId} ${payload.inbox}` : `undelivered ${objectId}`,
      text,
      roomId: mapping.roomId,
      replyTo: mapping.eventId,
    }),
  ]
}

/** A message that could not be handled at all: its author reads it below the message. */
export function tellUnsent(event: MatrixEvent, error: unknown): readonly Change[] {
  if (event.type !== 'message') return []
  const tell = error instanceof RejectedError ? error.tell : undefined
  const text = tell ?? `Not sent: ${reasonFor(error)}.`
  return [
    tellJob({ key: `unsent ${event.eventId}`, text, roomId: event.roomId, replyTo: event.eventId }),
  ]
}

/** What is still to be done when a delivery goes to the dead letters. */
export async function giveUpDelivery(
  job: Job,
  error: unknown,
  deps: Deps,
): Promise<readonly Change[]> {
  return tellUndelivered(JSON.parse(job.payload) as DeliveryPayload, error, deps)
}
