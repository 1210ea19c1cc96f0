import { isOpen, publicCollection } from '../model/audience.ts'
import type { Change } from '../model/change.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Note } from '../model/note.ts'
import type { Place } from '../model/action.ts'
import type { KnownForMatrix, KnownQuote } from './known.ts'

/** What a post quotes, as it stands below its text. */
export type ShownQuote = {
  /** Its page. */
  readonly url: string
  /** Addresses of it, by which the post's own line about it is known. */
  readonly addresses: readonly string[]
  /** Absent: it is a link and no more. */
  readonly post?: { readonly note: Note; readonly handle: string }
}

/**
 * Whether who is quoted lets it be (FEP-044f). Everybody may quote themselves; a post that says by
 * the FEP's own key what it quotes needs its author's stamp for this very pair; older software knows
 * no stamps, and may quote where the post does not say otherwise.
 */
function isPermitted(note: Note, { note: quoted, stamp }: KnownQuote): boolean {
  if (note.author === quoted.author) return true
  if (note.isQuoteByConsent !== true)
    return quoted.quotableBy === undefined || quoted.quotableBy.includes(publicCollection)
  return (
    stamp?.attributedTo === quoted.author &&
    stamp.interactingObject === note.id &&
    stamp.interactionTarget === quoted.id
  )
}

/**
 * Whether everybody who reads that room may read what is quoted. What is for followers stands in the
 * homes of those only where its author quotes it themselves, and brings it there.
 */
function mayStand(
  note: Note,
  quote: KnownQuote,
  { place, known }: { readonly place: Place; readonly known: KnownForMatrix },
): boolean {
  const { rooms, homes, author } = known
  if (isOpen(quote.visibility)) return true
  if (quote.visibility === 'direct' || place.kind !== 'room') return false
  const isAtHome = homes.some(({ room }) => room?.portal.roomId === place.roomId)
  const { author: quoted } = quote.note
  if (isAtHome) return quoted === author.actor.id && quoted === note.author
  // Only those are in the room of an account, or of a user, who may read what it writes to its followers.
  const portal = rooms.get(place.roomId)?.portal
  return portal !== undefined && 'actorId' in portal && portal.actorId === quoted
}

/** What a note quotes, for one room; undefined when it quotes nothing. */
export function shownQuote(
  note: Note,
  place: Place,
  known: KnownForMatrix,
): ShownQuote | undefined {
  const { quote: id } = note
  if (id === undefined || id === note.id) return undefined
  const quote = known.quotes.get(note.id)
  const isGone = known.objects.get(id)?.deletedAt !== undefined
  if (quote === undefined || isGone) return { url: id, addresses: [id] }
  const { url = quote.note.id } = quote.note
  const addresses = [id, quote.note.id, url]
  if (!isPermitted(note, quote) || !mayStand(note, quote, { place, known }))
    return { url, addresses }
  return { url, addresses, post: quote }
}

/** What is kept of a note that quotes, so that it can be shown again once that may not be shown. */
export function quotationChanges(note: Note, { quotation, quotes }: KnownForMatrix): Change[] {
  const { id: quoting, quote: quoted, quoteAuthorization: authorization } = note
  if (quoted === undefined || quoted === quoting)
    return quotation?.quoting === quoting ? [{ change: 'remove-quotation', quoting }] : []
  const given = authorization === undefined ? {} : { authorization }
  const quotedAuthor = quotes.get(quoting)?.note.author
  const by = quotedAuthor === undefined ? {} : { quotedAuthor }
  return [{ change: 'put-quotation', quotation: { quoting, quoted, ...by, ...given, note } }]
}

/** The user of ours whose post that note quotes, where everybody may read the note: they hear of it. */
export function quotedUser(note: Note, known: KnownForMatrix): LocalActor | undefined {
  const quoted = note.quote === undefined ? undefined : known.objects.get(note.quote)
  const user = quoted?.isLocal === true ? known.locals.get(quoted.author) : undefined
  const isHeard = user !== undefined && user.deletedAt === undefined && !known.deaf.has(user.id)
  return isHeard ? user : undefined
}
