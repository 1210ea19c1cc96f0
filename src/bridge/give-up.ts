import type { Change } from '../model/change.ts'
import type { DeliveryPayload, Job } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { EventId, UserId } from '../model/ids.ts'
import type { Report } from '../model/report.ts'
import { asObjectId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { commandIn } from './receive-event.ts'
import { endOfFarewell } from './farewell.ts'
import { afterGone } from './gone-inbox.ts'
import { heldUnder } from './held.ts'
import { tellJob } from './tell-job.ts'

const isGone = (error: unknown): boolean =>
  (error instanceof RejectedError || error instanceof TransientError) &&
  (error.status === 404 || error.status === 410)

const accountGone = 'it says that the account no longer exists'

function reasonFor(error: unknown): string {
  if (error instanceof RejectedError || error instanceof TransientError) {
    if (isGone(error)) return accountGone
    if (error.status !== undefined) return `it refused with HTTP status ${error.status}`
    return error instanceof TransientError
      ? 'it did not answer for days'
      : 'it cannot be reached from here'
  }
  return 'something went wrong here, and the admin can see what'
}

/** Of what its author waits to see arrive. */
const wordsOfUndelivered: ReadonlyMap<string | undefined, string> = new Map([
  ['Create', 'Not delivered'],
  ['Update', 'The new version was not delivered'],
])

/** Nobody outside knows who reported, but we do. */
const tellUnreported = ({ activityId, host, reporter }: Report, why: string): Change =>
  tellJob({
    key: `unreported ${activityId}`,
    text: `Your report did not reach ${host}: ${why}. The admins of this server have it.`,
    ...(reporter === undefined ? {} : { userId: reporter }),
  })

const dayInMs = 86_400_000

type Failed = { readonly why: string; readonly now: number }

/**
 * What somebody deleted may still stand there. The message is gone from its room, and whoever deletes
 * much where a server is away reads it once a day.
 */
function tellUndeleted(userId: UserId, host: string, { why, now }: Failed): Change {
  return tellJob({
    key: `undeleted ${userId} ${host} ${String(Math.floor(now / dayInMs))}`,
    text: `What you deleted may still be shown at ${host}: ${why}. Whoever runs that server can delete it there.`,
    userId,
  })
}

/** The user who must hear that something was not delivered, and where: below their message, or in the chat with the bot. */
export async function tellUndelivered(
  payload: DeliveryPayload,
  why: string,
  deps: Deps,
): Promise<readonly Change[]> {
  if (payload.isFarewell === true) return endOfFarewell(payload, false)
  const { host } = new URL(payload.inbox)
  const activity = await deps.store.findActivity(payload.activityId)
  if (activity === undefined) return []
  const document = JSON.parse(activity.document) as {
    type?: string
    object?: { id?: string } | string
  }
  const follow = await deps.store.findFollowByActivity(payload.activityId)
  const report = await deps.store.findReportByActivity(payload.activityId)
  if (report?.reporter !== undefined) return [tellUnreported({ ...report, host }, why)]
  const sender = await deps.store.findLocalActor(activity.actor)
  // A group is nobody who could be told.
  if (sender === undefined || sender.group !== undefined) return []
  if (follow !== undefined) {
    const text = `Your follow request did not reach ${host}: ${why}.`
    return [tellJob({ key: `unfollowed ${payload.activityId}`, text, userId: sender.userId })]
  }
  const id = typeof document.object === 'string' ? document.object : document.object?.id
  const objectId = asObjectId(id ?? '')
  const isOfPost = id !== sender.id && sender.deletedAt === undefined
  if (document.type === 'Delete' && isOfPost && why !== accountGone)
    return [tellUndeleted(sender.userId, host, { why, now: deps.clock.now() })]
  const mapping = (await deps.store.mappingsOf(objectId)).find((m) => m.sender === sender.userId)
  const words = wordsOfUndelivered.get(document.type)
  if (words === undefined || mapping === undefined) return []
  const text = `${words} to ${host}: ${why}.`
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

/** Why an event could not be handled: which of the servers it needed is not always known. */
function troubleWith(error: unknown): string {
  if (!(error instanceof RejectedError) && !(error instanceof TransientError))
    return reasonFor(error)
  if (error.status !== undefined) return `a server refused it with HTTP status ${error.status}`
  return error instanceof TransientError
    ? 'a server that it needs did not answer in time'
    : 'a server that it needs cannot be used from here'
}

type Notice = { readonly text: string; readonly replyTo: EventId }

/** Of what was never bridged there is nothing to say: neither was its change. */
async function noticeOfChange(
  event: MatrixEvent & { type: 'edit' | 'redaction' | 'reaction' },
  why: string,
  deps: Deps,
): Promise<Notice | undefined> {
  const { roomId, target, type } = event
  const held = event.type === 'reaction' ? await heldUnder(event, deps) : undefined
  if (held !== undefined) return { text: `Not sent: ${why}`, replyTo: held.eventId }
  if ((await deps.store.findMappingByEvent(roomId, target)) === undefined) return undefined
  return { text: `${wordsFor[type]}: ${why}`, replyTo: target }
}

const wordsFor = {
  edit: 'Not changed',
  redaction: 'Not deleted on the fediverse',
  reaction: 'Reaction not sent',
} as const

async function noticeOf(
  event: MatrixEvent,
  error: unknown,
  deps: Deps,
): Promise<Notice | undefined> {
  const tell = error instanceof RejectedError ? error.tell : undefined
  const why = tell ?? `${troubleWith(error)}.`
  switch (event.type) {
    case 'edit':
    case 'redaction':
    case 'reaction':
      return noticeOfChange(event, why, deps)
    case 'message': {
      const words = (await commandIn(event, deps)) === undefined ? 'Not sent' : 'This did not work'
      return { text: tell ?? `${words}: ${why}`, replyTo: event.eventId }
    }
    default:
      return undefined
  }
}

/** An event that could not be handled at all: its author reads it below what it says or changes. */
export async function tellUndone(
  event: MatrixEvent,
  error: unknown,
  deps: Deps,
): Promise<readonly Change[]> {
  const notice = await noticeOf(event, error, deps)
  if (notice === undefined) return []
  return [tellJob({ key: `unsent ${event.eventId}`, roomId: event.roomId, ...notice })]
}

/** What is still to be done when a delivery goes to the dead letters. */
export async function giveUpDelivery(
  job: Job,
  error: unknown,
  deps: Deps,
): Promise<readonly Change[]> {
  const payload = JSON.parse(job.payload) as DeliveryPayload
  if (payload.isFarewell === true) return endOfFarewell(payload, false)
  const { changes, isTold } = isGone(error)
    ? await afterGone(job, payload, deps)
    : { changes: [], isTold: true }
  if (!isTold) return changes
  return [...changes, ...(await tellUndelivered(payload, reasonFor(error), deps))]
}
