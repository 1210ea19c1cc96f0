import type { ActorId } from '../model/ids.ts'
import type { InnerActivity, OutgoingActivity, OutgoingNote } from '../model/outgoing.ts'
import type { LocalActor } from '../model/actor.ts'
import { actorContext, toActor, toActorDocument, toInstanceActor } from './actor-document.ts'
import type { Place } from './actor-document.ts'
import { activityStreams, chatContext, noteContext, toDate, toNote } from './note-document.ts'
import { reactionContext, toFeeling } from './reaction-document.ts'
import type { Json } from './parse-values.ts'
import { requestTerms } from './quote-document.ts'

export type SerializerOptions = Place & {
  readonly bridgeName: string
  /** Public key of a local actor where it is at hand. Without it an Update of the actor carries the bare id. */
  readonly findPublicPem: (id: ActorId) => string | undefined
}

export type Serializer = {
  /** JSON text as it goes over the wire. */
  readonly serialize: (activity: OutgoingActivity) => string
  /** JSON text of the note alone, as GET answers it; undefined for what has none. */
  readonly serializeNote: (activity: OutgoingActivity) => string | undefined
  readonly serializeActor: (actor: LocalActor, publicPem: string) => string
  readonly serializeInstanceActor: (publicPem: string) => string
}

export function createSerializer(options: SerializerOptions): Serializer {
  return {
    serialize: (activity) =>
      JSON.stringify({ ...contextOf(activity), ...toActivity(activity, options) }),
    serializeNote: (activity) =>
      activity.type === 'create' || activity.type === 'update'
        ? JSON.stringify({ ...contextOf(activity), ...toNote(withAudience(activity)) })
        : undefined,
    serializeActor: (actor, publicPem) =>
      JSON.stringify(toActorDocument(actor, publicPem, options)),
    serializeInstanceActor: (publicPem) =>
      JSON.stringify(toInstanceActor(publicPem, options.bridgeName, options)),
  }
}

function contextOf(activity: OutgoingActivity): Json {
  const { type } = activity
  const isReaction = type === 'react' || (type === 'undo' && activity.inner.feeling !== undefined)
  if (isReaction) return { '@context': reactionContext }
  if (type === 'create' || type === 'update')
    return { '@context': activity.note.isChat === true ? chatContext : noteContext }
  if (type === 'quote-request') return { '@context': [...noteContext, requestTerms] }
  if (type === 'quote-answer') return { '@context': [activityStreams, requestTerms] }
  return { '@context': type === 'update-actor' ? actorContext : activityStreams }
}

/** Pleroma compares the two audiences, so the note's is the activity's. */
const withAudience = (activity: OutgoingActivity & { readonly note: OutgoingNote }) => ({
  ...activity.note,
  to: activity.to,
  cc: activity.cc,
})

/** `to` and `cc` are lists, empty ones too: PeerTube and Pixelfed insist. */
function toActivity(activity: OutgoingActivity, options: SerializerOptions): Json {
  const { id, actor, to, cc } = activity
  switch (activity.type) {
    case 'create': {
      const object = toNote(withAudience(activity))
      const published = toDate(activity.note.published)
      return { id, type: 'Create', actor, published, to, cc, object }
    }
    case 'update': {
      const { updated, published } = activity.note
      const object = toNote(withAudience(activity))
      return { id, type: 'Update', actor, updated: toDate(updated ?? published), to, cc, object }
    }
    case 'update-actor': {
      const object = toSubject(activity.subject, options)
      return { id, type: 'Update', actor, updated: toDate(activity.at), to, cc, object }
    }
    case 'delete': {
      const deleted = toDate(activity.at)
      return { id, type: 'Delete', actor, to, cc, object: toTombstone(activity.object, deleted) }
    }
    case 'delete-actor':
      return { id, type: 'Delete', actor, to, cc, object: actor }
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
      return toQuoteActivity(activity)
    case 'feature':
    case 'unfeature': {
      const type = activity.type === 'feature' ? 'Add' : 'Remove'
      return { id, type, actor, to, cc, object: activity.object, target: activity.collection }
    }
  }
}

type OfQuotes = OutgoingActivity & { type: 'quote-request' | 'quote-answer' | 'revoke-quote' }

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

// An actor without its key would make receivers forget the key, so it is all or the id.
function toSubject(subject: LocalActor, options: SerializerOptions): Json | string {
  const publicPem = options.findPublicPem(subject.id)
  return publicPem === undefined ? subject.id : toActor(subject, publicPem, options)
}
