import { randomUUID } from 'node:crypto'
import {
  Accept,
  Add,
  Create,
  Delete,
  Note,
  PUBLIC_COLLECTION,
  QuoteAuthorization,
  QuoteRequest,
  Reject,
  Remove,
  Update,
} from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

/** Quotes by consent (FEP-044f) and pinned posts: what answers GET for them, and their operations. */
export function quotesAndPins({ federation, origin, world }) {
  const { accounts, objects, activities, context, send, sendAbout, actorUri, lookUp, newId } = world
  federation.setObjectDispatcher(
    QuoteAuthorization,
    '/stamps/{id}',
    (_ctx, { id }) => objects.get(`${origin}/stamps/${id}`) ?? null,
  )
  federation.setFeaturedDispatcher('/users/{identifier}/featured', (_ctx, identifier) => ({
    items: [...(accounts.get(identifier)?.featured ?? [])].map((id) => objects.get(id)),
  }))
  return {
    /** Posts what quotes `quote`, and asks its author `to`. */
    async quote({ as, content, quote, to }) {
      const followers = context().getFollowersUri(as)
      const note = new Note({
        id: new URL(`${origin}/notes/${randomUUID()}`),
        attribution: actorUri(as),
        content,
        published: Temporal.Now.instant(),
        tos: [PUBLIC_COLLECTION],
        ccs: [followers],
        quote: new URL(quote),
      })
      objects.set(note.id.href, note)
      await sendAbout(as, Create, note, note)
      const request = new QuoteRequest({
        id: newId(),
        actor: actorUri(as),
        object: new URL(quote),
        instrument: note,
        to: new URL(to),
      })
      return { object: note.id.href, activity: await send(as, await lookUp(to), request) }
    },
    /** Tells the readers of a quote by whose permission it is. */
    async stamp({ as, object, stamp }) {
      const note = objects.get(object).clone({ quoteAuthorization: new URL(stamp) })
      objects.set(object, note)
      return sendAbout(as, Update, note, note)
    },
    async answerQuote({ as, activity, accept }) {
      const request = activities.get(activity)
      const to = await lookUp(request.actorId)
      const fields = { id: newId(), actor: actorUri(as), object: request }
      if (!accept) return { activity: await send(as, to, new Reject(fields)) }
      const stamp = new QuoteAuthorization({
        id: new URL(`${origin}/stamps/${randomUUID()}`),
        attribution: actorUri(as),
        interactingObject: request.instrumentId,
        interactionTarget: request.objectId,
      })
      objects.set(stamp.id.href, stamp)
      await send(as, to, new Accept({ ...fields, result: stamp.id }))
      return { stamp: stamp.id.href }
    },
    async revokeQuote({ as, stamp, to }) {
      objects.delete(stamp)
      const revoked = new Delete({ id: newId(), actor: actorUri(as), object: new URL(stamp) })
      return { activity: await send(as, await lookUp(to), revoked) }
    },
    /** Ids of the posts that an account elsewhere has pinned. */
    async readFeatured({ as, actor }) {
      const documentLoader = await context().getDocumentLoader({ identifier: as })
      const account = await context().lookupObject(new URL(actor), { documentLoader })
      const featured = await account.getFeatured({ documentLoader })
      const posts = await Array.fromAsync(featured.getItems({ documentLoader }))
      return posts.map(({ id }) => id.href)
    },
    /** Pins a post on the profile, or takes it off. */
    async feature({ as, object, on }) {
      const account = accounts.get(as)
      account.featured ??= new Set()
      if (on) account.featured.add(object)
      else account.featured.delete(object)
      const Type = on ? Add : Remove
      const activity = new Type({
        id: newId(),
        actor: actorUri(as),
        object: new URL(object),
        target: context().getFeaturedUri(as),
      })
      const followers = [...account.followers.values()]
      return { activity: followers.length > 0 ? await send(as, followers, activity) : '' }
    },
  }
}
