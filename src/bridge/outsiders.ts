import type { Deps } from './ports.ts'
import type { UserId } from '../model/ids.ts'
import { splitMatrixId } from '../model/names.ts'

const serverOf = (userId: UserId): string => splitMatrixId(userId, '@')?.serverName ?? userId

/** Whether somebody is on another homeserver, where rooms of ours are for users of our own alone. */
export const isOutsider = (
  userId: UserId,
  { identity, localRoomsOnly }: Pick<Deps, 'identity' | 'localRoomsOnly'>,
): boolean => localRoomsOnly === true && serverOf(userId) !== identity.serverName

/** Why, in words, without an end. */
export const whyOutside = (userId: UserId, { identity }: Pick<Deps, 'identity'>): string =>
  `the rooms of this bridge are for users of ${identity.serverName} alone, and you are on ${serverOf(userId)}`

/** What such a user reads who asks for a room of ours. */
export const outsideLine = (userId: UserId, deps: Pick<Deps, 'identity'>): string =>
  `I can bring you into no room: ${whyOutside(userId, deps)}.`
