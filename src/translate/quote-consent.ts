import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { LocalActor } from '../model/actor.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { ObjectId } from '../model/ids.ts'
import type { KnownForMatrix, QuoteAsked } from './known.ts'
import { isOpen } from '../model/audience.ts'
import { withoutQuote, withPermission } from './own-quotes.ts'
import { summaryJob } from './reactions.ts'

type Request = Activity & { type: 'quote-request' }

/** Accept with the stamp, or Reject. */
function answer(
  activity: Request,
  owner: LocalActor,
  { known, stamp }: { readonly known: KnownForMatrix; readonly stamp?: ObjectId },
): Action {
  const { id, actor, object, instrument } = activity
  return {
    do: 'publish',
    activity: {
      type: 'quote-answer',
      id: known.answerId,
      actor: owner.id,
      request: { id, actor, object, instrument: instrument.ref },
      to: [actor],
      cc: [],
      ...(stamp === undefined ? {} : { stamp }),
    },
    recipients: [actor],
    toFollowers: false,
    inboxes: [],
    order: instrument.ref,
  }
}

/** Whether the post that asks is there, by who asks, and quotes what they ask for. */
function isSound({ actor, object, instrument }: Request, { note }: KnownForMatrix): boolean {
  return note?.id === instrument.ref && note.author === actor && note.quote === object
}

function isAllowed(
  { visibility, deletedAt, author }: ObjectRecord,
  { policy, isFollower, given }: QuoteAsked,
  { deaf }: KnownForMatrix,
): boolean {
  if (!isOpen(visibility) || deletedAt !== undefined || deaf.has(author)) return false
  // Taken back for this very post: to ask again does not help.
  if (given?.revokedAt !== undefined) return false
  return policy === 'everyone' || (policy === 'followers' && isFollower)
}

/** Of one post by one account: every one of them is kept and listed. */
export const mostQuotes = 20

/** Somebody asks to quote a post of ours: its author's setting answers. */
export function translateQuoteRequest(activity: Request, known: KnownForMatrix): Translation {
  const { asked } = known
  const record = known.objects.get(activity.object)
  const owner = record === undefined ? undefined : known.locals.get(record.author)
  if (record?.isLocal !== true || owner === undefined || asked === undefined)
    return { skip: 'unknown-target' }
  if (owner.deletedAt !== undefined) return { skip: 'unknown-target' }
  if (!isSound(activity, known) || !isAllowed(record, asked, known))
    return { actions: [answer(activity, owner, { known })] }
  // Asked again, perhaps because the first answer was lost.
  if (asked.given !== undefined)
    return { actions: [answer(activity, owner, { known, stamp: asked.given.id })] }
  if (asked.before >= mostQuotes) return { actions: [answer(activity, owner, { known })] }
  const stamp = {
    id: asked.stampId,
    attributedTo: owner.id,
    interactingObject: activity.instrument.ref,
    interactionTarget: record.id,
    quoter: activity.actor,
    createdAt: known.now,
  }
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'put-stamp', stamp },
          { change: 'enqueue', job: summaryJob(record.id, known.now) },
        ],
      },
      answer(activity, owner, { known, stamp: stamp.id }),
    ],
  }
}

/** The answer to a QuoteRequest of ours, which the author of what is quoted gives. */
export function translateQuoteAnswer(
  activity: Activity & { type: 'accept-quote' | 'reject-quote' },
  known: KnownForMatrix,
): Translation {
  const { own, stamp } = known
  if (own === undefined) return { skip: 'unknown-target' }
  if (own.quotedAuthor !== activity.actor) return { skip: 'not-the-owner' }
  if (own.record.deletedAt !== undefined) return { skip: 'deleted' }
  if (activity.type === 'reject-quote') return { actions: withoutQuote(own, known.now) }
  if (own.quotation.authorization !== undefined) return { skip: 'already-known' }
  const isMeant =
    stamp?.attributedTo === own.quotedAuthor &&
    stamp.interactingObject === own.record.id &&
    stamp.interactionTarget === own.quotation.quoted
  if (!isMeant) return { skip: 'not-the-owner' }
  return { actions: withPermission(own, stamp.id) }
}
