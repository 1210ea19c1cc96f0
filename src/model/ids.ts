/**
 * Branded ids. A plain string becomes one of these only at a border (`parse.ts` of either
 * network, the store) or by a rule in `names.ts`; inside, no cast is needed.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

export type RoomId = Id<'RoomId'>
export type EventId = Id<'EventId'>
/** A full Matrix user id, `@localpart:server`. */
export type UserId = Id<'UserId'>
/** A full room alias, `#localpart:server`. */
export type RoomAlias = Id<'RoomAlias'>
/** `mxc://server/media` */
export type Mxc = Id<'Mxc'>

/** Ids of ActivityPub things are absolute http(s) URLs, compared byte for byte. */
export type ActorId = Id<'ActorId'>
export type ObjectId = Id<'ObjectId'>
export type ActivityId = Id<'ActivityId'>

export const asRoomId = (value: string): RoomId => value as RoomId
export const asEventId = (value: string): EventId => value as EventId
export const asUserId = (value: string): UserId => value as UserId
export const asRoomAlias = (value: string): RoomAlias => value as RoomAlias
export const asMxc = (value: string): Mxc => value as Mxc
export const asActorId = (value: string): ActorId => value as ActorId
export const asObjectId = (value: string): ObjectId => value as ObjectId
export const asActivityId = (value: string): ActivityId => value as ActivityId
