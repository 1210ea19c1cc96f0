import type { Deps, Identity } from './ports.ts'
import type { EventId, RoomAlias, RoomId, UserId } from '../model/ids.ts'

/** What our bot and ghosts are called by. */
export type Naming = Pick<Identity, 'bot' | 'prefix' | 'serverName'>

export const isOurs = (userId: UserId, { identity }: { readonly identity: Naming }): boolean =>
  userId === identity.bot ||
  (userId.startsWith(`@${identity.prefix}`) && userId.endsWith(`:${identity.serverName}`))

/** Room ids do not say any more which server to ask for them. */
export const eventLink = (
  { roomId, eventId }: { readonly roomId: RoomId; readonly eventId: EventId },
  { identity }: Pick<Deps, 'identity'>,
): string =>
  `https://matrix.to/#/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}?via=${identity.serverName}`

export const matrixLink = (id: RoomId | UserId | RoomAlias): string =>
  `https://matrix.to/#/${encodeURIComponent(id)}`
