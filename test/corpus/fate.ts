import type { Action, Translation } from '../../src/model/action.ts'
import type { Activity } from '../../src/model/activity.ts'
import type { Json } from '../../src/activitypub/parse-values.ts'
import type { Note } from '../../src/model/note.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import { isJson, typesOf } from '../../src/activitypub/parse-values.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'
import { generousKnown, now } from './known.ts'

/** What a Matrix user sees of one event. */
export type Seen = { readonly body: string; readonly html?: string; readonly file?: string }

export type Outcome = 'shown' | 'obeyed' | 'elsewhere' | 'skipped' | 'refused' | 'no post'

/** What became of a document. */
export type Fate = {
  readonly outcome: Outcome
  /** What it was read as, or what it calls itself. */
  readonly kind: string
  /** Why nothing is seen; empty where something is. */
  readonly why: string
  readonly seen: readonly Seen[]
}

type Failure = { readonly code: string; readonly why: string }

/** What it gives, or why it refuses. Anything else that is thrown is a bug. */
function orFailure<Value>(read: () => Value): Value | Failure {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    return { code: error.code ?? '', why: error.message }
  }
}

const isFailure = (value: object): value is Failure => 'why' in value

const ofOurs = (id: string, actor: string) => ({
  id: asActivityId(`${id}#by-us`),
  actor: asActorId(actor),
})

/** As what it may be: an actor that changes, a post that is created, an activity. */
function readAny(document: unknown): Activity | Failure {
  const readers: (() => Activity)[] = [
    () => {
      const actor = parseActor(document, now)
      return { ...ofOurs(actor.id, actor.id), type: 'update-actor', document: actor }
    },
    () => {
      const note = parseNote(document)
      const object = { ref: note.id, embedded: note }
      return { ...ofOurs(note.id, note.author), type: 'create', object }
    },
    () => parseActivity(document, now),
  ]
  const results = readers.map(orFailure)
  const read = results.find((result) => !isFailure(result))
  const failures = results.filter(isFailure)
  const last = failures.find(({ code }) => code !== 'not-activitypub') ?? likely(failures, document)
  return read ?? last ?? { code: '', why: '' }
}

/** The reason of the reader that the document was for. */
function likely(failures: readonly Failure[], document: unknown): Failure | undefined {
  const [asActor, asPost, asActivity] = failures
  if (!isJson(document)) return asPost
  if (document['inbox'] !== undefined || document['publicKey'] !== undefined) return asActor
  return document['actor'] !== undefined || document['object'] !== undefined ? asActivity : asPost
}

/** The post it carries, or the one that its server would answer with, where the corpus has that. */
function noteOf(activity: Activity, index: ReadonlyMap<string, Json>): Note | undefined {
  const isAbout = activity.type === 'create' || activity.type === 'update-note'
  if (!isAbout && activity.type !== 'announce') return undefined
  const { object } = activity
  if (typeof object !== 'string' && object.embedded !== undefined) return object.embedded
  const found = index.get(typeof object === 'string' ? object : object.ref)
  const note = found === undefined ? undefined : orFailure(() => parseNote(found))
  return note === undefined || isFailure(note) ? undefined : note
}

function seenOf(action: Action): Seen[] {
  if (action.do === 'react') return [{ body: `reaction ${action.key}` }]
  if (action.do === 'tell') return [{ body: `the bot: ${action.text}` }]
  if (action.do !== 'send' && action.do !== 'edit') return []
  const { body, html } = action.text
  const file = action.media?.attachment
  const shown = file && [file.type, file.mediaType, file.url].filter(Boolean).join(' ')
  const text = { body: action.do === 'edit' ? `(edited) ${body}` : body }
  return [{ ...text, ...(html === undefined ? {} : { html }), ...(shown ? { file: shown } : {}) }]
}

/** Asked for by its id, for the corpus does not have it. */
const isMissing = (activity: Activity, note: Note | undefined): boolean =>
  note === undefined && ['create', 'update-note', 'announce'].includes(activity.type)

function fateIn(activity: Activity, translation: Translation): Fate {
  const seen = (translation.actions ?? []).flatMap(seenOf)
  const kind = activity.type === 'other' ? activity.wireType : activity.type
  if ('skip' in translation) return { outcome: 'skipped', kind, why: translation.skip, seen }
  if (seen.length > 0) return { outcome: 'shown', kind, why: '', seen }
  const done = translation.actions.flatMap((action) =>
    action.do === 'commit' ? action.changes.map(({ change }) => change) : [action.do],
  )
  return { outcome: 'obeyed', kind, why: [...new Set(done)].join(', '), seen }
}

/** Documents that have no type, by the members that they cannot be without. */
const untyped: readonly (readonly [string, readonly string[]])[] = [
  ['a WebFinger answer', ['subject', 'links']],
  ['a NodeInfo document', ['software', 'version']],
  ['the list of NodeInfo documents', ['links']],
  ['a recorded request', ['headers', 'method']],
  ['a key', ['publicKeyPem']],
]

function nameOf(document: unknown): string {
  if (!isJson(document)) return 'no object'
  const types = typesOf(document).join(',')
  const [name] = untyped.find(([, members]) => members.every((one) => one in document)) ?? []
  return types === '' ? (name ?? 'an object without a type') : types
}

/** What somebody sees who follows, and is addressed by, everybody. `index`: what can be fetched. */
export function fateOf(document: unknown, index: ReadonlyMap<string, Json>): Fate {
  const activity = readAny(document)
  if (isFailure(activity)) {
    const outcome = activity.code === 'not-activitypub' ? 'no post' : 'refused'
    return { outcome, kind: nameOf(document), why: activity.why, seen: [] }
  }
  const note = noteOf(activity, index)
  if (isMissing(activity, note))
    return { outcome: 'elsewhere', kind: activity.type, why: 'has to be fetched', seen: [] }
  return fateIn(activity, toMatrix(activity, generousKnown(activity, note)))
}
