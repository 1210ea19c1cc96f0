import { publicCollection } from '../model/audience.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { OutgoingNote, OutgoingQuote } from '../model/outgoing.ts'
import type { QuoteStamp } from '../model/quote.ts'
import { idOf, isJson, isSameHost, orThrow, Refusal, typesOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

const activityStreams = 'https://www.w3.org/ns/activitystreams'
const misskeyQuote = 'https://misskey-hub.net/ns#_misskey_quote'

const asId = (id: string): Json => ({ '@id': id, '@type': '@id' })

const policyTerms: Json = {
  gts: 'https://gotosocial.org/ns#',
  interactionPolicy: asId('gts:interactionPolicy'),
  automaticApproval: asId('gts:automaticApproval'),
}

/** Names of what an actor says of collections of others (FEP-7aa9). */
export const featureTermsOfActors: Json = {
  ...policyTerms,
  canFeature: asId('https://w3id.org/fep/7aa9#canFeature'),
}

/** Names of everything that is said about quotes on a note. */
export const quoteTerms: Json = {
  quote: asId('https://w3id.org/fep/044f#quote'),
  quoteAuthorization: asId('https://w3id.org/fep/044f#quoteAuthorization'),
  quoteUrl: 'as:quoteUrl',
  quoteUri: 'http://fedibird.com/ns#quoteUri',
  _misskey_quote: misskeyQuote,
  ...policyTerms,
  canQuote: asId('gts:canQuote'),
}

export const requestTerms: Json = { QuoteRequest: 'https://w3id.org/fep/044f#QuoteRequest' }

export const featureTerms: Json = { FeatureRequest: 'https://w3id.org/fep/7aa9#FeatureRequest' }

/** Under every name that software looks for (FEP-044f, Misskey, Fedibird, Akkoma). */
export const toQuote = ({ id, authorization }: OutgoingQuote): Json => ({
  quote: id,
  quoteUrl: id,
  quoteUri: id,
  _misskey_quote: id,
  ...(authorization === undefined ? {} : { quoteAuthorization: authorization }),
})

/** FEP-e232. */
export const toQuoteTag = ({ id, url }: OutgoingQuote): Json => ({
  type: 'Link',
  mediaType: `application/ld+json; profile="${activityStreams}"`,
  rel: misskeyQuote,
  href: id,
  name: `RE: ${url}`,
})

/** Who may quote it without asking. Without it, Mastodon takes it that nobody may; to oneself everybody may. */
export function toInteractionPolicy({ author, quotePolicy }: OutgoingNote): Json {
  if (quotePolicy === undefined) return {}
  const approved = {
    everyone: publicCollection,
    followers: `${author}/followers`,
    nobody: author,
  }[quotePolicy]
  return { interactionPolicy: { canQuote: { automaticApproval: [approved] } } }
}

/** A stamp of ours, as GET answers it. */
export const toStamp = (stamp: QuoteStamp): Json => ({
  '@context': [
    activityStreams,
    {
      QuoteAuthorization: 'https://w3id.org/fep/044f#QuoteAuthorization',
      gts: 'https://gotosocial.org/ns#',
      interactingObject: asId('gts:interactingObject'),
      interactionTarget: asId('gts:interactionTarget'),
    },
  ],
  id: stamp.id,
  type: 'QuoteAuthorization',
  attributedTo: stamp.attributedTo,
  interactingObject: stamp.interactingObject,
  interactionTarget: stamp.interactionTarget,
})

/** A stamp speaks for its author only on that author's host. Throws `RejectedError`: `not-activitypub`, `hostile`. */
export const parseStamp = (document: unknown): QuoteStamp => orThrow(readStamp(document))

function readStamp(document: unknown): QuoteStamp | Refusal {
  if (!isJson(document) || !typesOf(document).includes('QuoteAuthorization'))
    return new Refusal('not-activitypub', 'no permission to quote')
  const [id, author, quoting, quoted] = [
    document,
    document['attributedTo'],
    document['interactingObject'],
    document['interactionTarget'],
  ].map(idOf)
  if (id === undefined || author === undefined || quoting === undefined || quoted === undefined)
    return new Refusal('not-activitypub', 'a permission to quote that lacks something')
  if (!isSameHost(id, author))
    return new Refusal('hostile', `permission ${id} names an author on another host`)
  return {
    id: asObjectId(id),
    attributedTo: asActorId(author),
    interactingObject: asObjectId(quoting),
    interactionTarget: asObjectId(quoted),
  }
}
