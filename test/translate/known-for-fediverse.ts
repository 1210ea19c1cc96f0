import type { HeldMessage } from '../../src/model/change.ts'
import type {
  KnownForFediverse,
  KnownPins,
  KnownTarget,
  LinkedPost,
} from '../../src/translate/known.ts'
import type { MatrixEvent, MessageKind } from '../../src/model/event.ts'
import type { FileFacts } from '../../src/model/file.ts'
import type { Media } from '../../src/model/media.ts'
import type { Poll } from '../../src/model/note.ts'
import type { Reaction } from '../../src/model/relation.ts'
import type { QuotePolicy } from '../../src/model/quote.ts'
import type { Visibility } from '../../src/model/audience.ts'
import type { OutgoingNote, OutgoingPlace } from '../../src/model/outgoing.ts'
import type { RoomRow } from './rooms.ts'
import {
  asActivityId,
  asEventId,
  asMxc,
  asObjectId,
  asRoomId,
  type Mxc,
} from '../../src/model/ids.ts'
import { findMentions } from '../../src/translate/mentions.ts'
import type { Emoji } from '../../src/model/content.ts'
import {
  actorIdOf,
  idOf,
  isLocalName,
  localOf,
  locals,
  mentionOf,
  now,
  publicUrl,
  remotes,
  userIdOf,
} from './people.ts'
import { mappingOf, namesIn, portalOf, recordOf } from './rooms.ts'

/** An event in short: a text message by alice, unless said otherwise. */
export type EventRow = {
  type?: MatrixEvent['type']
  sender?: string
  kind?: MessageKind
  body?: string
  html?: string
  /** Files: `mxc` is the media id alone. They come with `body` as caption. */
  media?: (Omit<Media, 'mxc' | 'thumbnail'> & { mxc: string; thumbnail?: string })[]
  /** Of a location. */
  place?: OutgoingPlace
  key?: string
  /** Of a poll: its answers, the id of each its first letter. `one`, `several`, `secret`. */
  poll?: string
  answers?: string[]
  /** The same with their formatting. */
  formatted?: string[]
  /** Ids that a vote names. */
  votes?: string[]
  pinned?: string[]
  replyTo?: string
  thread?: string
}

type TargetRow = {
  object?: string
  to?: string
  cc?: string
  mentions?: string
  deletedAt?: number
  /** `null`: it stands in none, as chat messages do. */
  context?: string | null
  inReplyTo?: string
  isAuthorGone?: boolean
  /** Whose reaction it is: `bob`, or `bob Announce 🔁`. */
  reaction?: string
  below?: string
  inboxes?: string[]
  /** Files that it has; `attachments` below is how its note shows them. */
  media?: { id: string; mxc: string; part?: number }[]
  note?: Partial<OutgoingNote>
  /** What it asks, where somebody else wrote it. */
  poll?: Poll
  part?: number
}

export type KnownEventRow = {
  portal?: RoomRow | null
  author?: string | null
  isPermitted?: boolean
  target?: TargetRow
  isTargetUnknown?: boolean
  /** What the sender did with the target before: `Like ❤️`. */
  reactionsGiven?: string[]
  visibility?: Visibility
  linked?: LinkedRow
  quotePolicy?: QuotePolicy
  /** Objects that are pinned in the room: `alice/1`, `alice/1 to followers`; and those on the profile. */
  pins?: { now: string[]; before: string[] }
  /** Custom emoji found, by picture and name; each is `us.test/media/<its name there>`. */
  emojis?: Record<string, string>
  /** What was found in files by looking, by their media id. */
  looks?: Record<string, Omit<FileFacts, 'mediaType'>>
  /** The custom emoji that the reaction is. */
  reactionEmoji?: string
  /** Who blocked the other. */
  blocker?: string
  /** What the sender chose in the target before. */
  votesGiven?: string[]
  /** The poll that the redacted event voted in. */
  votedIn?: TargetRow
  /** What runs at the target's server. */
  software?: string
  participants?: string
  absent?: string
  blockers?: string
  newestDirect?: TargetRow
  isAccountGone?: boolean
  portalPosts?: 'ask' | 'on' | 'off'
  /** What the server of the one other person keeps beside notes. */
  chats?: 'only' | 'also'
  held?: EventRow
  /** In a group: the sender has not agreed to appear there. */
  isOut?: boolean
}

const roomId = asRoomId('!room')

const emojiOf = (shortcode: string): Emoji => ({
  shortcode,
  url: `${publicUrl}/media/${shortcode}`,
})

const mxcOf = (id: string): Mxc => asMxc(`mxc://us.test/${id}`)

export function eventOf(row: EventRow): MatrixEvent {
  const sender = userIdOf(row.sender ?? 'alice')
  const head = { eventId: asEventId('$event'), roomId, sender, ts: now }
  const { kind = 'text', body = kind === 'media' ? '' : 'Hello', html, place } = row
  const media = (row.media ?? []).map(({ thumbnail, ...one }) => ({
    ...{ ...one, mxc: mxcOf(one.mxc) },
    ...(thumbnail === undefined
      ? {}
      : { thumbnail: { mxc: mxcOf(thumbnail), width: 8, height: 6 } }),
  }))
  const text = { body, mentions: [], ...(html === undefined ? {} : { html }) }
  const content = { kind, text, media, ...(place === undefined ? {} : { place }) }
  const target = asEventId('$target')
  const poll = row.poll === undefined ? {} : { poll: pollOf(row.poll, row) }
  switch (row.type ?? 'message') {
    case 'message': {
      const relation = {
        isFallback: row.thread !== undefined && row.replyTo === undefined,
        ...(row.replyTo === undefined ? {} : { replyTo: asEventId(row.replyTo) }),
        ...(row.thread === undefined ? {} : { threadRoot: asEventId(row.thread) }),
      }
      return { ...head, type: 'message', ...content, ...poll, relation }
    }
    case 'edit':
      return { ...head, type: 'edit', target, ...content, ...poll }
    case 'redaction':
      return { ...head, type: 'redaction', target }
    case 'reaction':
      return { ...head, type: 'reaction', target, key: row.key ?? '👍' }
    case 'vote':
      return { ...head, type: 'vote', target, answers: row.votes ?? [] }
    case 'poll-end':
      return { ...head, type: 'poll-end', target }
    case 'member':
      return { ...head, type: 'member', user: sender, membership: 'join', isDirect: false }
    case 'image-pack': {
      const pictures = [{ shortcode: 'blob', mxc: asMxc('mxc://us.test/blob') }]
      const pack = { type: 'm.room.image_pack', stateKey: '', pictures }
      return { ...head, type: 'image-pack', pack }
    }
    case 'pins':
      return { ...head, type: 'pins', pinned: (row.pinned ?? []).map(asEventId) }
    case 'tombstone':
      return { ...head, type: 'tombstone', replacement: roomId }
    case 'policy':
      return { ...head, type: 'policy' }
    case 'encryption':
      return { ...head, type: 'encryption' }
    case 'encrypted':
      return { ...head, type: 'encrypted' }
    case 'other':
      return { ...head, type: 'other', name: 'm.sticker' }
  }
}

const pollOf = (
  form: string,
  { answers = ['Tea', 'Coffee'], formatted = [] }: Pick<EventRow, 'answers' | 'formatted'>,
): Poll => ({
  options: answers.map((name, index) => {
    const html = formatted[index]
    const option = { name, votes: 0, answerId: name.slice(0, 1) }
    return html === undefined ? option : { ...option, html }
  }),
  isMultiple: form === 'several',
  isClosed: false,
  voters: 0,
  ...(form === 'secret' ? { isSecret: true } : {}),
})

function recordIn(name: string, row: TargetRow) {
  const { to, cc, deletedAt } = row
  return {
    ...recordOf(name, {
      ...(to === undefined ? {} : { to }),
      ...(cc === undefined ? {} : { cc }),
      ...(deletedAt === undefined ? {} : { deletedAt }),
    }),
    mentions: namesIn(row.mentions).map((one) => ({
      actorId: actorIdOf(one),
      name: mentionOf(one).handle,
    })),
    ...(row.context === null ? {} : { context: row.context ?? `context of ${name}` }),
    ...(row.inReplyTo === undefined ? {} : { inReplyTo: asObjectId(idOf(row.inReplyTo)) }),
    ...(row.note === undefined ? {} : { note: row.note as OutgoingNote }),
    ...(row.poll === undefined ? {} : { poll: row.poll }),
  }
}

function reactionIn(object: string, text: string): Reaction {
  const [actor = '', type = 'Like', key = '❤️'] = text.split(' ')
  return {
    activityId: asActivityId(idOf(`${actor}/reaction`)),
    actor: actorIdOf(actor),
    object: asObjectId(idOf(object)),
    type: type as Reaction['type'],
    key,
  }
}

function targetOf(row: TargetRow): KnownTarget {
  const name = row.object ?? ''
  const author = name.split('/')[0] ?? ''
  const below = row.below === undefined ? '' : ` below ${row.below}`
  const reaction = row.reaction === undefined ? undefined : reactionIn(name, row.reaction)
  const remote = reaction === undefined ? name : `${row.reaction?.split(' ')[0]}/reaction`
  const mapping = mappingOf(remote, `!room $target${below}`)
  return {
    mapping: { ...mapping, part: row.part ?? mapping.part },
    ...(reaction === undefined ? { object: recordIn(name, row) } : { reaction }),
    ...(row.isAuthorGone === true ? {} : { author: mentionOf(author) }),
    inboxes: row.inboxes ?? [],
    media: (row.media ?? []).map((one) => ({
      part: 0,
      createdAt: now,
      ...one,
      mxc: asMxc(`mxc://us.test/${one.mxc}`),
      object: asObjectId(idOf(name)),
    })),
  }
}

function heldOf(row: EventRow): HeldMessage {
  const message = eventOf({ ...row, type: 'message' })
  if (message.type !== 'message') throw new Error('no message')
  const eventId = asEventId('$held')
  return { roomId, eventId, promptId: asEventId('$prompt'), message: { ...message, eventId } }
}

function mentionsFor(row: { body?: string; html?: string }) {
  const { body = 'Hello', html } = row
  const found = findMentions({ body, ...(html === undefined ? {} : { html }) })
  const people = [...locals, ...remotes]
  return {
    pills: new Map(
      people
        .filter((name) => found.pills.includes(userIdOf(name)))
        .map((name) => [userIdOf(name), mentionOf(name)]),
    ),
    handles: new Map(
      people
        .filter((name) => found.handles.some(({ username }) => username === name))
        .map((name) => [mentionOf(name).handle, mentionOf(name)]),
    ),
  }
}

function pinsOf({ now: pinned, before }: NonNullable<KnownEventRow['pins']>): KnownPins {
  return {
    now: pinned.map((text) => {
      const [object = '', , to] = text.split(' ')
      const row = to === undefined ? {} : { to: `alice/${to}`, cc: '' }
      return { target: asEventId(`$${object}`), object: recordIn(object, row) }
    }),
    before: before.map((one) => asObjectId(idOf(one))),
    ids: [1, 2, 3, 4, 5].map((one) => asActivityId(`${publicUrl}/pin${one}`)),
  }
}

/** `bob/1 at https://…`: what a line of the message links. */
type LinkedRow = { object: string; at: string; to?: string; cc?: string; isWilling?: boolean }

function linkedOf({ object, at, isWilling, ...row }: LinkedRow): LinkedPost {
  const author = object.split('/')[0] ?? ''
  const owner = { userId: userIdOf(author), isWilling: isWilling ?? true }
  return {
    address: at,
    object: recordIn(object, row),
    author: mentionOf(author),
    ...(isLocalName(author) ? { owner } : {}),
    ids: { request: asActivityId(`${publicUrl}/ask`), stamp: asObjectId(`${publicUrl}/stamp`) },
  }
}

/** What `resolveEvent` would find. The room is the portal of bob's posts unless the row says otherwise. */
export function knownForFediverse(event: EventRow, row: KnownEventRow): KnownForFediverse {
  const { portal = { kind: 'actor', of: 'bob' }, author = event.sender ?? 'alice' } = row
  const account = portal?.kind === 'actor' && row.isAccountGone !== true ? portal.of : undefined
  return {
    now,
    publicUrl,
    ...(portal === null ? {} : { portal: portalOf(roomId, portal) }),
    ...(portal?.kind === 'group'
      ? { group: { actorId: actorIdOf(portal.of), isIn: row.isOut !== true } }
      : {}),
    ...(author === null ? {} : { author: localOf(author) }),
    handle: `@${event.sender ?? 'alice'}@us.test`,
    isPermitted: row.isPermitted ?? true,
    ...(row.target === undefined ? {} : { target: targetOf(row.target) }),
    isTargetUnknown: row.isTargetUnknown ?? false,
    reactionsGiven: (row.reactionsGiven ?? []).map((given) =>
      reactionIn(row.target?.object ?? '', `alice ${given}`),
    ),
    votesGiven: row.votesGiven ?? [],
    ...(row.blocker === undefined ? {} : { blocker: actorIdOf(row.blocker) }),
    ...(row.votedIn === undefined
      ? {}
      : { votedIn: recordIn(row.votedIn.object ?? '', row.votedIn) }),
    ...(row.software === undefined ? {} : { software: row.software }),
    emojis: new Map(Object.entries(row.emojis ?? {}).map(([key, name]) => [key, emojiOf(name)])),
    looks: new Map(
      Object.entries(row.looks ?? {}).map(([id, looks]) => [
        mxcOf(id),
        { mediaType: '', ...looks },
      ]),
    ),
    ...(row.reactionEmoji === undefined ? {} : { reactionEmoji: emojiOf(row.reactionEmoji) }),
    ...mentionsFor(event.type === 'reaction' ? (row.held ?? {}) : event),
    participants: namesIn(row.participants).map(mentionOf),
    absent: namesIn(row.absent).map(actorIdOf),
    blockers: namesIn(row.blockers).map((name) => ({
      mention: mentionOf(name),
      activityId: asActivityId(idOf(`${name}/block`)),
    })),
    ...(row.newestDirect === undefined
      ? {}
      : { newestDirect: recordIn(row.newestDirect.object ?? '', row.newestDirect) }),
    ...(account === undefined ? {} : { account: mentionOf(account) }),
    visibility: row.visibility ?? 'public',
    ...(row.linked === undefined ? {} : { linked: linkedOf(row.linked) }),
    quotePolicy: row.quotePolicy ?? 'everyone',
    ...(row.pins === undefined ? {} : { pins: pinsOf(row.pins) }),
    portalPosts: row.portalPosts ?? 'ask',
    ...(row.chats === undefined ? {} : { chats: row.chats }),
    ...(row.held === undefined ? {} : { held: heldOf(row.held) }),
    ids: {
      object: asObjectId(`${publicUrl}/new`),
      activity: asActivityId(`${publicUrl}/do`),
      undo: asActivityId(`${publicUrl}/undo`),
      votes: (event.votes ?? []).map((_, index) => asActivityId(`${publicUrl}/vote${index}`)),
      media: ((event.type === 'reaction' ? row.held : event)?.media ?? [])
        .flatMap(({ thumbnail }) => (thumbnail === undefined ? [0] : [0, 0]))
        .map((_, index) => `file${index}`),
    },
    context: portal?.kind === 'direct' ? 'context of !room' : 'new context',
  }
}

/** What an outcome need not repeat. */
export const usual = {
  actor: actorIdOf('alice'),
  author: actorIdOf('alice'),
  published: now,
  roomId,
  quotePolicy: 'everyone',
}
