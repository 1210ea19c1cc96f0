import type { ActivityId, ActorId } from './ids.ts'
import { plainHostOf } from './host.ts'

/**
 * Durable work. `key` is unique within `kind` for as long as the queue remembers (30 days after
 * completion): adding it again does nothing. Jobs of one `lane` run strictly one after another, in
 * the order they were added; different lanes run in parallel.
 *
 * | kind | key | lane |
 * |---|---|---|
 * | activity | activity id | `activity:<actor id>` |
 * | event | event id | `event:<room id>` |
 * | delivery | `<activity id> <inbox>` | `delivery:<inbox> <object id>`, or `… <actor> <actor>` for Follow, Undo, Block |
 * | upkeep | what it is about | the same: our own work that has a time (backlog, reminders, summaries) |
 */
export type JobKind = 'activity' | 'event' | 'delivery' | 'upkeep'

/** One for each kind. */
export const byKind = <Value>(
  make: (kind: JobKind) => Value,
): Readonly<Record<JobKind, Value>> => ({
  activity: make('activity'),
  event: make('event'),
  delivery: make('delivery'),
  upkeep: make('upkeep'),
})

/** The host of whoever sends what is in that lane of activities; empty where the lane is none. */
export function senderHost(lane: string): string {
  const sender = lane.slice('activity:'.length)
  return plainHostOf(sender) ?? URL.parse(sender)?.host ?? ''
}

/** Whether jobs of that kind wait for our homeserver although they have hosts, which only share out who is at work. */
export const isForHomeserver = (kind: JobKind): boolean => kind === 'activity'

/** Activities that are not done, of one lane, of all lanes of the host that sends them, and in all. */
export type Waiting = { readonly lane: number; readonly host: number; readonly all: number }

export type NewJob = {
  readonly kind: JobKind
  readonly key: string
  readonly lane: string
  /** Pacing group: a host that keeps failing is left alone as a whole (deliveries: the inbox's host). Of activities, who sends them. */
  readonly host?: string
  /** Milliseconds between the beginnings of two jobs of its kind at that host, from now on; absent: as before. */
  readonly every?: number
  /** JSON text. */
  readonly payload: string
  /** Not before, milliseconds since the epoch; absent: at once. */
  readonly runAt?: number
  /** Id of the trace of the message that it is part of, 32 hexadecimal digits; absent: its own, or nobody follows any. */
  readonly trace?: string
}

export type Job = NewJob & {
  readonly id: number
  /** Failed tries so far, those that count. */
  readonly attempts: number
  /** Times it was claimed before this one, counted or not: above 0, an earlier run may have got halfway. */
  readonly claims: number
  readonly addedAt: number
}

/** A job that was given up, for the admin. */
export type FailedJob = Job & { readonly error: string; readonly failedAt: number }

/** How a job ended that was not done: given up, of no use any more, or kept from its aim by a block. */
export type Undone = 'failed' | 'dropped' | 'stopped'

/** What became of a job: for as long as it waits, and 30 days from its end on. Times are milliseconds since the epoch. */
export type JobFate =
  | {
      readonly state: 'waiting'
      /** Failed tries that count. */
      readonly attempts: number
      /** Not before then; in the past: as soon as what comes before it is done. */
      readonly nextTry: number
      readonly isAtWork: boolean
      /** Of the last try. */
      readonly error?: string
    }
  | { readonly state: 'done' | 'dropped' | 'stopped'; readonly at: number }
  /** Without `id` and `error`, the admin has dropped it. */
  | { readonly state: 'failed'; readonly at: number; readonly id?: number; readonly error?: string }

export type KindDepth = {
  readonly kind: JobKind
  readonly waiting: number
  readonly failed: number
  /** Since when the oldest waits. */
  readonly oldest?: number
  /** Own work whose time has not come. */
  readonly planned?: number
}

/** What waits for one host, of deliveries to it, or of what it sent. */
export type HostDepth = {
  readonly kind: JobKind
  readonly host: string
  readonly waiting: number
  readonly oldest: number
  /** Since when nothing succeeded there; absent: it is well. */
  readonly failingSince?: number
  /** Not before then is it tried again. */
  readonly nextTry?: number
}

/** A host where nothing has succeeded since then; an empty name is our homeserver. */
export type FailingHost = {
  readonly kind: JobKind
  readonly host: string
  readonly failingSince: number
  /** Days on which it failed since it was well. */
  readonly failingDays: number
  /** Not before then is it tried again. */
  readonly nextTry: number
}

/** Payload of a `delivery` job. The body is read from the store, the key by the signer's id. */
export type DeliveryPayload = {
  readonly activityId: ActivityId
  readonly inbox: string
  readonly signer: ActorId
  /** Whose inbox it is; absent: an inbox of many, or not known whose. */
  readonly reader?: ActorId
  /** It says that the signer is deleted: the last that goes there. */
  readonly isFarewell?: true
  /** The first try is signed with the key before the newest, which the inbox may know alone. */
  readonly withOldKey?: true
  /** It names an activity, whose text goes in the place of its id. */
  readonly isWhole?: true
}
