import type { ActivityId, ActorId, ObjectId } from './ids.ts'
import type { Note } from './note.ts'
import type { Feeling } from './relation.ts'
import type { RemoteActor } from './actor.ts'

/**
 * An object inside an activity: carried along (only ever on its author's own host), or a bare id
 * that must be fetched. An embedded object of another host is parsed to its id.
 */
export type Carried<T> = { readonly ref: ObjectId; readonly embedded?: T }

/** What an Undo, Accept or Reject refers to; each field as far as the wire told it. */
export type Reference = {
  readonly type?: string
  readonly id?: ActivityId
  readonly actor?: ActorId
  readonly object?: ObjectId
  /** Of a reaction: its emoji. */
  readonly key?: string
}

/** What a group says that somebody did in it (FEP-1b12); not to be believed as it stands. */
export type Announced =
  | {
      /** `restore`: what was taken out of the group is in it again. */
      readonly deed: 'update' | 'delete' | 'restore'
      readonly object: ObjectId
    }
  /** A reaction to the object, or its Undo, with its id; `document` is what the group says it says. */
  | {
      readonly deed: 'react'
      readonly object: ObjectId
      readonly activity: ActivityId
      readonly document: unknown
    }

/** What somebody complains about, not sorted yet. */
export type Complaint = {
  /** Ids of accounts and posts, at most `mostReported`. */
  readonly objects: readonly string[]
  /** Addresses in the words, at most as many: some servers name posts there alone. */
  readonly named: readonly string[]
  /** Plain, at most `longestReport` characters, may be empty; untrusted. */
  readonly text: string
}

/** An activity whose sender is proven (`actor` signed it), in our narrow form. */
export type Activity = { readonly id: ActivityId; readonly actor: ActorId } & (
  | { readonly type: 'create'; readonly object: Carried<Note> }
  | { readonly type: 'update-note'; readonly object: Carried<Note> }
  | { readonly type: 'update-actor'; readonly document?: RemoteActor }
  | { readonly type: 'delete-object'; readonly object: ObjectId }
  | { readonly type: 'delete-actor' }
  | { readonly type: 'follow'; readonly object: ActorId }
  /** `result`: of a QuoteRequest that is named by its id alone, where the permission stands. */
  | { readonly type: 'accept'; readonly follow: Reference; readonly result?: ObjectId }
  | { readonly type: 'reject'; readonly follow: Reference }
  /** Of a QuoteRequest of ours; `stamp` is where the permission stands. */
  | { readonly type: 'accept-quote'; readonly request: Reference; readonly stamp?: ObjectId }
  | { readonly type: 'reject-quote'; readonly request: Reference }
  /** Asks whether `instrument` may quote `object`, a post of ours (FEP-044f). */
  | {
      readonly type: 'quote-request'
      readonly object: ObjectId
      readonly instrument: Carried<Note>
    }
  /** Add to, or Remove from, a collection. */
  | {
      readonly type: 'feature' | 'unfeature'
      readonly object: ObjectId
      readonly collection: string
    }
  | { readonly type: 'react'; readonly object: ObjectId; readonly feeling: Feeling }
  /** What its sender chose in a poll, by the names of the options. */
  | { readonly type: 'vote'; readonly object: ObjectId; readonly choices: readonly string[] }
  /** A boost: the object is never believed, always fetched. */
  | { readonly type: 'announce'; readonly object: ObjectId }
  | { readonly type: 'announced'; readonly announced: Announced }
  /**
   * What somebody else did in a conversation of the sender's (FEP-171b), by its id; `document` is what the
   * sender says it says: to be believed no more than what is forwarded.
   */
  | { readonly type: 'contained'; readonly contained: ActivityId; readonly document?: unknown }
  | { readonly type: 'block'; readonly object: ActorId }
  /** The actor goes on as `target`, if that says so too. */
  | { readonly type: 'move'; readonly target: ActorId }
  | { readonly type: 'undo'; readonly target: Reference }
  /** Asks whether an account of ours may stand in that collection (FEP-7aa9). */
  | {
      readonly type: 'feature-request'
      readonly object: ActorId
      readonly instrument: ObjectId
    }
  /** Asks those for an answer, whatever it is. */
  | { readonly type: 'ping'; readonly addressees: readonly ActorId[] }
  | { readonly type: 'flag'; readonly complaint: Complaint }
  /** Parsed well, not bridged yet: counted under `wireType`, never guessed at. */
  | { readonly type: 'other'; readonly wireType: string }
)

/** An activity of which we were not told. */
export type News = {
  readonly activity: Activity
  /** Milliseconds since the epoch. */
  readonly at: number
}
