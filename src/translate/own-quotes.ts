import type { Action } from '../model/action.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent, Text } from '../model/event.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { OutgoingNote, OutgoingQuote } from '../model/outgoing.ts'
import type { Visibility } from '../model/audience.ts'
import { isOpen } from '../model/audience.ts'
import { orderOf } from './audience.ts'
import type { KnownForFediverse, KnownMention, LinkedPost, OwnQuote } from './known.ts'
import { linkLine, quoteLine, withoutAddress } from './quote-links.ts'
import { summaryJob } from './reactions.ts'

/** What is to come of a link on a line of its own. */
export type Quoting = {
  /** The message without that line. */
  readonly text: Text
  /** Stands below the text. */
  readonly html: string
  readonly quote?: OutgoingQuote
  /** Who has to be asked, and reads what they are asked about. */
  readonly asks: readonly ActorId[]
  /** Why it is no more than a link, where that should be said. */
  readonly refusal?: string
}

/** Who may quote a note of ours; said where everybody may read it. */
export const quotableBy = (
  visibility: Visibility,
  { quotePolicy }: KnownForFediverse,
): Pick<OutgoingNote, 'quotePolicy'> => (isOpen(visibility) ? { quotePolicy } : {})

/** The page that it states, where that is its own server's. */
function pageOf({ id, url }: LinkedPost['object']): string {
  const isTheirs = url !== undefined && URL.parse(url)?.host === new URL(id).host
  return isTheirs ? url : id
}

type Written = {
  readonly text: Text
  readonly author: LocalActor
  readonly visibility: Visibility
  /** Whoever gets the note by name. */
  readonly addressed: readonly KnownMention[]
}

/**
 * A link to a post that everybody may read becomes a quote of it. Its author has to be asked, and is
 * sent what they are asked about: a note for fewer people quotes only whom it is for, or oneself.
 */
export function quotingOf(written: Written, linked: LinkedPost | undefined): Quoting {
  const { text, author, visibility, addressed } = written
  if (linked === undefined) return { text, html: '', asks: [] }
  const { object, owner, address } = linked
  const url = pageOf(object)
  const rest = withoutAddress(text, address)
  const isOwn = object.author === author.id
  if (!isOpen(object.visibility)) {
    const refusal = 'Not quoted: this is not public. Only what everybody may read can be quoted.'
    return { text, html: '', asks: [], refusal }
  }
  const asLink = { text: rest, html: linkLine(url), asks: [] }
  if (!isOpen(visibility) && !isOwn && !addressed.some(({ actorId }) => actorId === object.author))
    return asLink
  if (owner !== undefined && !isOwn && !owner.isWilling) {
    const handle = linked.author?.handle ?? url
    return { ...asLink, refusal: `Not quoted: ${handle} does not want that. It is a link.` }
  }
  const authorization = owner === undefined || isOwn ? {} : { authorization: linked.ids.stamp }
  const quote = { id: object.id, url, ...authorization }
  const asks = isOwn || owner !== undefined ? [] : [object.author]
  return { text: rest, html: quoteLine(url), quote, asks }
}

/** An edit keeps the quote whose line it keeps; it begins no other one. */
export function quotingAfter(
  text: Text,
  before: OutgoingQuote | undefined,
  linked: LinkedPost | undefined,
): Quoting {
  if (before === undefined || linked?.object.id !== before.id) return { text, html: '', asks: [] }
  return {
    text: withoutAddress(text, linked.address),
    html: quoteLine(before.url),
    quote: before,
    asks: [],
  }
}

const tell = (event: MatrixEvent, text: string): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId: event.roomId },
  text,
  replyTo: event.eventId,
  key: `not quoted ${event.eventId}`,
})

/** Asks for what the note quotes: after the note itself, in order. */
function ask(note: OutgoingNote, asked: ActorId, { linked, order }: Asking): Action[] {
  const { id: quoted } = linked.object
  const { request: id } = linked.ids
  const activity = { type: 'quote-request', id, actor: note.author, to: [asked], cc: [] } as const
  return [
    {
      do: 'publish',
      activity: { ...activity, object: quoted, note },
      recipients: [asked],
      toFollowers: false,
      inboxes: [],
      order,
    },
    {
      do: 'commit',
      changes: [{ change: 'put-quotation', quotation: { quoting: note.id, quoted, request: id } }],
    },
  ]
}

type Asking = { readonly linked: LinkedPost; readonly order: string }

type Quoted = {
  readonly note: OutgoingNote
  readonly quoting: Quoting
  readonly event: MatrixEvent
  readonly order: string
}

/** What comes with a note that quotes: the question, or the permission of one of our own. */
export function quoteActions(
  { note, quoting, event, order }: Quoted,
  { linked, now }: KnownForFediverse,
): Action[] {
  const told = quoting.refusal === undefined ? [] : [tell(event, quoting.refusal)]
  const { quote, asks } = quoting
  const [asked] = asks
  if (linked === undefined || quote === undefined) return told
  if (asked !== undefined) return ask(note, asked, { linked, order })
  const { authorization: id } = quote
  if (id !== undefined) return permitted(note, { id, linked, now })
  const quotation = { quoting: note.id, quoted: quote.id }
  return [{ do: 'commit', changes: [{ change: 'put-quotation', quotation }] }]
}

/** One of ours quotes another, who lets them. */
function permitted(
  note: OutgoingNote,
  { id, linked, now }: { readonly id: ObjectId; readonly linked: LinkedPost; readonly now: number },
): Action[] {
  const { object, owner } = linked
  const stamp = {
    id,
    attributedTo: object.author,
    interactingObject: note.id,
    interactionTarget: object.id,
    quoter: note.author,
    createdAt: now,
  }
  const quotation = { quoting: note.id, quoted: object.id, authorization: id }
  return [
    {
      do: 'commit',
      changes: [
        { change: 'put-stamp', stamp },
        { change: 'put-quotation', quotation },
        { change: 'enqueue', job: summaryJob(object.id, now) },
      ],
    },
    ...(owner === undefined
      ? []
      : [
          {
            do: 'tell',
            place: { kind: 'notifications', userId: owner.userId },
            text: `${note.url} quotes a post of yours. \`quotes revoke <link>\` takes that back.`,
            key: `quoted ${note.id}`,
          } as const,
        ]),
  ]
}

/** Its author may have edited or deleted it while somebody's server was asked. */
function update(own: OwnQuote, note: OutgoingNote): Action[] {
  const { record, inboxes, updateId } = own
  const { author: actor, to, cc } = record
  return [
    { do: 'commit', changes: [{ change: 'expect-object', object: record }] },
    {
      do: 'publish',
      activity: { type: 'update', id: updateId, actor, note, to, cc },
      recipients: record.mentions.map(({ actorId }) => actorId).filter((id) => id !== actor),
      toFollowers: record.visibility !== 'direct',
      inboxes,
      order: orderOf(record),
    },
  ]
}

/** The author lets our post quote theirs: told to everybody who got it. It was not edited by that. */
export function withPermission(own: OwnQuote, authorization: ObjectId): Action[] {
  const { note } = own.record
  if (note?.quote === undefined) return []
  const quotation = { ...own.quotation, authorization }
  return [
    ...update(own, { ...note, quote: { ...note.quote, authorization } }),
    { do: 'commit', changes: [{ change: 'put-quotation', quotation }] },
  ]
}

/** The author does not, or not any more: a link stays. */
export function withoutQuote(own: OwnQuote, now: number): Action[] {
  const { record, mapping, handle } = own
  const forgotten: Action = {
    do: 'commit',
    changes: [{ change: 'remove-quotation', quoting: record.id }],
  }
  if (record.note?.quote === undefined) return [forgotten]
  const { quote, ...note } = record.note
  const content = note.content.replace(quoteLine(quote.url), () => linkLine(quote.url))
  const text = `${handle} does not let this quote their post. What you published has a link to it instead.`
  return [
    ...update(own, { ...note, content, updated: now }),
    forgotten,
    ...(mapping === undefined
      ? []
      : [
          {
            do: 'tell',
            place: { kind: 'room', roomId: mapping.roomId },
            text,
            replyTo: mapping.eventId,
            key: `quote ended ${record.id}`,
          } as const,
        ]),
  ]
}
