import { asActivityId } from '../model/ids.ts'
import type { ActivityId } from '../model/ids.ts'
import type { NewJob } from '../model/job.ts'
import { senderHost } from '../model/job.ts'
import { RejectedError } from '../model/errors.ts'
import { httpUrlOf, isJson } from './parse-values.ts'

/** What an `activity` job is about: a document whose actor has signed it, or an id that must be fetched to be believed. */
export type ActivityPayload =
  | { readonly kind: 'document'; readonly document: unknown }
  | { readonly kind: 'fetch'; readonly id: ActivityId }

/** The one member of a payload that is no ActivityStreams document: those have no such name. */
const fetchMember = 'footbridge:fetch'

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
 * must not look like a copy of something that we may fail to fetch.
 */
export const fetchJob = ({ id, actor }: Received): NewJob => ({
  kind: 'activity',
  key: `fetch ${id}`,
  lane: laneOf(actor),
  host: senderHost(laneOf(actor)),
  payload: JSON.stringify({ [fetchMember]: id }),
})

/** Reads back what the two above wrote. Throws `RejectedError`, code `not-activitypub`. */
export function readPayload(payload: string): ActivityPayload {
  const document = readJson(payload)
  // A sender could write our member into a document, which only makes it less believed.
  const id = isJson(document) ? httpUrlOf(document[fetchMember]) : undefined
  if (id !== undefined) return { kind: 'fetch', id: asActivityId(id) }
  return { kind: 'document', document }
}

function readJson(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch (cause) {
    throw new RejectedError('the payload is no JSON', { code: 'not-activitypub', cause })
  }
}
