import type { ActorId } from '../model/ids.ts'
import type { InnerActivity, OutgoingActivity, OutgoingNote } from '../model/outgoing.ts'
import type { Clock } from '../model/clock.ts'
import type { LocalActor } from '../model/actor.ts'
import { publicCollection } from '../model/audience.ts'
import { actorContext, toActor, toActorDocument, toInstanceActor } from './actor-document.ts'
import type { Place, PublishedKeys } from './actor-document.ts'
import {
  activityStreams,
  chatContext,
  noteContext,
  toDate,
  toGroup,
  toNote,
} from './note-document.ts'
import { reactionContext, toFeeling } from './reaction-document.ts'
import type { ActorKeys } from './key-pairs.ts'
import type { Json } from './parse-values.ts'
import { addProof, proofContext } from './proof.ts'
import { featureTerms, requestTerms } from './quote-document.ts'

export type SerializerOptions = Place & {
  readonly bridgeName: string
  /**
   * Keys of a local actor where they are at hand. Without them an Update of the actor carries the
   * bare id, and nothing is proven.
   */
  readonly findKeys: (id: ActorId) => ActorKeys | undefined
  readonly clock: Pick<Clock, 'now'>
}

export type Serializer = {
  /** JSON text as it goes over the wire. */
  readonly serialize: (activity: OutgoingActivity) => string
  /** JSON text of the note alone, as GET answers it; undefined for what has none. */
  readonly serializeNote: (activity: OutgoingActivity) => string | undefined
  readonly serializeActor: (actor: LocalActor, keys: PublishedKeys) => string
  readonly serializeInstanceActor: (keys: PublishedKeys) => string
}

export function createSerializer(options: SerializerOptions): Serializer {
  return {
    serialize: (activity) => JSON.stringify(toDocument(activity, options)),
    serializeNote: (activity) =>
      activity.type === 'create' || activity.type === 'update'
        ? JSON.stringify({ '@context': contextOf(activity), ...toNote(withAudience(activity)) })
        : undefined,
    serializeActor: (actor, keys) => JSON.stringify(toActorDocument(actor, keys, options)),
    serializeInstanceActor: (keys) =>
      JSON.stringify(toInstanceActor(keys, options.bridgeName, options)),
  }
}

/** What everybody may see can be passed on by everybody, so it says by itself whose word it is. */
function toDocument(activity: OutgoingActivity, options: SerializerOptions): Json {
  const context = contextOf(activity)
  const plain = toActivity(activity, options)
  const isPublic = activity.to.includes(publicCollection) || activity.cc.includes(publicCollection)
  const keys = isPublic ? options.findKeys(activity.actor) : undefined
  if (keys === undefined) return { '@context': context, ...plain }
  const document = { '@context': withProofContext(context), ...plain }
  return addProof(document, keys.proving, options.clock.now())
}

type Context = string | readonly unknown[]

function withProofContext(context: Context): Context {
  const [first, ...rest] = typeof context === 'string' ? [context] : context
  return rest.includes(proofContext) ? context : [first, proofContext, ...rest]
}

function contextOf(activity: OutgoingActivity): Context {
  const { type } = activity
  const isReaction = type === 'react' || (type === 'undo' && activity.inner.feeling !== undefined)
  if (isReaction) return reactionContext
  if (type === 'create' || type === 'update')
    return activity.note.isChat === true ? chatContext : noteContext
  if (type === 'quote-request') return [...noteContext, requestTerms]
  if (type === 'feature-answer') return [activityStreams, featureTerms]
  if (type === 'quote-answer') return [activityStreams, requestTerms]
  return type === 'update-actor' ? actorContext : activityStreams
}

/** Pleroma compares the two audiences, so the note's is the activity's. */
const withAudience = (activity: OutgoingActivity & { readonly note: OutgoingNote }) => ({
  ...activity.note,
  to: activity.to,
  cc: activity.cc,
})

function toTelling(activity: OutgoingActivity & { type: 'create' | 'update' }): Json {
  const { id, type, actor, to, cc, note } = activity
  const object = toNote(withAudience(activity))
  const { published, updated = published } = note
  const dated =
    type === 'create'
      ? { type: 'Create', actor, published: toDate(published) }
      : { type: 'Update', actor, updated: toDate(updated) }
  return { id, ...dated, to, cc, ...toGroup(note), object }
}

/** `to` and `cc` are lists, empty ones too: PeerTube and Pixelfed insist. */
function toActivity(activity: OutgoingActivity, options: SerializerOptions): Json {
  const { id, actor, to, cc } = activity
  switch (activity.type) {
    case 'create':
    case 'update':
      return toTelling(activity)
    case 'update-actor': {
      const object = toSubject(activity.subject, options)
      return { id, type: 'Update', actor, updated: toDate(activity.at), to, cc, object }
    }
    case 'delete': {
      const deleted = toDate(activity.at)
      const object = toTombstone(activity.object, deleted)
      return { id, type: 'Delete', actor, to, cc, ...toGroup(activity), object }
    }
    case 'pass-on':
      return { id, type: 'Announce', actor, to, cc, object: activity.object }
    case 'delete-actor':
      return { id, type: 'Delete', actor, to, cc, object: actor }
    case 'move':
      return { id, type: 'Move', actor, to, cc, object: actor, target: activity.target }
    // The id alone: several servers fail on an embedded object here.
    case 'follow':
      return { id, type: 'Follow', actor, to, cc, object: activity.object }
    case 'react': {
      const { feeling, object } = activity
      const published = feeling.type === 'Announce' ? { published: toDate(activity.at) } : {}
      return { id, actor, ...published, to, cc, object, ...toFeeling(feeling) }
    }
    case 'vote':
      return { id, type: 'Create', actor, to, cc, object: toVote(activity) }
    case 'block':
      return { id, type: 'Block', actor, to, cc, object: activity.object }
    // The whole activity: Mastodon ignores the Undo of a Like by id, and matches a Follow by its type.
    case 'accept':
      return { id, type: 'Accept', actor, to, cc, object: toInner(activity.inner) }
    case 'reject':
      return { id, type: 'Reject', actor, to, cc, object: toInner(activity.inner) }
    case 'undo':
      return { id, type: 'Undo', actor, to, cc, object: toInner(activity.inner) }
    case 'quote-request':
    case 'quote-answer':
    case 'revoke-quote':
    case 'feature-answer':
      return toQuoteActivity(activity)
    case 'flag':
      return toFlag(activity)
    case 'pong':
      return { id, type: 'Pong', actor, to, cc, object: activity.object }
    case 'feature':
    case 'unfeature': {
      const type = activity.type === 'feature' ? 'Add' : 'Remove'
      return { id, type, actor, to, cc, object: activity.object, target: activity.collection }
    }
  }
}

/** As Mastodon writes it, which everybody reads: the account comes first. */
const toFlag = ({
  objects,
  content,
  ...head
}: OutgoingActivity & { readonly type: 'flag' }): Json => ({
  ...head,
  type: 'Flag',
  content,
  object: objects,
})

type OfQuotes = OutgoingActivity & {
  type: 'quote-request' | 'quote-answer' | 'revoke-quote' | 'feature-answer'
}

/** The note comes with the request: who is asked may not have it yet. */
function toQuoteActivity(activity: OfQuotes): Json {
  const { id, actor, to, cc } = activity
  switch (activity.type) {
    case 'quote-request': {
      const { object, note } = activity
      return { id, type: 'QuoteRequest', actor, to, cc, object, instrument: toNote(note) }
    }
    case 'quote-answer': {
      const object = { type: 'QuoteRequest', ...activity.request }
      if (activity.stamp === undefined) return { id, type: 'Reject', actor, to, cc, object }
      return { id, type: 'Accept', actor, to, cc, object, result: activity.stamp }
    }
    case 'feature-answer': {
      const object = { type: 'FeatureRequest', ...activity.request }
      return { id, type: 'Reject', actor, to, cc, object }
    }
    case 'revoke-quote':
      return { id, type: 'Delete', actor, to, cc, object: activity.stamp.id }
  }
}

/** As Mastodon writes it: what has `content` would be read as a reply. */
const toVote = (vote: OutgoingActivity & { readonly type: 'vote' }): Json => ({
  id: vote.noteId,
  type: 'Note',
  attributedTo: vote.actor,
  name: vote.choice,
  inReplyTo: vote.object,
  to: vote.to,
  cc: vote.cc,
})

/** `formerType` helps PeerTube to find what it was. */
export const toTombstone = (id: string, deleted: string): Json => ({
  id,
  type: 'Tombstone',
  formerType: 'Note',
  deleted,
})

const toInner = ({ id, type, actor, object, feeling }: InnerActivity): Json => ({
  id,
  type,
  actor,
  object,
  ...(feeling === undefined ? {} : toFeeling(feeling)),
})

// An actor without its keys would make receivers forget them, so it is all or the id.
function toSubject(subject: LocalActor, options: SerializerOptions): Json | string {
  const keys = options.findKeys(subject.id)
  return keys === undefined ? subject.id : toActor(subject, keys, options)
}
