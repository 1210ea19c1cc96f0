import type { Activity } from '../../src/model/activity.ts'
import type { Reaction } from '../../src/model/relation.ts'
import type {
  KnownForMatrix,
  KnownHome,
  KnownQuote,
  KnownRoom,
  ReplyForm,
} from '../../src/translate/known.ts'
import type { Note } from '../../src/model/note.ts'
import type { ConsentRow } from './known-quotes.ts'
import type { RecordRow, RoomRow } from './rooms.ts'
import type { Visibility } from '../../src/model/audience.ts'
import { asActivityId, asObjectId, asRoomId } from '../../src/model/ids.ts'
import {
  actorIdOf,
  idOf,
  knownActorOf,
  localOf,
  locals,
  mentionOf,
  now,
  remoteOf,
  remotes,
  userIdOf,
} from './people.ts'
import { consentOf, quotationOf, stampOf } from './known-quotes.ts'
import { blockOf, followOf, reactionOf, referenceOf } from './relation-rows.ts'
import { mappingOf, namesIn, portalOf, recordOf } from './rooms.ts'

type Quoting = 'quote' | 'quoteAuthorization' | 'quotableBy'

/** A post in short: `bob/1` by `bob`, who wrote `Hello`, unless said otherwise. */
export type NoteRow = Partial<Omit<Note, 'mentions' | 'author' | 'id' | 'inReplyTo' | Quoting>> & {
  id?: string
  author?: string
  inReplyTo?: string
  mentions?: string
  quote?: string
  quoteAuthorization?: string
  quotableBy?: string[]
}

/** The room is the portal of kind `home` among `rooms` of the same person, if there is one. */
type HomeRow = {
  of: string
  replies?: ReplyForm
  ancestors?: NoteRow[]
  withBoosts?: boolean
}

export type ActivityRow = { type: Activity['type']; actor?: string; feeling?: string } & Record<
  string,
  unknown
>

export type KnownRow = ConsentRow & {
  note?: NoteRow
  ancestors?: NoteRow[]
  rooms?: Record<string, RoomRow>
  replyInPortal?: 'thread' | 'line' | 'hidden'
  mappings?: Record<string, string[]>
  objects?: Record<string, RecordRow>
  deaf?: string
  sensitiveMedia?: KnownForMatrix['sensitiveMedia']
  crowded?: string
  /** Users and rooms that have seen enough of strangers: `alice !carol`. */
  spared?: string
  /** Who and where nobody is to be shown a boosted post: `alice !carol`. */
  shunned?: string
  /** Events that name the object as boosted. */
  boostLines?: string[]
  follow?: string
  block?: string
  /** What an Undo takes back. */
  reaction?: string
  /** What the author did with the object before. */
  reactions?: string[]
  areBoostsWanted?: boolean
  /** What is quoted, by the quoting post. */
  quotes?: Record<string, QuoteRow>
  /** `bob/1 carol/1`: what we keep of the first's quoting the second. */
  quotation?: string
  isQuoted?: boolean
  /** Who reads the author at home. */
  homes?: HomeRow[]
  /** When it happened, where it is heard late. */
  happenedAt?: number
  /** What the author chose before; `follower`: who follows. */
  voting?: { given?: string[]; isFollower?: boolean }
}

function noteOf(row: NoteRow): Note {
  const { id = 'bob/1', inReplyTo, mentions, to, cc, quote, quoteAuthorization, ...rest } = row
  const author = row.author ?? id.split('/')[0] ?? ''
  return {
    type: 'Note',
    content: '<p>Hello</p>',
    sensitive: false,
    published: now - 60_000,
    attachments: [],
    emojis: [],
    ...rest,
    id: asObjectId(idOf(id)),
    author: actorIdOf(author),
    to: (to ?? ['public']).map(idOf),
    cc: (cc ?? [`${author}/followers`]).map(idOf),
    mentions: namesIn(mentions).map((name) => ({
      actorId: actorIdOf(name),
      name: mentionOf(name).handle,
    })),
    ...(inReplyTo === undefined ? {} : { inReplyTo: asObjectId(idOf(inReplyTo)) }),
    ...(quote === undefined ? {} : { quote: asObjectId(idOf(quote)) }),
    ...(quoteAuthorization === undefined
      ? {}
      : { quoteAuthorization: asObjectId(idOf(quoteAuthorization)) }),
  }
}

function homeOf(row: HomeRow, rooms: ReadonlyMap<string, KnownRoom>): KnownHome {
  const userId = userIdOf(row.of)
  const room = [...rooms.values()].find(
    ({ portal }) => portal.kind === 'home' && portal.userId === userId,
  )
  return {
    userId,
    ...(room === undefined ? {} : { room }),
    replies: row.replies ?? 'hidden',
    ancestors: (row.ancestors ?? []).map(noteOf),
    withBoosts: row.withBoosts ?? true,
  }
}

/** A quoted post, `by` its author; `stamp` says `<author> <quoting> <quoted>`. */
type QuoteRow = NoteRow & { visibility?: Visibility; stamp?: string }

function quoteOf({ visibility = 'public', stamp, ...row }: QuoteRow): KnownQuote {
  const note = noteOf(row)
  const author = (row.author ?? row.id ?? 'bob').split('/')[0] ?? ''
  const given = stamp === undefined ? {} : { stamp: stampOf(stamp) }
  return { note, visibility, handle: mentionOf(author).handle, ...given }
}

/** The activity of a row; its id is `<actor>/activity`. */
export function activityOf(row: ActivityRow, known: KnownRow): Activity {
  const actor = row.actor ?? 'bob'
  const head = { id: asActivityId(idOf(`${actor}/activity`)), actor: actorIdOf(actor) }
  const object = idOf(typeof row['object'] === 'string' ? row['object'] : '')
  switch (row.type) {
    case 'create':
    case 'update-note':
      return {
        ...head,
        type: row.type,
        object: { ref: asObjectId(idOf(known.note?.id ?? 'bob/1')) },
      }
    case 'update-actor': {
      const document = row['document'] as { id?: string; name?: string } | undefined
      const actorDocument = { ...remoteOf(document?.id ?? actor), name: document?.name ?? actor }
      return {
        ...head,
        type: row.type,
        ...(document === undefined ? {} : { document: actorDocument }),
      }
    }
    case 'accept':
    case 'reject':
      return { ...head, type: row.type, follow: referenceOf(row['follow']) }
    case 'undo':
      return { ...head, type: row.type, target: referenceOf(row['target']) }
    case 'follow':
    case 'block':
      return { ...head, type: row.type, object: actorIdOf(object) }
    case 'move':
      return { ...head, type: row.type, target: actorIdOf(object) }
    case 'announced':
      return { ...head, type: row.type, announced: { deed: 'update', object: asObjectId(object) } }
    case 'contained':
      return { ...head, type: row.type, contained: asActivityId(object) }
    case 'delete-object':
    case 'announce':
      return { ...head, type: row.type, object: asObjectId(object) }
    case 'react': {
      const [type = 'Like', key = '❤️', url] = (row.feeling ?? 'Like').split(' ')
      const emoji = url === undefined ? {} : { emoji: { shortcode: key.slice(1, -1), url } }
      const feeling = { type: type as Reaction['type'], key, ...emoji }
      return { ...head, type: row.type, object: asObjectId(object), feeling }
    }
    case 'ping':
      return { ...head, type: row.type, addressees: [actorIdOf(object)] }
    case 'feature-request':
      return {
        ...head,
        ...{ type: row.type, object: actorIdOf(object), instrument: asObjectId(`${actor}/c`) },
      }
    case 'flag': {
      const text = typeof row['text'] === 'string' ? row['text'] : ''
      return { ...head, type: row.type, complaint: { objects: [object], named: [], text } }
    }
    case 'quote-request': {
      const instrument = { ref: asObjectId(idOf(known.note?.id ?? `${actor}/1`)) }
      return { ...head, type: row.type, object: asObjectId(object), instrument }
    }
    case 'accept-quote': {
      const stamp = idOf(typeof row['stamp'] === 'string' ? row['stamp'] : `${actor}/stamp`)
      return { ...head, type: row.type, request: {}, stamp: asObjectId(stamp) }
    }
    case 'reject-quote':
      return { ...head, type: row.type, request: {} }
    case 'feature':
    case 'unfeature': {
      const said = row['collection']
      const collection = idOf(typeof said === 'string' ? said : `${actor}/featured`)
      return { ...head, type: row.type, object: asObjectId(object), collection }
    }
    case 'vote':
      return {
        ...head,
        type: row.type,
        object: asObjectId(object),
        choices: row['choices'] as string[],
      }
    case 'delete-actor':
      return { ...head, type: row.type }
    case 'other':
      return { ...head, type: row.type, wireType: 'Move' }
  }
}

const mapOf = <Row, Value>(
  rows: Record<string, Row> | undefined,
  make: (key: string, row: Row) => Value,
) => new Map(Object.entries(rows ?? {}).map(([key, row]) => [idOf(key), make(key, row)]))

function relationsOf(
  row: KnownRow,
): Pick<KnownForMatrix, 'follow' | 'block' | 'reaction' | 'reactions'> {
  return {
    ...(row.follow === undefined ? {} : { follow: followOf(row.follow) }),
    ...(row.block === undefined ? {} : { block: blockOf(row.block) }),
    ...(row.reaction === undefined ? {} : { reaction: reactionOf(row.reaction) }),
    reactions: (row.reactions ?? []).map(reactionOf),
  }
}

/** What `resolveActivity` would find: people whom nothing names are not known. */
export function knownForMatrix(activity: Activity, row: KnownRow): KnownForMatrix {
  const note = row.note === undefined ? undefined : noteOf(row.note)
  const ancestors = (row.ancestors ?? []).map(noteOf)
  const above = [
    ...ancestors,
    ...(row.homes ?? []).flatMap((home) => home.ancestors ?? []).map(noteOf),
  ]
  const objects = mapOf(row.objects, recordOf)
  const relations = relationsOf(row)
  const text = JSON.stringify([activity, note, relations.follow, [...objects.values()]])
  const named = (name: string) => text.includes(JSON.stringify(idOf(name)))
  const rooms = new Map<string, KnownRoom>(
    Object.entries(row.rooms ?? {}).map(([id, room]) => [
      id,
      { portal: portalOf(id, room), members: new Set(namesIn(room.members).map(userIdOf)) },
    ]),
  )
  const authorRoom = [...rooms.values()].find(
    ({ portal }) => portal.kind === 'actor' && portal.actorId === activity.actor,
  )
  const author = remotes.find((name) => actorIdOf(name) === activity.actor) ?? 'bob'
  const met = remotes.filter(
    (name) =>
      note?.author === idOf(name) ||
      note?.mentions.some(({ actorId }) => actorId === idOf(name)) === true ||
      above.some((ancestor) => ancestor.author === idOf(name)),
  )
  return {
    now,
    handleDomain: 'us.test',
    author: knownActorOf(author),
    ...(note === undefined ? {} : { note }),
    ancestors,
    actors: new Map(met.map((name) => [actorIdOf(name), knownActorOf(name)])),
    addressees: remotes
      .map(actorIdOf)
      .filter((id) => id !== note?.author && (note?.to.includes(id) || note?.cc.includes(id))),
    locals: new Map(locals.filter(named).map((name) => [actorIdOf(name), localOf(name)])),
    objects,
    mappings: mapOf(row.mappings, (key, list) => list.map((item) => mappingOf(key, item))),
    rooms: new Map([...rooms].map(([id, room]) => [asRoomId(id), room])),
    ...(authorRoom === undefined ? {} : { authorRoom }),
    replyInPortal: row.replyInPortal ?? 'hidden',
    homes: (row.homes ?? []).map((home) => homeOf(home, rooms)),
    ...(row.happenedAt === undefined ? {} : { happenedAt: row.happenedAt }),
    deaf: new Set(namesIn(row.deaf).map(actorIdOf)),
    crowded: new Set(namesIn(row.crowded).map(actorIdOf)),
    spared: new Set(
      namesIn(row.spared).map((who) => (who.startsWith('!') ? asRoomId(who) : userIdOf(who))),
    ),
    ...relations,
    shunned: new Set(
      namesIn(row.shunned).map((who) => (who.startsWith('!') ? asRoomId(who) : userIdOf(who))),
    ),
    ...(row.boostLines === undefined
      ? {}
      : { boostLines: row.boostLines.map((line) => mappingOf('carol/announce', line)) }),
    ...(row.voting === undefined
      ? {}
      : {
          voting: { given: row.voting.given ?? [], isFollower: row.voting.isFollower ?? false },
        }),
    areBoostsWanted: row.areBoostsWanted ?? true,
    quotes: new Map(
      Object.entries(row.quotes ?? {}).map(([id, quote]) => [asObjectId(idOf(id)), quoteOf(quote)]),
    ),
    ...(row.quotation === undefined ? {} : { quotation: quotationOf(row.quotation) }),
    isQuoted: row.isQuoted ?? false,
    ...consentOf(row),
    sensitiveMedia: row.sensitiveMedia ?? 'spoiler',
    answerId: asActivityId('https://us.test/answer'),
  }
}

/** What an outcome need not repeat: the post's own members, or what was kept of it before. */
export function usualOf({ note, objects }: KnownForMatrix): Record<string, unknown> {
  if (note === undefined) return {}
  const { id, author, to, cc, published } = note
  const url = note.url ?? id
  return {
    as: author,
    id,
    author,
    to,
    cc,
    published,
    ...objects.get(id),
    url,
    cameAlong: undefined,
  }
}
