import type { Draft } from '../../src/model/draft.ts'
import type { Change, HeldMessage } from '../../src/model/change.ts'
import type { ActorDetails, Ghost, LocalActor, RemoteActor } from '../../src/model/actor.ts'
import type { Mapping, ObjectRecord } from '../../src/model/note.ts'
import type { PublishedMedia } from '../../src/model/media.ts'
import type { ImagePack, OwnEmoji } from '../../src/model/emoji.ts'
import type { Follow } from '../../src/model/relation.ts'
import type { Upload } from '../../src/model/upload.ts'
import {
  asActivityId,
  asActorId,
  asEventId,
  asMxc,
  asObjectId,
  asRoomId,
  asUserId,
} from '../../src/model/ids.ts'

export const actorId = (name: string) => asActorId(`https://remote.example/users/${name}`)
export const localId = (name: string) => asActorId(`https://fedi.example.org/users/${name}`)
export const objectId = (name: string) => asObjectId(`https://remote.example/notes/${name}`)
export const activityId = (name: string) => asActivityId(`https://remote.example/acts/${name}`)
export const roomId = (name: string) => asRoomId(`!${name}:example.org`)
export const eventId = (name: string) => asEventId(`$${name}`)
export const userId = (name: string) => asUserId(`@${name}:example.org`)

export const object = (name: string, more: Partial<ObjectRecord> = {}): ObjectRecord => ({
  id: objectId(name),
  author: actorId('bob'),
  isLocal: false,
  visibility: 'public',
  published: 1000,
  to: ['https://www.w3.org/ns/activitystreams#Public'],
  cc: [],
  mentions: [],
  ...more,
})

/** Every optional field filled. */
export const fullObject = object('full', {
  isLocal: true,
  visibility: 'direct',
  inReplyTo: objectId('parent'),
  context: 'https://remote.example/contexts/1',
  url: 'https://remote.example/@bob/1',
  updated: 2000,
  document: '{"type":"Note"}',
  cc: [actorId('carol')],
  mentions: [{ actorId: actorId('carol'), name: '@carol@remote.example' }],
})

export const mapping = (name: string, more: Partial<Mapping> = {}): Mapping => ({
  remoteId: objectId(name),
  roomId: roomId('room'),
  part: 0,
  eventId: eventId(name),
  sender: userId('_ap_bob_remote.example'),
  ...more,
})

export const emoji: OwnEmoji = {
  id: 'emoji-----------------',
  shortcode: 'blob',
  mxc: asMxc('mxc://example.org/blob'),
  createdAt: 7,
}

export const pack: ImagePack = {
  roomId: roomId('room'),
  type: 'm.room.image_pack',
  stateKey: '',
  pictures: [
    { shortcode: 'blob', mxc: emoji.mxc },
    { shortcode: 'cat', mxc: asMxc('mxc://example.org/cat') },
  ],
}

export const upload: Upload = {
  url: 'https://remote.example/files/1.mp4',
  file: {
    mxc: asMxc('mxc://example.org/upload'),
    mediaType: 'video/mp4',
    size: 1_000,
    width: 640,
    blurhash: 'LEHV6nWB2yk8',
    height: 360,
    duration: 4_200,
    isSilent: false,
  },
  fetchedAt: 5,
  usedAt: 6,
}

export const media = (id: string, more: Partial<PublishedMedia> = {}): PublishedMedia => ({
  id: id.padEnd(22, 'm'),
  mxc: asMxc(`mxc://example.org/${id}`),
  object: objectId('1'),
  part: 0,
  createdAt: 5,
  ...more,
})

export const fullMedia = media('full', { name: 'a.png', mediaType: 'image/png', size: 7, part: 2 })

export const follow = (follower: string, more: Partial<Follow> = {}): Follow => ({
  follower: actorId(follower),
  followed: localId('alice'),
  activityId: activityId(`follow-${follower}`),
  state: 'accepted',
  requestedAt: 5,
  withReplies: false,
  withBoosts: true,
  shownIn: 'room',
  ...more,
})

export const remoteActor = (name: string, more: Partial<RemoteActor> = {}): RemoteActor => ({
  id: actorId(name),
  kind: 'Person',
  username: name,
  host: 'remote.example',
  inbox: `${actorId(name)}/inbox`,
  publicKeys: [{ id: `${actorId(name)}#main-key`, owner: actorId(name), pem: 'PEM' }],
  fetchedAt: 10,
  ...more,
})

const details: ActorDetails = {
  header: 'https://remote.example/header.png',
  fields: [{ name: 'Site', value: '<a href="https://remote.example">here</a>' }],
  isLocked: true,
}

export const fullRemoteActor = remoteActor('full', {
  kind: 'Group',
  name: 'Full',
  summary: '<p>hi</p>',
  url: 'https://remote.example/@full',
  icon: 'https://remote.example/full.png',
  sharedInbox: 'https://remote.example/inbox',
  outbox: `${actorId('full')}/outbox`,
  followers: `${actorId('full')}/followers`,
  featured: `${actorId('full')}/featured`,
  details,
  publicKeys: [],
})

export const localActor = (name: string, more: Partial<LocalActor> = {}): LocalActor => ({
  id: localId(name),
  userId: userId(name),
  username: name,
  createdAt: 1,
  ...more,
})

export const ghost = (name: string, more: Partial<Ghost> = {}): Ghost => ({
  userId: userId(`_ap_${name}_remote.example`),
  actorId: actorId(name),
  registered: true,
  displayName: 'Bob',
  avatarUrl: 'https://remote.example/bob.png',
  avatar: asMxc('mxc://example.org/bob'),
  told: 'told',
  ...more,
})

export const held: HeldMessage = {
  roomId: roomId('room'),
  eventId: eventId('held'),
  promptId: eventId('prompt'),
  message: {
    type: 'message',
    kind: 'text',
    eventId: eventId('held'),
    roomId: roomId('room'),
    sender: userId('alice'),
    ts: 1,
    text: { body: 'hello', mentions: [] },
    media: [],
    relation: { isFallback: false },
  },
}

export const draft: Draft = {
  roomId: roomId('room'),
  eventId: eventId('held'),
  message: held.message,
  at: 7,
}

/** Our own post as `publish` commits it. */
export const published = (name: string, type = 'Create', isPublic = true): readonly Change[] => [
  {
    change: 'put-object',
    object: object(name, { isLocal: true, author: localId('alice'), document: '{}' }),
  },
  {
    change: 'put-activity',
    id: activityId(`${type}-${name}`),
    actor: localId('alice'),
    document: JSON.stringify({ type, object: { id: objectId(name) }, name }),
    isPublic,
    at: 1,
  },
]
