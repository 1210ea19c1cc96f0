import type { Deps } from './ports.ts'
import type { KnownQuote } from '../translate/known.ts'
import type { Note, ObjectRecord } from '../model/note.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { QuoteStamp } from '../model/quote.ts'
import { publicCollection } from '../model/audience.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { displayHandle } from '../model/names.ts'
import { narrower, visibilityOf } from '../translate/audience.ts'
import { handleOf } from './actors.ts'
import { actorOf } from './ghosts.ts'
import { fetchRecent } from './fetch-recent.ts'
import { isOwnId } from './new-ids.ts'
import { readAs } from './read-as.ts'

type Asking = {
  /** A server that is away is waited for. */
  readonly isPatient: boolean
  /** What was fetched so many milliseconds ago will do. */
  readonly maxAge: number
  readonly deps: Deps
}

/** Undefined: it cannot be had, or not in time. */
async function unlessAway<T>(work: Promise<T>, { isPatient }: Asking): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    if (error instanceof TransientError && error.of === 'remote' && !isPatient) return undefined
    throw error
  }
}

/** A post of ours as others read it. */
function noteOfRecord({ note, visibility, author }: ObjectRecord): Note | undefined {
  if (note === undefined) return undefined
  const { id, to, cc, content, summary, sensitive, published, url, mentions, emojis, poll } = note
  const isForAll = note.quotePolicy === 'everyone' && visibility !== 'followers'
  return {
    ...{ id, author, to, cc, content, sensitive, published, url, mentions, emojis },
    type: poll === undefined ? 'Note' : 'Question',
    attachments: note.attachments,
    quotableBy: isForAll ? [publicCollection] : [],
    ...(summary === undefined ? {} : { summary }),
    ...(poll === undefined ? {} : { poll }),
  }
}

async function ownQuoted(id: ObjectId, deps: Deps): Promise<KnownQuote | undefined> {
  const record = await deps.store.findObject(id)
  if (record?.isLocal !== true || record.deletedAt !== undefined) return undefined
  const note = noteOfRecord(record)
  const author = await deps.store.findLocalActor(record.author)
  if (note === undefined || author === undefined) return undefined
  return { note, visibility: record.visibility, handle: handleOf(author, deps) }
}

/** What is for followers is shown only where its own author quotes it. */
async function foreignQuoted(
  id: ObjectId,
  quoter: ActorId,
  asking: Asking,
): Promise<KnownQuote | undefined> {
  const { deps, maxAge } = asking
  const as = await readAs(quoter, id, deps)
  const note = await unlessAway(fetchRecent(id, { maxAge, ...as }, deps), asking)
  if (note === undefined || isOwnId(note.author, deps)) return undefined
  const author = await unlessAway(actorOf(note.author, deps), { ...asking, isPatient: false })
  const stated = visibilityOf(note, author?.followers)
  // Its author may have narrowed what is served as it was.
  const told = (await deps.store.findObject(note.id))?.visibility ?? stated
  return {
    note,
    visibility: narrower(told, stated),
    handle: author === undefined ? new URL(note.author).host : displayHandle(author),
  }
}

/** A permission counts only where its author's server says it, and ours while nobody took it back. */
async function stampOf(
  id: ObjectId,
  author: ActorId,
  asking: Asking,
): Promise<QuoteStamp | undefined> {
  const { deps } = asking
  if (URL.parse(id)?.host !== new URL(author).host) return undefined
  if (!isOwnId(id, deps)) return unlessAway(deps.fediverse.fetchStamp(id), asking)
  const stamp = await deps.store.findStamp(id)
  return stamp?.revokedAt === undefined ? stamp : undefined
}

async function resolveQuote(note: Note, asking: Asking): Promise<KnownQuote | undefined> {
  const { quote: id, quoteAuthorization } = note
  if (id === undefined || id === note.id) return undefined
  const { deps } = asking
  const quote = isOwnId(id, deps)
    ? await ownQuoted(id, deps)
    : await foreignQuoted(id, note.author, asking)
  const author = quote?.note.author
  if (author === undefined || author === note.author || quoteAuthorization === undefined)
    return quote
  const stamp = await stampOf(quoteAuthorization, author, asking)
  return quote && { ...quote, ...(stamp === undefined ? {} : { stamp }) }
}

/** What these notes quote, each by its quoting note; not what that quotes in its turn. */
export async function resolveQuotes(
  notes: readonly Note[],
  asking: Asking,
): Promise<ReadonlyMap<ObjectId, KnownQuote>> {
  const quotes = new Map<ObjectId, KnownQuote>()
  for (const note of notes) {
    const quote = await resolveQuote(note, asking)
    if (quote !== undefined) quotes.set(note.id, quote)
  }
  return quotes
}
