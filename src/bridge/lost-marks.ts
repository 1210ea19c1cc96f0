import type { ActorId, RoomId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { RejectedError } from '../model/errors.ts'
import { asActorId } from '../model/ids.ts'

/** A room that was a portal until we were put out of it. */
const lostMark = (roomId: RoomId): string => `lost ${roomId}`

export const isLost = async (roomId: RoomId, deps: Deps): Promise<boolean> =>
  (await deps.store.findMark(lostMark(roomId))) !== undefined

/** Stands where others have the id of an account: it was a private chat. */
export const chat = 'chat'

/** Who was read in a room, or that it was a private chat. */
export type Was = ActorId | typeof chat

/** Nobody takes it for a portal again. */
export const lost = (roomId: RoomId, at: number, was?: Was): Change => ({
  change: 'mark',
  key: lostMark(roomId),
  value: was ?? '',
  at,
})

/** Its people made it a portal again. */
export const found = (roomId: RoomId): Change => ({ change: 'unmark', key: lostMark(roomId) })

/** A room of people that an admin wants to be no group. */
const endedMark = (roomId: RoomId): string => `no group ${roomId}`

export const isEndedByAdmin = async (roomId: RoomId, { store }: Deps): Promise<boolean> =>
  (await store.findMark(endedMark(roomId))) !== undefined

/** Only an admin makes it a group again. */
export const endedByAdmin = (roomId: RoomId, at: number): Change => ({
  change: 'mark',
  key: endedMark(roomId),
  value: '',
  at,
})

export const allowedAgain = (roomId: RoomId): Change => ({
  change: 'unmark',
  key: endedMark(roomId),
})

/** A room that was a group until that ended, or went on in another one. It names no group: that is forgotten. */
const wasGroupMark = (roomId: RoomId): string => `was group ${roomId}`

export const wasGroup = async (roomId: RoomId, { store }: Pick<Deps, 'store'>): Promise<boolean> =>
  (await store.findMark(wasGroupMark(roomId))) !== undefined

/** Nobody of ours comes back to speak there. Throws as the homeserver does for a room that is closed. */
export async function mindEnd(roomId: RoomId, deps: Pick<Deps, 'store'>): Promise<void> {
  if (!(await wasGroup(roomId, deps))) return
  throw new RejectedError(`${roomId} is no group any more`, { code: 'M_FORBIDDEN', roomId })
}

/** What is said there from the commit of this on goes nowhere. */
export const groupEnded = (roomId: RoomId, at: number): Change => ({
  change: 'mark',
  key: wasGroupMark(roomId),
  value: '',
  at,
})

export const groupAgain = (roomId: RoomId): Change => ({
  change: 'unmark',
  key: wasGroupMark(roomId),
})

/** Whom people read in that room until it was lost; undefined: nobody, or it is not lost. */
export async function readInLost(roomId: RoomId, deps: Deps): Promise<ActorId | undefined> {
  const was = await deps.store.findMark(lostMark(roomId))
  return was === undefined || was === '' || was === chat ? undefined : asActorId(was)
}

/** Whether people had a private chat in that room until it was lost. */
export const wasChat = async (roomId: RoomId, { store }: Pick<Deps, 'store'>): Promise<boolean> =>
  (await store.findMark(lostMark(roomId))) === chat
