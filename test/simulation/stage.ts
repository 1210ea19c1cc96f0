import { asActorId, asUserId, type ActorId, type RoomId, type UserId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { Chance } from './chance.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Ledger } from './ledger.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import { serverName, type World } from './world.ts'

/** Everything that an act of a run may use. */
export type Stage = {
  readonly world: World
  readonly ledger: Ledger
  readonly chance: Chance
  readonly users: readonly FakeUser[]
  readonly accounts: readonly Account[]
  /** Chats with the bot, once made. */
  readonly chats: Map<UserId, RoomId>
  isAway(side: string): boolean
  /** Says what is done, for the trace. */
  note(line: string): void
}

/** Something somebody does; undefined: nothing could be done just now. */
export type Act = (stage: Stage) => Promise<string | undefined>

export const ghostOf = ({ username, host }: Account): UserId =>
  asUserId(`@_ap_${username}_${host}:${serverName}`)

export const actorOf = (user: FakeUser, { world }: Stage): Promise<LocalActor | undefined> =>
  world.store.findLocalActorByUser(user.userId)

/** What the bridge has written down: only to know what can be done now, never to judge it. */
export async function portalOf(account: Account, { world }: Stage): Promise<RoomId | undefined> {
  const actorId = asActorId(account.id)
  return (await world.store.findPortal({ kind: 'actor', actorId }))?.roomId
}

export async function profileOf(
  user: FakeUser,
  stage: Stage,
): Promise<{ roomId: RoomId; actorId: ActorId } | undefined> {
  const actor = await actorOf(user, stage)
  if (actor === undefined) return undefined
  const seed = { kind: 'profile', userId: user.userId, actorId: actor.id } as const
  const portal = await stage.world.store.findPortal(seed)
  return portal === undefined ? undefined : { roomId: portal.roomId, actorId: actor.id }
}

/** Accounts that are followers of that actor as far as the bridge knows, or asked and may be by the time. */
export async function likelyFollowers(
  actor: ActorId,
  stage: Stage,
): Promise<{ readonly sure: string[]; readonly possible: string[] }> {
  const { world, ledger } = stage
  const known = (await world.store.followersOf(actor)).map(({ follower }): string => follower)
  const asking = ledger.followers
    .filter((follow) => follow.actor === actor && !world.senders.takenAt.has(follow.id))
    .map(({ account }) => account.id)
  return { sure: known, possible: [...known, ...asking] }
}

export const isIn = (user: FakeUser, roomId: RoomId): boolean => user.rooms('join').includes(roomId)
