import { asActivityId, asActorId, asObjectId } from '../model/ids.ts'
import type { Activity, Carried, Reference } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Note } from '../model/note.ts'
import type { PublicKey, RemoteActor } from '../model/actor.ts'
import { actorKindOf, optional, readActor, readPublicKeys } from './parse-actor.ts'
import { authorsOf, readAudience, readNote } from './parse-note.ts'
import { idOf, isJson, isSameHost, listOf, orThrow, Refusal, typesOf } from './parse-values.ts'
import { feelingOf, reactionKeyOf } from './reaction-document.ts'
import { readAnnounced } from './parse-announced.ts'
import { readContained } from './parse-contained.ts'
import { readComplaint } from './parse-report.ts'
import { readFeatureRequest, readPing } from './parse-requests.ts'
import { readVote } from './parse-vote.ts'
import type { Json } from './parse-values.ts'

/** Throws `RejectedError`, code `not-activitypub`. `at`: when the document was fetched. */
export function parseActor(document: unknown, at: number): RemoteActor {
  return orThrow(readActor(document, at))
}

/** Throws `RejectedError`: `not-activitypub`, `gone` for a Tombstone, `hostile` for an author of another host. */
export function parseNote(document: unknown): Note {
  return orThrow(readNote(document))
}

/** Keys of an actor document or of a key document; unusable ones are left out. */
export function parsePublicKeys(document: unknown): readonly PublicKey[] {
  return readPublicKeys(document)
}

/**
 * An activity that its actor has signed, or that was fetched at its own id. Throws `RejectedError`:
 * `not-activitypub`; `hostile` where it speaks for somebody else; `forwarded` where its id is not on
 * its actor's host, so that it can only be believed when fetched there.
 */
export function parseActivity(document: unknown, at: number): Activity {
  return orThrow(readActivity(document, at))
}

/** What the inbox needs before it believes anything; a member is absent where it is missing or malformed. */
export type Envelope = {
  readonly type?: string
  readonly id?: string
  readonly actor?: string
  readonly object?: string
}

/** The same reading of type, id, actor and object id as `parseActivity`'s; never throws. */
export function readEnvelope(document: unknown): Envelope {
  if (!isJson(document)) return {}
  return {
    ...optional('type', typesOf(document)[0]),
    ...optional('id', idOf(document)),
    ...optional('actor', idOf(document['actor'])),
    ...optional('object', idOf(document['object'])),
  }
}

type Head = { readonly id: ActivityId; readonly actor: ActorId }

function readActivity(document: unknown, at: number): Activity | Refusal {
  if (!isJson(document)) return new Refusal('not-activitypub', 'not a JSON object')
  const { type, id, actor } = readEnvelope(document)
  if (type === undefined) return new Refusal('not-activitypub', 'an activity without type')
  if (id === undefined) return new Refusal('not-activitypub', `a ${type} without id`)
  if (actor === undefined) return new Refusal('not-activitypub', `${type} ${id} without actor`)
  if (!isSameHost(id, actor)) {
    return new Refusal('forwarded', `${type} ${id} is not on the host of ${actor}`)
  }
  return readKind(document, type, { id: asActivityId(id), actor: asActorId(actor), at })
}

type Setting = Head & { readonly at: number }

function readKind(document: Json, type: string, setting: Setting): Activity | Refusal {
  const { id, actor } = setting
  switch (type) {
    case 'Create':
      return readCreate(document, { id, actor })
    case 'Update':
      return readUpdate(document, setting)
    case 'Delete':
      return readDelete(document, { id, actor })
    case 'Accept':
    case 'Reject':
      return readAnswer(document, type, { id, actor })
    case 'Undo':
      return readUndo(document, { id, actor })
    case 'Follow':
    case 'Block':
      return readPointer(document, type, { id, actor })
    case 'Like':
    case 'EmojiReact':
    case 'Dislike':
      return readReaction(document, type, { id, actor })
    case 'Move':
      return readMove(document, { id, actor })
    case 'Announce':
      return readAnnounce(document, { id, actor })
    case 'QuoteRequest':
      return readQuoteRequest(document, { id, actor })
    case 'FeatureRequest':
      return readFeatureRequest(document, { id, actor }) ?? lacksObject(type, { id, actor })
    case 'Ping':
      return readPing(document, { id, actor })
    case 'Flag':
      return readFlag(document, { id, actor })
    case 'Add':
    case 'Remove':
      return readFeature(document, type, { id, actor })
    default:
      return { id, actor, type: 'other', wireType: type }
  }
}

const lacksObject = (type: string, head: Head) =>
  new Refusal('not-activitypub', `${type} ${head.id} has no object with an id`)

function readPointer(document: Json, type: 'Follow' | 'Block', head: Head): Activity | Refusal {
  const object = idOf(document['object'])
  if (object === undefined) return lacksObject(type, head)
  switch (type) {
    case 'Follow':
      return { ...head, type: 'follow', object: asActorId(object) }
    case 'Block':
      return { ...head, type: 'block', object: asActorId(object) }
  }
}

function readFlag(document: Json, head: Head): Activity | Refusal {
  const complaint = readComplaint(document)
  return complaint === undefined ? lacksObject('Flag', head) : { ...head, type: 'flag', complaint }
}

/** An account moves itself alone. */
function readMove(document: Json, head: Head): Activity | Refusal {
  const object = idOf(document['object'])
  const target = idOf(document['target'])
  if (object === undefined || target === undefined) return lacksObject('Move', head)
  if (object !== head.actor) return new Refusal('hostile', `Move ${head.id} moves another account`)
  return { ...head, type: 'move', target: asActorId(target) }
}

function readReaction(
  document: Json,
  type: 'Like' | 'EmojiReact' | 'Dislike',
  head: Head,
): Activity | Refusal {
  const object = idOf(document['object'])
  if (object === undefined) return lacksObject(type, head)
  const feeling = feelingOf(document, type)
  return { ...head, type: 'react', object: asObjectId(object), feeling }
}

function readAnnounce(document: Json, head: Head): Activity | Refusal {
  const value = listOf(document['object'])[0]
  const object = idOf(value)
  if (object === undefined) return lacksObject('Announce', head)
  const type = isJson(value) ? typesOf(value)[0] : undefined
  if (type !== undefined && isJson(value) && value['object'] !== undefined)
    return readAnnounced(value, type, head)
  return { ...head, type: 'announce', object: asObjectId(object) }
}

function readQuoteRequest(document: Json, head: Head): Activity | Refusal {
  const object = idOf(document['object'])
  if (object === undefined) return lacksObject('QuoteRequest', head)
  const instrument = readCarried({ ...document, object: document['instrument'] }, head)
  if (instrument instanceof Refusal) return instrument
  if (typeof instrument !== 'string')
    return { ...head, type: 'quote-request', object: asObjectId(object), instrument }
  return { ...head, type: 'other', wireType: `QuoteRequest(${instrument})` }
}

function readFeature(document: Json, type: 'Add' | 'Remove', head: Head): Activity | Refusal {
  const object = idOf(document['object'])
  const collection = idOf(document['target'])
  const contained = type === 'Add' ? readContained(document, head) : undefined
  if (contained !== undefined) return contained
  if (object === undefined) return lacksObject(type, head)
  if (collection === undefined) return { ...head, type: 'other', wireType: type }
  const kind = type === 'Add' ? 'feature' : 'unfeature'
  return { ...head, type: kind, object: asObjectId(object), collection }
}

function readCreate(document: Json, head: Head): Activity | Refusal {
  const vote = readVote(document, head)
  if (vote !== undefined) return vote
  const object = readCarried(document, head)
  if (object instanceof Refusal) return object
  if (typeof object !== 'string') return { ...head, type: 'create', object }
  return { ...head, type: 'other', wireType: `Create(${object})` }
}

/**
 * The object with its own words where it stands on its author's host and the author is who sent
 * it, else its bare id (FEP-fe34). The type's name where it is well-formed but no post.
 */
function readCarried(document: Json, { id, actor }: Head): Carried<Note> | string | Refusal {
  const value = listOf(document['object'])[0]
  const found = idOf(value)
  if (found === undefined) return lacksObject('activity', { id, actor })
  const ref = asObjectId(found)
  if (!isJson(value) || !isSameHost(found, actor)) return { ref }
  const type = typesOf(value)[0]
  // Objects that are cut down to their id and type exist: only a whole one is worth reading.
  if (type === undefined || !authorsOf(value).includes(actor)) return { ref }
  const note = readNote(value, { author: actor, audience: readAudience(document) })
  if (!(note instanceof Refusal)) return { ref, embedded: note }
  return note.code === 'not-activitypub' ? type : note
}

function readUpdate(document: Json, { at, ...head }: Setting): Activity | Refusal {
  const value = listOf(document['object'])[0]
  const object = idOf(value)
  if (object === head.actor) {
    const actor = readActor(value, at)
    return {
      ...head,
      type: 'update-actor',
      ...optional('document', actor instanceof Refusal ? undefined : actor),
    }
  }
  const kind = isJson(value) ? actorKindOf(value) : undefined
  if (kind !== undefined) return { ...head, type: 'other', wireType: `Update(${kind})` }
  const carried = readCarried(document, head)
  if (carried instanceof Refusal) return carried
  if (typeof carried === 'string') {
    return { ...head, type: 'other', wireType: `Update(${carried})` }
  }
  return { ...head, type: 'update-note', object: carried }
}

function readDelete(document: Json, head: Head): Activity | Refusal {
  const object = idOf(document['object'])
  if (object === undefined) return lacksObject('Delete', head)
  if (object === head.actor) return { ...head, type: 'delete-actor' }
  if (!isSameHost(object, head.actor)) {
    return new Refusal('hostile', `Delete ${head.id} names an object of another host`)
  }
  return { ...head, type: 'delete-object', object: asObjectId(object) }
}

function readReference(value: unknown): Reference | undefined {
  const item = listOf(value)[0]
  const id = idOf(item)
  const object = isJson(item) ? idOf(item['object']) : undefined
  const actor = isJson(item) ? idOf(item['actor']) : undefined
  const type = isJson(item) ? typesOf(item)[0] : undefined
  if (id === undefined && (type === undefined || object === undefined)) return undefined
  return {
    ...optional('type', type),
    ...optional('id', id === undefined ? undefined : asActivityId(id)),
    ...optional('actor', actor === undefined ? undefined : asActorId(actor)),
    ...optional('object', object === undefined ? undefined : asObjectId(object)),
    ...optional('key', isJson(item) ? reactionKeyOf(item) : undefined),
  }
}

function readAnswer(document: Json, type: 'Accept' | 'Reject', head: Head): Activity | Refusal {
  const follow = readReference(document['object'])
  if (follow === undefined) return lacksObject(type, head)
  if (follow.type === 'QuoteRequest') return readQuoteAnswer(document, type, { head, follow })
  if (follow.type !== undefined && follow.type !== 'Follow') {
    return { ...head, type: 'other', wireType: `${type}(${follow.type})` }
  }
  if (follow.object !== undefined && String(follow.object) !== head.actor) {
    return new Refusal('hostile', `${type} ${head.id} answers for another actor`)
  }
  if (type === 'Reject') return { ...head, type: 'reject', follow }
  const result = follow.type === undefined ? idOf(document['result']) : undefined
  return {
    ...head,
    type: 'accept',
    follow,
    ...optional('result', result === undefined ? undefined : asObjectId(result)),
  }
}

/** A bare id is read as one of a Follow; only who asked knows what it was. */
function readQuoteAnswer(
  document: Json,
  type: 'Accept' | 'Reject',
  { head, follow: request }: { readonly head: Head; readonly follow: Reference },
): Activity | Refusal {
  if (request.object !== undefined && !isSameHost(request.object, head.actor))
    return new Refusal('hostile', `${type} ${head.id} answers for another host`)
  if (type === 'Reject') return { ...head, type: 'reject-quote', request }
  const stamp = idOf(document['result'])
  return {
    ...head,
    type: 'accept-quote',
    request,
    ...optional('stamp', stamp === undefined ? undefined : asObjectId(stamp)),
  }
}

function readUndo(document: Json, head: Head): Activity | Refusal {
  const target = readReference(document['object'])
  if (target === undefined) return lacksObject('Undo', head)
  if (target.actor !== undefined && target.actor !== head.actor) {
    return new Refusal('hostile', `Undo ${head.id} undoes what another actor did`)
  }
  return { ...head, type: 'undo', target }
}
