import { createHash } from 'node:crypto'
import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Note } from '../model/note.ts'
import { visibilityOf } from '../translate/audience.ts'
import { dayOf, roomsPerDay } from '../translate/strangers.ts'
import { blockBetween } from './blocks.ts'
import { isSilenced } from './domain-blocks.ts'

type Strangers = Pick<KnownForMatrix, 'deaf' | 'crowded'>

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

const isFollower = async (author: ActorId, { id }: LocalActor, { store }: Deps): Promise<boolean> =>
  (await store.findFollow(author, id))?.state === 'accepted'

/** Whether the user's `settings dms` keep a first private message of that account away. */
async function refuses(local: LocalActor, isFollowed: boolean, deps: Deps): Promise<boolean> {
  const setting = await deps.store.findSetting(local.userId, 'dms')
  return setting === 'nobody' || (setting === 'followed' && !isFollowed)
}

/** What goes to the same people stands in the same room. */
const audienceHash = ({ author, to, cc }: Note): string =>
  createHash('sha256')
    .update([...new Set([author, ...to, ...cc])].sort().join('\n'))
    .digest('base64url')

/**
 * Whether that chat is one too many for the user today. Decided once for each chat and day, one
 * after another: strangers who write at the same moment, or a job that runs again, count right.
 */
async function isCrowded({ userId }: LocalActor, note: Note, deps: Deps): Promise<boolean> {
  const at = deps.clock.now()
  const day = dayOf(at)
  const chat = `stranger chat ${userId} ${day} ${audienceHash(note)}`
  const rooms = `stranger rooms ${userId} ${day}`
  return deps.locks(`strangers ${userId}`, async () => {
    const decided = await deps.store.findMark(chat)
    if (decided !== undefined) return decided === 'crowded'
    const opened = Number((await deps.store.findMark(rooms)) ?? 0)
    const isOver = opened >= roomsPerDay
    const decision = { change: 'mark', key: chat, value: isOver ? 'crowded' : 'open', at } as const
    const count = { change: 'mark', key: rooms, value: String(opened + 1), at } as const
    await deps.store.commit(isOver ? [decision] : [decision, count])
    return isOver
  })
}

/**
 * What a private message of a stranger may do to those it is for: who will not hear it, and whom
 * strangers opened enough chats with today for it to stand among the notifications. Of a domain that
 * the admin has silenced, strangers are not heard at all.
 */
export async function resolveStrangers(
  note: Note | undefined,
  locals: ReadonlyMap<ActorId, LocalActor>,
  deps: Deps,
): Promise<Strangers> {
  const deaf = new Set<ActorId>()
  const crowded = new Set<ActorId>()
  if (note === undefined) return { deaf, crowded }
  const author = await deps.store.findRemoteActor(note.author)
  const isQuiet = await isSilenced(note.author, deps)
  const isPrivate = visibilityOf(note, author?.followers) === 'direct'
  if (!isPrivate && !isQuiet) return { deaf, crowded }
  const named = new Set<string>([...note.to, ...note.cc])
  for (const local of locals.values()) {
    // A group hears what answers something in it as well, and follows nobody: who follows it is no stranger.
    if (local.group !== undefined && isQuiet && !(await isFollower(note.author, local, deps)))
      deaf.add(local.id)
    if (local.group !== undefined || !named.has(local.id)) continue
    const follow = await deps.store.findFollow(local.id, note.author)
    const isFollowed = follow?.state === 'accepted'
    if ((await blockBetween(local.id, note.author, deps)) !== undefined) deaf.add(local.id)
    else if (await talksWith(local, note.author, deps)) continue
    else if (isQuiet && !isFollowed) deaf.add(local.id)
    else if (!isPrivate) continue
    else if (await refuses(local, isFollowed, deps)) deaf.add(local.id)
    else if (!isFollowed && (await isCrowded(local, note, deps))) crowded.add(local.id)
  }
  return { deaf, crowded }
}
