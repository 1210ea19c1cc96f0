import {
  asActivityId,
  asActorId,
  asEventId,
  asMxc,
  asObjectId,
  asRoomAlias,
  asRoomId,
  asUserId,
} from '../model/ids.ts'
import type { Block, Follow, Reaction } from '../model/relation.ts'
import type {
  ActorDetails,
  Ghost,
  KeyPair,
  LocalActor,
  MatrixProfile,
  OwnProfile,
  PublicKey,
  RemoteActor,
} from '../model/actor.ts'
import type { HeldMessage } from '../model/change.ts'
import type { Mapping, Note, ObjectRecord, Poll, Quotation } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import type { KeptReport, ReportDeed } from '../model/report.ts'
import type { OwnStamp } from '../model/quote.ts'
import type { Participant, Portal } from '../model/portal.ts'
import type { Row } from './tables.ts'
import type { Server } from '../model/server.ts'

/**
 * The border between rows and model values: what was written by `apply.ts` comes back as it was,
 * so the casts here rest on what went in. NULL is an absent field.
 */
type Present<Fields> = { [Name in keyof Fields]?: NonNullable<Fields[Name]> }

function present<Fields extends Record<string, unknown>>(fields: Fields): Present<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(given) as Present<Fields>
}

const mapped = <T, U>(value: T | null, to: (value: T) => U): U | null =>
  value === null ? null : to(value)

export const toObject = (row: Row<'object'>): ObjectRecord => ({
  id: asObjectId(row.id),
  author: asActorId(row.author),
  isLocal: row.is_local === 1,
  visibility: row.visibility as ObjectRecord['visibility'],
  published: row.published,
  to: JSON.parse(row.audience_to) as string[],
  cc: JSON.parse(row.audience_cc) as string[],
  mentions: JSON.parse(row.mentions) as ObjectRecord['mentions'],
  ...present({
    inReplyTo: mapped(row.in_reply_to, asObjectId),
    context: row.context,
    url: row.url,
    updated: row.updated,
    deletedAt: row.deleted_at,
    document: row.document,
    note: mapped(row.note, (text) => JSON.parse(text) as OutgoingNote),
    cameAlong: row.came_along === 1 ? (true as const) : null,
    poll: mapped(row.poll, (text) => JSON.parse(text) as Poll),
  }),
})

export const toMapping = (row: Row<'mapping'>): Mapping => ({
  // The table does not tell objects from activities, nor does anybody who reads it.
  remoteId: asObjectId(row.remote_id),
  roomId: asRoomId(row.room_id),
  part: row.part,
  eventId: asEventId(row.event_id),
  sender: asUserId(row.sender),
  ...present({
    threadRoot: mapped(row.thread_root, asEventId),
    media: row.media,
  }),
  ...(row.is_poll === 1 ? { isPoll: true } : {}),
})

export const toFollow = (row: Row<'follow'>): Follow => ({
  follower: asActorId(row.follower),
  followed: asActorId(row.followed),
  activityId: asActivityId(row.activity_id),
  state: row.state as Follow['state'],
  requestedAt: row.requested_at,
  withReplies: row.with_replies === 1,
  withBoosts: row.with_boosts === 1,
  shownIn: row.shown_in as Follow['shownIn'],
})

export const toBlock = (row: Row<'block'>): Block => ({
  blocker: asActorId(row.blocker),
  blocked: asActorId(row.blocked),
  activityId: asActivityId(row.activity_id),
})

export const toReaction = (row: Row<'reaction'>): Reaction => ({
  activityId: asActivityId(row.activity_id),
  actor: asActorId(row.actor),
  object: asObjectId(row.object),
  type: row.type as Reaction['type'],
  key: row.key,
  ...present({
    emoji: mapped(row.emoji_url, (url) => ({ shortcode: row.key.replaceAll(':', ''), url })),
  }),
})

export const toPublicKey = (row: Row<'public_key'>): PublicKey => ({
  id: row.id,
  owner: asActorId(row.owner),
  pem: row.pem,
})

export const toRemoteActor = (
  row: Row<'remote_actor'>,
  keys: readonly Row<'public_key'>[],
): RemoteActor => ({
  id: asActorId(row.id),
  kind: row.kind as RemoteActor['kind'],
  username: row.username,
  host: row.host,
  inbox: row.inbox,
  publicKeys: keys.map(toPublicKey),
  fetchedAt: row.fetched_at,
  ...present({
    name: row.name,
    summary: row.summary,
    url: row.url,
    icon: row.icon,
    sharedInbox: row.shared_inbox,
    outbox: row.outbox,
    followers: row.followers,
    featured: row.featured,
    details: mapped(row.details, (text) => JSON.parse(text) as ActorDetails),
  }),
})

export const toLocalActor = (row: Row<'local_actor'>): LocalActor => ({
  id: asActorId(row.id),
  userId: asUserId(row.user_id),
  username: row.username,
  createdAt: row.created_at,
  ...present({
    displayName: row.display_name,
    avatar: mapped(row.avatar, asMxc),
    profile: mapped(row.profile, (text) => JSON.parse(text) as OwnProfile),
    onMatrix: mapped(row.on_matrix, (text) => JSON.parse(text) as MatrixProfile),
    group: row.is_group === 1 ? present({ alias: mapped(row.room_alias, asRoomAlias) }) : null,
    deletedAt: row.deleted_at,
  }),
})

export const toKeyPair = (row: Row<'actor_key'>): KeyPair => ({
  kind: row.kind === 'rsa' ? 'rsa' : 'ed25519',
  keyId: row.key_id,
  publicPem: row.public_pem,
  sealed: row.sealed,
  madeAt: row.made_at,
  ...present({ retiredAt: row.retired_at }),
})

export const toQuotation = (row: Row<'quotation'>): Quotation => ({
  quoting: asObjectId(row.quoting),
  quoted: asObjectId(row.quoted),
  ...present({
    quotedAuthor: mapped(row.quoted_author, asActorId),
    authorization: mapped(row.authorization, asObjectId),
    request: mapped(row.request, asActivityId),
    note: mapped(row.note, (text) => JSON.parse(text) as Note),
  }),
})

export const toStamp = (row: Row<'stamp'>): OwnStamp => ({
  id: asObjectId(row.id),
  attributedTo: asActorId(row.author),
  interactingObject: asObjectId(row.quoting),
  interactionTarget: asObjectId(row.quoted),
  quoter: asActorId(row.quoter),
  createdAt: row.created_at,
  ...present({ revokedAt: row.revoked_at }),
})

const resolvedOf = ({ resolved_by, resolved_at }: Row<'report'>): KeptReport['resolved'] | null =>
  resolved_by === null || resolved_at === null
    ? null
    : { by: asUserId(resolved_by), at: resolved_at }

export const toReport = (row: Row<'report'>, deeds: readonly Row<'report_deed'>[]): KeptReport => ({
  number: row.number,
  activityId: asActivityId(row.activity_id),
  host: row.host,
  actor: asActorId(row.actor),
  accounts: (JSON.parse(row.accounts) as string[]).map(asActorId),
  posts: (JSON.parse(row.posts) as string[]).map(asObjectId),
  text: row.content,
  at: row.at,
  deeds: deeds.map(({ deed, by_user, at }) => ({
    deed: deed as ReportDeed['deed'],
    by: asUserId(by_user),
    at,
  })),
  ...present({ reporter: mapped(row.reporter, asUserId), resolved: resolvedOf(row) }),
})

export const toServer = (row: Row<'server'>): Server => ({
  host: row.host,
  fetchedAt: row.fetched_at,
  ...present({ software: row.software, version: row.version }),
  ...(row.has_chats === 1 ? { hasChats: true } : {}),
})

export const toGhost = (row: Row<'ghost'>): Ghost => ({
  userId: asUserId(row.user_id),
  actorId: asActorId(row.actor_id),
  registered: row.registered === 1,
  ...present({
    displayName: row.display_name,
    avatarUrl: row.avatar_url,
    avatar: mapped(row.avatar, asMxc),
    told: row.told,
  }),
})

/** `kind` decides which columns are filled; a missing one would be a bug of `apply.ts`. */
export function toPortal(row: Row<'portal'>): Portal {
  const place = { roomId: asRoomId(row.room_id), ...present({ context: row.context }) }
  const userId = asUserId(row.user_id ?? '')
  const actorId = asActorId(row.actor_id ?? '')
  const kind = row.kind as Portal['kind']
  switch (kind) {
    case 'management':
    case 'notifications':
    case 'home':
    case 'space':
      return { kind, userId, ...place }
    case 'direct':
      return { kind, participants: JSON.parse(row.participants ?? '[]') as Participant[], ...place }
    case 'actor':
    case 'group':
      return { kind, actorId, ...place }
    case 'profile':
      return { kind, userId, actorId, ...place }
    case 'moderation':
      return { kind, ...place }
    default:
      kind satisfies never
      throw new Error(`portal ${row.room_id} is of the unknown kind ${row.kind}`)
  }
}

export const toHeld = (row: Row<'held'>): HeldMessage => ({
  roomId: asRoomId(row.room_id),
  eventId: asEventId(row.event_id),
  promptId: asEventId(row.prompt_id),
  message: JSON.parse(row.message) as HeldMessage['message'],
})
