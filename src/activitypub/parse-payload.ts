import { asActivityId } from '../model/ids.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { NewJob } from '../model/job.ts'
import { senderHost } from '../model/job.ts'
import { RejectedError } from '../model/errors.ts'
import { httpUrlOf, isJson } from './parse-values.ts'

/**
 * What an `activity` job is about: a document whose actor has signed it, or an id that must be fetched
 * to be believed, unless what was brought under that id is proven.
 */
export type ActivityPayload =
  | { readonly kind: 'document'; readonly document: unknown }
  | {
      readonly kind: 'fetch'
      readonly id: ActivityId
      readonly document?: unknown
      /** A group has told of it (FEP-1b12). */
      readonly isAnnounced?: true
    }

/** Members of a payload that is no ActivityStreams document: those have no such names. */
const fetchMember = 'footbridge:fetch'
const broughtMember = 'footbridge:brought'
const announcedMember = 'footbridge:announced'

/** Bytes of a forwarded document that is kept for its proof; whatever is larger is fetched. */
const longestBrought = 262_144

type Received = { readonly id: string; readonly actor: string }

/** Activities of one sender are done in order. */
export const laneOf = (actor: string): string => `activity:${actor}`

/** A job for a signed document; `payload` is its JSON text. */
export const documentJob = ({ id, actor }: Received, payload: string): NewJob => ({
  kind: 'activity',
  key: id,
  lane: laneOf(actor),
  host: senderHost(laneOf(actor)),
  payload,
})

/**
 * A job for a forwarded activity. Its key is not the activity's id: the original, when it arrives,
 * must not look like a copy of something that we may fail to fetch. `body`: the JSON as it came.
 */
export const fetchJob = ({ id, actor }: Received, body?: Buffer): NewJob => ({
  kind: 'activity',
  key: `fetch ${id}`,
  lane: laneOf(actor),
  host: senderHost(laneOf(actor)),
  payload: JSON.stringify({ [fetchMember]: id, ...broughtIn(body) }),
})

/** The same for what is embedded in an activity of whoever brought it. */
export const broughtJob = (read: {
  readonly id: ActivityId
  readonly by: ActorId
  readonly document: unknown
}): NewJob =>
  fetchJob({ id: read.id, actor: read.by }, Buffer.from(JSON.stringify(read.document ?? null)))

/**
 * The same for an activity of which a group tells. Its key is its own: a group that calls somebody's post a
 * reaction must not keep the post away, when it is forwarded.
 */
export function announcedJob(
  { id, document }: { readonly id: ActivityId; readonly document: unknown },
  lane: string,
): NewJob {
  const brought = broughtIn(Buffer.from(JSON.stringify(document)))
  const payload = { [fetchMember]: id, [announcedMember]: true, ...brought }
  return {
    kind: 'activity',
    key: `announced ${id}`,
    lane,
    host: senderHost(lane),
    payload: JSON.stringify(payload),
  }
}

/** Kept only where there may be a proof in it. */
function broughtIn(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  if (body === undefined || body.length > longestBrought) return {}
  if (!body.includes('eddsa-jcs-2022')) return {}
  return { [broughtMember]: readJson(body.toString()) }
}

/** Reads back what the two above wrote. Throws `RejectedError`, code `not-activitypub`. */
export function readPayload(payload: string): ActivityPayload {
  const document = readJson(payload)
  // A sender could write our member into a document, which only makes it less believed.
  const id = isJson(document) ? httpUrlOf(document[fetchMember]) : undefined
  if (isJson(document) && id !== undefined) {
    const { [broughtMember]: brought, [announcedMember]: announced } = document
    const isAnnounced = announced === true ? ({ isAnnounced: true } as const) : {}
    const fetched = { kind: 'fetch', id: asActivityId(id), ...isAnnounced } as const
    return brought === undefined ? fetched : { ...fetched, document: brought }
  }
  return { kind: 'document', document }
}

function readJson(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch (cause) {
    throw new RejectedError('the payload is no JSON', { code: 'not-activitypub', cause })
  }
}
