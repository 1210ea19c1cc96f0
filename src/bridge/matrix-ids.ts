import type { Deps } from './ports.ts'
import type { RoomAlias, RoomId, UserId } from '../model/ids.ts'

export const isOurs = (userId: UserId, { identity }: Deps): boolean =>
  userId === identity.bot ||
  (userId.startsWith(`@${identity.prefix}`) && userId.endsWith(`:${identity.serverName}`))

export const matrixLink = (id: RoomId | UserId | RoomAlias): string =>
  `https://matrix.to/#/${encodeURIComponent(id)}`
