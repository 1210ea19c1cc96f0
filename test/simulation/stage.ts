import { asActorId, asUserId, type ActorId, type RoomId, type UserId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { Chance } from './chance.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { InFollow, Ledger, Place } from './ledger.ts'
import type { Theme } from './storm.ts'
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
  readonly themes: ReadonlySet<Theme>
  /** How often each kind of act was done. */
  readonly done: Map<string, number>
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
  const isBlocking = ({ account, user }: InFollow): boolean =>
    ledger.blocks.some((b) => b.account === account && b.user === user)
  // A Follow that was taken waits behind what the account told before it: until then it is not known.
  const isAsking = (follow: InFollow): boolean =>
    !world.senders.takenAt.has(follow.id) || (follow.undoId === undefined && !isBlocking(follow))
  const asking = ledger.followers
    .filter((follow) => follow.actor === actor && isAsking(follow))
    .map(({ account }) => account.id)
  return { sure: known, possible: [...known, ...asking] }
}

export const isIn = (user: FakeUser, roomId: RoomId): boolean => user.rooms('join').includes(roomId)

export const hasChats = ({ host }: Account, { world }: Stage): boolean =>
  world.fediverse.server(host).features?.includes('pleroma_chat_messages') === true

/** Whether anybody ever wanted to read that account in their home room. */
export const isEverAtHome = (account: Account, { ledger }: Stage): boolean =>
  ledger.follows.some((f) => f.account === account && f.moves.some(({ place }) => place === 'home'))

export async function homeOf(user: FakeUser, { world }: Stage): Promise<RoomId | undefined> {
  return (await world.store.findPortal({ kind: 'home', userId: user.userId }))?.roomId
}

export const followOf = (user: FakeUser, account: Account, { ledger }: Stage) =>
  ledger.follows.find((f) => f.user === user && f.account === account)

/** Where that user wanted to read the account from then on. */
export const placesSince = (
  user: FakeUser,
  { account, at }: { readonly account: Account; readonly at: number },
  stage: Stage,
): Place[] =>
  (followOf(user, account, stage)?.moves ?? [])
    .filter((move) => move.at >= at)
    .map(({ place }) => place)
