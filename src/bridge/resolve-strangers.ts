import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Note } from '../model/note.ts'
import { visibilityOf } from '../translate/audience.ts'
import { strangerRoomsMark } from '../translate/strangers.ts'

type Strangers = Pick<KnownForMatrix, 'deaf'> & Required<Pick<KnownForMatrix, 'strangerRooms'>>

/** A chat of both that the user has entered: nobody becomes a stranger again by a setting. */
async function talksWith(local: LocalActor, author: ActorId, deps: Deps): Promise<boolean> {
  const ghost = await deps.store.findGhost(author)
  const rooms = ghost === undefined ? [] : await deps.store.roomsOf(ghost.userId, 'join')
  for (const roomId of rooms) {
    const portal = await deps.store.findPortalByRoom(roomId)
    const membership = await deps.store.findMembership(roomId, local.userId)
    if (portal?.kind === 'direct' && membership === 'join') return true
  }
  return false
}

/** Whether the user's `settings dms` keep a first private message of that account away. */
async function refuses(local: LocalActor, isFollowed: boolean, deps: Deps): Promise<boolean> {
  const setting = await deps.store.findSetting(local.userId, 'dms')
  return setting === 'nobody' || (setting === 'followed' && !isFollowed)
}

async function roomsToday(local: LocalActor, deps: Deps): Promise<number> {
  const count = await deps.store.findMark(strangerRoomsMark(local.userId, deps.clock.now()))
  return Number(count ?? 0)
}

/**
 * What a private message of a stranger may do to those it is for: who will not hear it, and how
 * many direct rooms strangers opened today with the others, where it would open one more.
 */
export async function resolveStrangers(
  note: Note | undefined,
  locals: ReadonlyMap<ActorId, LocalActor>,
  deps: Deps,
): Promise<Strangers> {
  const deaf = new Set<ActorId>()
  const strangerRooms = new Map<ActorId, number>()
  if (note === undefined) return { deaf, strangerRooms }
  const author = await deps.store.findRemoteActor(note.author)
  if (visibilityOf(note, author?.followers) !== 'direct') return { deaf, strangerRooms }
  for (const local of locals.values()) {
    const follow = await deps.store.findFollow(local.id, note.author)
    const isFollowed = follow?.state === 'accepted'
    if (await talksWith(local, note.author, deps)) continue
    if (await refuses(local, isFollowed, deps)) deaf.add(local.id)
    else if (!isFollowed) strangerRooms.set(local.id, await roomsToday(local, deps))
  }
  return { deaf, strangerRooms }
}
