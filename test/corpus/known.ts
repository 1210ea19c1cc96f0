import type { Activity } from '../../src/model/activity.ts'
import type { ActorId } from '../../src/model/ids.ts'
import type { KnownActor, KnownForMatrix } from '../../src/translate/known.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import type { Note, ObjectRecord } from '../../src/model/note.ts'
import { asActivityId, asActorId, asEventId, asObjectId } from '../../src/model/ids.ts'
import { asRoomId, asUserId } from '../../src/model/ids.ts'

export const now = Date.parse('2026-08-01')

const alice: LocalActor = {
  id: asActorId('https://us.test/alice'),
  userId: asUserId('@alice:us.test'),
  username: 'alice',
  createdAt: 0,
}

/** An account that we know, whatever its document says: the end of its address is its name. */
function knownActor(id: ActorId): KnownActor {
  const { host, pathname } = new URL(id)
  const username = pathname.split('/').at(-1) ?? ''
  return {
    actor: {
      ...{ id, kind: 'Person', username: username === '' ? 'someone' : username, host },
      ...{ inbox: `${id}/inbox`, publicKeys: [], fetchedAt: now },
    },
    ghost: asUserId(`@_ap_${host}_${username}:us.test`),
  }
}

/** A post that everything refers to; alice sees it. */
const recordAt = (id: string, author: ActorId, isLocal: boolean): ObjectRecord => ({
  ...{ id: asObjectId(id), author, isLocal, visibility: 'public' },
  ...{ to: [], cc: [], published: now, mentions: [] },
})

/** What the activity is about, as far as it is one thing. */
function objectOf(activity: Activity): string {
  if (activity.type === 'update-note') return activity.object.ref
  return 'object' in activity && typeof activity.object === 'string' ? activity.object : ''
}

type Relations = Pick<KnownForMatrix, 'follow' | 'block' | 'reaction'>

/** What an answer or an Undo is about is there. */
function relationsOf(activity: Activity): Relations {
  const theirs = { activityId: activity.id, follower: activity.actor, followed: alice.id } as const
  const rest = { withReplies: false, withBoosts: true, shownIn: 'room', requestedAt: 0 } as const
  if (activity.type === 'accept' || activity.type === 'reject') {
    const ours = { ...theirs, follower: alice.id, followed: activity.actor } as const
    return { follow: { ...ours, ...rest, state: 'requested' } }
  }
  const undone = activity.type === 'undo' ? activity.target.type : undefined
  const given = { activityId: activity.id, actor: activity.actor, object: asObjectId('alice/1') }
  switch (undone) {
    case 'Follow':
      return { follow: { ...theirs, ...rest, state: 'accepted' } }
    case 'Block':
      return { block: { activityId: activity.id, blocker: activity.actor, blocked: alice.id } }
    case 'Like':
      return { reaction: { ...given, type: undone, key: '❤️' } }
    case 'EmojiReact':
      return { reaction: { ...given, type: undone, key: '🎉' } }
    case 'Announce':
      return { reaction: { ...given, type: undone, key: '🔁' } }
    default:
      return {}
  }
}

/** Somebody follows the author, whose room shows everything, and is addressed besides; all that is referred to is known. */
export function generousKnown(activity: Activity, note: Note | undefined): KnownForMatrix {
  const author = knownActor(activity.actor)
  const roomId = asRoomId('!room')
  const room = {
    portal: { kind: 'actor' as const, actorId: activity.actor, roomId },
    members: new Set([alice.userId, author.ghost]),
  }
  const id = objectOf(activity)
  const isAnnounce = activity.type === 'announce'
  const owner = activity.type === 'react' ? alice.id : activity.actor
  const mapping = { roomId, part: 0, eventId: asEventId('$old'), sender: author.ghost }
  const people = note === undefined ? [] : [note.author, ...note.mentions.map((m) => m.actorId)]
  const addressed = note && { ...note, cc: [...note.cc, alice.id] }
  return {
    ...{ now, handleDomain: 'us.test', author },
    ...(addressed === undefined ? {} : { note: addressed }),
    ancestors: [],
    addressees: [],
    actors: new Map(people.map((actorId) => [actorId, knownActor(actorId)])),
    locals: new Map([
      [alice.id, alice],
      [asActorId(id), alice],
    ]),
    objects: isAnnounce
      ? new Map()
      : new Map([[id, recordAt(id, owner, activity.type === 'react')]]),
    mappings: isAnnounce ? new Map() : new Map([[id, [{ ...mapping, remoteId: asObjectId(id) }]]]),
    rooms: new Map([[roomId, room]]),
    authorRoom: room,
    replyInPortal: 'thread',
    deaf: new Set(),
    crowded: new Set(),
    reactions: [],
    homes: [],
    areBoostsWanted: true,
    quotes: new Map(),
    isQuoted: false,
    ...relationsOf(activity),
    sensitiveMedia: 'spoiler',
    answerId: asActivityId('https://us.test/answer'),
  }
}
