import type { Mapping, ObjectRecord, Poll } from '../../src/model/note.ts'
import type { OutgoingNote } from '../../src/model/outgoing.ts'
import type { Participant, Portal, PortalSeed } from '../../src/model/portal.ts'
import { asEventId, asObjectId, asRoomId } from '../../src/model/ids.ts'
import { visibilityOf } from '../../src/translate/audience.ts'
import { actorIdOf, idOf, isLocalName, now, userIdOf } from './people.ts'

/** A portal of a row: its kind, and whom it stands for. */
export type RoomRow = {
  kind: 'actor' | 'profile' | 'notifications' | 'management' | 'direct' | 'home' | 'group'
  of: string
  members?: string
}

/** `alice bob` */
export const namesIn = (list: string | undefined): string[] =>
  (list ?? '').split(' ').filter(Boolean)

const participantOf = (name: string): Participant =>
  isLocalName(name)
    ? { kind: 'user', userId: userIdOf(name) }
    : { kind: 'actor', actorId: actorIdOf(name) }

function seedOf({ kind, of }: RoomRow): PortalSeed {
  switch (kind) {
    case 'actor':
    case 'group':
      return { kind, actorId: actorIdOf(of) }
    case 'profile':
      return { kind, userId: userIdOf(of), actorId: actorIdOf(of) }
    case 'notifications':
    case 'management':
    case 'home':
      return { kind, userId: userIdOf(of) }
    case 'direct':
      return { kind, participants: namesIn(of).map(participantOf) }
  }
}

export const portalOf = (roomId: string, row: RoomRow): Portal => ({
  ...seedOf(row),
  roomId: asRoomId(roomId),
  ...(row.kind === 'direct' ? { context: `context of ${roomId}` } : {}),
})

/** `!room $event`, `!room $event by bob`, `!room $event below $root`, `!room $event part 1 shows bob/a.png`, `!room $event poll` */
export function mappingOf(remote: string, text: string): Mapping {
  const [roomId = '', eventId = '', ...rest] = text.split(' ')
  const said = new Map<string, string>()
  for (let i = 0; i + 1 < rest.length; i += 2) said.set(rest[i] ?? '', rest[i + 1] ?? '')
  const root = said.get('below')
  const shows = said.get('shows')
  return {
    remoteId: asObjectId(idOf(remote)),
    roomId: asRoomId(roomId),
    part: Number(said.get('part') ?? 0),
    ...(rest.at(-1) === 'poll' ? { isPoll: true } : {}),
    eventId: asEventId(eventId),
    sender: userIdOf(said.get('by') ?? remote.split('/')[0] ?? ''),
    ...(root === undefined ? {} : { threadRoot: asEventId(root) }),
    ...(shows === undefined ? {} : { media: idOf(shows) }),
  }
}

/** What we keep of a post, in short. */
export type RecordRow = {
  cameAlong?: true
  to?: string
  cc?: string
  updated?: number
  deletedAt?: number
  author?: string
  url?: string
  poll?: Poll
  /** Of ours: what its note asks. */
  asks?: Poll
}

export function recordOf(name: string, row: RecordRow): ObjectRecord {
  const author = row.author ?? name.split('/')[0] ?? ''
  const audience = {
    to: namesIn(row.to ?? 'public').map(idOf),
    cc: namesIn(row.cc ?? `${author}/followers`).map(idOf),
  }
  return {
    id: asObjectId(idOf(name)),
    author: actorIdOf(author),
    isLocal: isLocalName(author),
    visibility: visibilityOf(audience, idOf(`${author}/followers`)),
    ...audience,
    published: now - 120_000,
    mentions: [],
    ...(row.updated === undefined ? {} : { updated: row.updated }),
    ...(row.deletedAt === undefined ? {} : { deletedAt: row.deletedAt }),
    ...(row.url === undefined ? {} : { url: row.url }),
    ...(row.cameAlong === undefined ? {} : { cameAlong: row.cameAlong }),
    ...(row.poll === undefined ? {} : { poll: row.poll }),
    ...(row.asks === undefined ? {} : { note: { poll: row.asks } as OutgoingNote }),
  }
}
