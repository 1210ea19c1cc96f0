import type { KnownForMatrix } from '../../src/translate/known.ts'
import type { OutgoingNote } from '../../src/model/outgoing.ts'
import type { QuotePolicy, QuoteStamp } from '../../src/model/quote.ts'
import type { Quotation } from '../../src/model/note.ts'
import { asActivityId, asObjectId } from '../../src/model/ids.ts'
import { actorIdOf, idOf, mentionOf } from './people.ts'
import { mappingOf, namesIn, recordOf } from './rooms.ts'

/** What a row says of permissions to quote. */
export type ConsentRow = {
  /** Of a QuoteRequest: who may quote alice, and whether the asker follows her or has a stamp. */
  asked?: { policy?: QuotePolicy; isFollower?: boolean; given?: string }
  /** The post of ours that quotes; `quotes` what, with what its note says. */
  own?: { object: string; quotes: string; authorization?: string; url?: string; deletedAt?: number }
  /** `<author> <quoting> <quoted>` */
  stamp?: string
}

/** `<author> <quoting> <quoted>` */
export function stampOf(text: string): QuoteStamp {
  const [by = '', quoting = '', quoted = ''] = namesIn(text)
  return {
    id: asObjectId(idOf(`${by}/stamp`)),
    attributedTo: actorIdOf(by),
    interactingObject: asObjectId(idOf(quoting)),
    interactionTarget: asObjectId(idOf(quoted)),
  }
}

type Consent = Pick<KnownForMatrix, 'asked' | 'own' | 'stamp'>

function askedOf({ policy, isFollower, given }: NonNullable<ConsentRow['asked']>): Consent {
  const old = given === undefined ? undefined : stampOf(given)
  return {
    asked: {
      policy: policy ?? 'everyone',
      isFollower: isFollower ?? false,
      stampId: asObjectId('https://us.test/stamp'),
      before: 0,
      ...(old === undefined ? {} : { given: { ...old, quoter: actorIdOf('bob'), createdAt: 1 } }),
    },
  }
}

function ownOf({ object, quotes, authorization, url, deletedAt }: NonNullable<ConsentRow['own']>) {
  const quoted = asObjectId(idOf(quotes))
  const page = url ?? quoted
  const author = quotes.split('/')[0] ?? ''
  const given = authorization === undefined ? {} : { authorization: asObjectId(authorization) }
  const note = {
    quote: { id: quoted, url: page, ...given },
    content: `<p>Look</p><p class="quote-inline">RE: <a href="${page}">${page}</a></p>`,
  } as OutgoingNote
  const record = recordOf(object, deletedAt === undefined ? {} : { deletedAt })
  return {
    quotation: { quoting: record.id, quoted, ...given },
    record: { ...record, note: { ...note, author: record.author } },
    quotedAuthor: actorIdOf(author),
    handle: mentionOf(author).handle,
    mapping: mappingOf(object, '!profile $own'),
    inboxes: ['https://social.test/inbox'],
    updateId: asActivityId('https://us.test/update'),
  }
}

export const consentOf = ({ asked, own, stamp }: ConsentRow): Consent => ({
  ...(asked === undefined ? {} : askedOf(asked)),
  ...(own === undefined ? {} : { own: ownOf(own) }),
  ...(stamp === undefined ? {} : { stamp: stampOf(stamp) }),
})

/** `bob/1 carol/1`: what we keep of the first's quoting the second. */
export function quotationOf(text: string): Quotation {
  const [quoting = '', quoted = '', authorization] = namesIn(text)
  return {
    quoting: asObjectId(idOf(quoting)),
    quoted: asObjectId(idOf(quoted)),
    ...(authorization === undefined ? {} : { authorization: asObjectId(idOf(authorization)) }),
  }
}
