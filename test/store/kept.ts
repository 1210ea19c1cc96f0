import type { Change } from '../../src/model/change.ts'
import type { KeyPair } from '../../src/model/actor.ts'
import type { Quotation } from '../../src/model/note.ts'
import type { OwnStamp } from '../../src/model/quote.ts'
import type { Portal } from '../../src/model/portal.ts'
import type { Report } from '../../src/model/report.ts'
import type { SqliteStore } from '../../src/store/store.ts'
import {
  activityId,
  actorId,
  emoji,
  eventId,
  follow,
  fullMedia,
  fullObject,
  fullRemoteActor,
  ghost,
  draft,
  held,
  localActor,
  localId,
  mapping,
  media,
  object,
  objectId,
  pack,
  remoteActor,
  roomId,
  upload,
  userId,
} from './sample.ts'

export const portals: readonly Portal[] = [
  { kind: 'management', userId: userId('alice'), roomId: roomId('m') },
  { kind: 'notifications', userId: userId('alice'), roomId: roomId('n') },
  { kind: 'actor', actorId: actorId('bob'), roomId: roomId('a') },
  { kind: 'profile', userId: userId('alice'), actorId: localId('alice'), roomId: roomId('p') },
  {
    kind: 'direct',
    participants: [
      { kind: 'user', userId: userId('alice') },
      { kind: 'actor', actorId: actorId('bob') },
    ],
    roomId: roomId('d'),
    context: 'https://fedi.example.org/contexts/1',
  },
]
export const block = {
  blocker: actorId('bob'),
  blocked: localId('alice'),
  activityId: activityId('b'),
}
export const reaction = {
  activityId: activityId('l'),
  actor: actorId('bob'),
  object: objectId('1'),
  type: 'EmojiReact',
  key: ':blob:',
  emoji: { shortcode: 'blob', url: 'https://remote.example/blob.png' },
} as const
const ownQuotation = {
  quoting: objectId('quoting'),
  quoted: objectId('quoted'),
  request: activityId('request'),
}
const foreignQuotation: Quotation = {
  quoting: objectId('quoting'),
  quoted: objectId('quoted'),
  quotedAuthor: actorId('carol'),
  authorization: objectId('stamp'),
  note: {
    ...{ id: objectId('quoting'), author: actorId('bob'), type: 'Note', content: 'Look' },
    ...{ to: [], cc: [], sensitive: false, mentions: [], attachments: [], emojis: [] },
    quote: objectId('quoted'),
  },
}
export const stamp: OwnStamp = {
  id: objectId('stamp'),
  attributedTo: localId('alice'),
  interactingObject: objectId('quoting'),
  interactionTarget: objectId('quoted'),
  quoter: actorId('bob'),
  createdAt: 5,
}
const server = {
  host: 'remote.example',
  software: 'pleroma',
  version: '2.9.1',
  hasChats: true,
  fetchedAt: 7,
}
const named = { displayName: 'A', onMatrix: { bio: { source: 'a', html: '<p>a</p>' } } }
export const pair: KeyPair = {
  kind: 'rsa',
  keyId: `${localId('alice')}#main-key`,
  publicPem: 'PUBLIC',
  sealed: 'SEALED',
  madeAt: 1,
}

const report: Report = {
  activityId: activityId('flag'),
  host: 'remote.example',
  actor: actorId('bob'),
  accounts: [localId('alice')],
  posts: [objectId('1')],
  text: 'rude',
  at: 5,
}
const ownReport: Report = { ...report, posts: [], text: '', reporter: userId('alice') }

type Case = readonly [string, Change, (store: SqliteStore) => Promise<unknown>, unknown]

/** What was put is found as it was, also after it was put twice. */
export const kept: readonly Case[] = [
  [
    'a bare object',
    { change: 'put-object', object: object('1') },
    (s) => s.findObject(objectId('1')),
    object('1'),
  ],
  [
    'an object with everything',
    { change: 'put-object', object: fullObject },
    (s) => s.findObject(fullObject.id),
    fullObject,
  ],
  [
    'a report with everything',
    { change: 'put-report', report: { ...report, reporter: userId('alice') } },
    (s) => s.findReport(1),
    { ...report, reporter: userId('alice'), number: 1, deeds: [] },
  ],
  [
    'a bare report, by its activity',
    { change: 'put-report', report: ownReport },
    (s) => s.findReportByActivity(ownReport.activityId),
    { ...ownReport, number: 1, deeds: [] },
  ],
  [
    'recipients',
    { change: 'add-recipients', id: objectId('1'), inboxes: ['b', 'a', 'b'] },
    (s) => s.recipientsOf(objectId('1')),
    ['a', 'b'],
  ],
  [
    'a file with everything',
    { change: 'put-media', media: fullMedia },
    (s) => s.mediaOf(fullMedia.object),
    [fullMedia],
  ],
  [
    'a bare file',
    { change: 'put-media', media: media('b') },
    (s) => s.mediaOf(objectId('1')),
    [media('b')],
  ],
  [
    'a mapping',
    {
      change: 'add-mapping',
      mapping: mapping('1', { threadRoot: eventId('root'), media: 'https://remote.example/1.png' }),
    },
    (s) => s.findMappingByEvent(roomId('room'), eventId('1')),
    mapping('1', { threadRoot: eventId('root'), media: 'https://remote.example/1.png' }),
  ],
  [
    'a follow',
    { change: 'put-follow', follow: follow('bob') },
    (s) => s.findFollowByActivity(activityId('follow-bob')),
    follow('bob'),
  ],
  ['a block', { change: 'put-block', block }, (s) => s.findBlockByActivity(activityId('b')), block],
  [
    'a reaction',
    { change: 'put-reaction', reaction },
    (s) => s.findReaction(reaction.activityId),
    reaction,
  ],
  [
    'a quotation of ours',
    { change: 'put-quotation', quotation: ownQuotation },
    (s) => s.findQuotationByRequest(activityId('request')),
    ownQuotation,
  ],
  [
    "a quotation of somebody else's, by what it quotes",
    { change: 'put-quotation', quotation: foreignQuotation },
    (s) => s.quotationsOf(objectId('quoted'), { limit: 5 }),
    [foreignQuotation],
  ],
  [
    'a quotation, by its permission',
    { change: 'put-quotation', quotation: foreignQuotation },
    (s) => s.quotationsOf(objectId('stamp'), { limit: 5 }),
    [foreignQuotation],
  ],
  [
    'a quotation, by whose post it is of',
    { change: 'put-quotation', quotation: foreignQuotation },
    (s) => s.quotationsOf(actorId('carol'), { limit: 5 }),
    [foreignQuotation],
  ],
  ['a permission', { change: 'put-stamp', stamp }, (s) => s.stampsBy(localId('alice')), [stamp]],
  [
    'a permission, by what it is for',
    { change: 'put-stamp', stamp },
    (s) => s.findStampFor(stamp.interactionTarget, stamp.interactingObject),
    stamp,
  ],
  ['a server', { change: 'put-server', server }, (s) => s.findServer(server.host), server],
  [
    'a bare remote actor',
    { change: 'put-remote-actor', actor: remoteActor('bob') },
    (s) => s.findRemoteActor(actorId('bob')),
    remoteActor('bob'),
  ],
  [
    'a remote actor with everything',
    { change: 'put-remote-actor', actor: fullRemoteActor },
    (s) => s.findRemoteActor(fullRemoteActor.id),
    fullRemoteActor,
  ],
  [
    'a local actor, by its name in any case',
    { change: 'put-local-actor', actor: localActor('alice', named) },
    (s) => s.findLocalActorByUsername('ALICE'),
    localActor('alice', named),
  ],
  [
    'a key pair',
    { change: 'put-key-pair', actorId: localId('alice'), pair },
    (s) => s.keyPairsOf(localId('alice')),
    [pair],
  ],
  [
    'a ghost',
    { change: 'put-ghost', ghost: ghost('bob') },
    (s) => s.findGhostByUser(ghost('bob').userId),
    ghost('bob'),
  ],
  ...portals.map((portal): Case => [
    `a portal: ${portal.kind}`,
    { change: 'put-portal', portal },
    (s) => s.findPortal(portal),
    portal,
  ]),
  [
    'a membership',
    {
      change: 'put-membership',
      roomId: roomId('room'),
      userId: userId('alice'),
      membership: 'join',
    },
    (s) => s.findMembership(roomId('room'), userId('alice')),
    'join',
  ],
  [
    'a setting',
    { change: 'put-setting', userId: userId('alice'), name: 'dms', value: 'nobody' },
    (s) => s.findSetting(userId('alice'), 'dms'),
    'nobody',
  ],
  ['a mark', { change: 'mark', key: 'k', value: 'v', at: 1 }, (s) => s.findMark('k'), 'v'],
  [
    'a file of the fediverse',
    { change: 'put-upload', upload },
    (s) => s.findUpload(upload.url),
    upload,
  ],
  [
    'a custom emoji',
    { change: 'put-emoji', emoji },
    async (s) => [await s.findEmoji(emoji.mxc), await s.findEmojiNamed('blob')].filter(Boolean),
    [emoji, emoji],
  ],
  [
    'pictures that a room offers',
    { change: 'put-image-pack', pack },
    (s) => s.picturesOf(pack.roomId),
    pack.pictures,
  ],
  [
    'a file that could not be had',
    { change: 'put-upload', upload: { url: upload.url, fetchedAt: 1, usedAt: 1 } },
    (s) => s.findUpload(upload.url),
    { url: upload.url, fetchedAt: 1, usedAt: 1 },
  ],
  [
    'a message that waits',
    { change: 'put-draft', draft },
    (s) => s.draftsIn(draft.roomId),
    [draft],
  ],
  [
    'a held message',
    { change: 'hold', held },
    (s) => s.findHeldByPrompt(held.roomId, held.promptId),
    held,
  ],
]
