import type { ActorId, UserId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import { nameOf, pictureOf, type LocalActor, type RemoteActor } from '../model/actor.ts'
import type { Participant, PortalSeed } from '../model/portal.ts'
import type { RoomRequest } from '../model/room.ts'
import { createHash } from 'node:crypto'
import { formatHandle } from '../model/handle.ts'
import { asRoomAlias, type RoomAlias } from '../model/ids.ts'
import { safeName } from '../model/names.ts'
import { firstLineOf, marksOf } from '../translate/about-account.ts'
import { portalKey } from '../model/portal.ts'
import { ghostName } from './ghosts.ts'

/** Everything in rooms of ours is the bot's to change; people speak. */
const lockedPower = { invite: 100, stateDefault: 100, eventsDefault: 0 }

const ghostPower = 50

type Bridged = {
  readonly id: ActorId
  readonly name: string
  readonly url?: string
  readonly host: string
  readonly hostUrl?: string
}

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32)

/** MSC2346 state: clients and other bridges see what this room stands for. Both names are in use. */
function bridgeInfo(to: Bridged, deps: Deps): RoomRequest['state'] {
  const content = {
    bridgebot: deps.identity.bot,
    creator: deps.identity.bot,
    protocol: {
      id: 'activitypub',
      displayname: 'ActivityPub',
      external_url: 'https://activitypub.rocks/',
    },
    network: {
      id: to.host,
      displayname: to.host,
      external_url: to.hostUrl ?? `https://${to.host}/`,
    },
    channel: { id: to.id, displayname: to.name, external_url: to.url ?? to.id },
  }
  const name = `org.footbridge://activitypub/${to.host}/${to.id}`
  // A longer state key is refused, and the whole room with it.
  const stateKey = Buffer.byteLength(name) <= 255 ? name : hashOf(name)
  return ['m.bridge', 'uk.half-shot.bridge'].map((type) => ({ type, stateKey, content }))
}

/** Clients leave these members out when they name a room after its people (MSC4171). */
const functionalMembers = (deps: Deps): RoomRequest['state'][number] => ({
  type: 'io.element.functional_members',
  stateKey: '',
  content: { service_members: [deps.identity.bot] },
})

/** An alias that can be derived again after a crash, and says nothing about who is in the room. */
export function opaqueAlias(seed: PortalSeed, deps: Deps): RoomAlias {
  const hash = hashOf(`${seed.kind}\n${portalKey(seed)}`)
  return asRoomAlias(`#${deps.identity.prefix}==room_${hash}:${deps.identity.serverName}`)
}

/**
 * The alias of a portal's second room, its third …: `==` stands in no name that is made from an
 * account, so nobody else has it. At most 255 bytes.
 */
export function aliasAgain(first: RoomAlias, again: number): RoomAlias {
  if (again === 1) return first
  const colon = first.indexOf(':')
  const end = `==${again}`
  if (first.length + end.length <= 255)
    return asRoomAlias(first.slice(0, colon) + end + first.slice(colon))
  const hash = `==${hashOf(first + end)}`
  return asRoomAlias(first.slice(0, colon - hash.length) + hash + first.slice(colon))
}

export function portalTopic(actor: RemoteActor): string {
  const bio = firstLineOf(actor)
  const about = [...marksOf(actor), ...(bio === '' ? [] : [bio])]
  return [formatHandle(actor), ...about, 'Replies here are public.'].join(' · ')
}

/** `ghost` is the account's ghost: the alias has the same localpart, so two accounts never share one. */
export function actorRoom(
  actor: RemoteActor,
  { name, ghost }: { readonly name: string; readonly ghost: UserId },
  deps: Deps,
): RoomRequest {
  return {
    alias: asRoomAlias(`#${ghost.slice(1)}`),
    name,
    topic: portalTopic(actor),
    isDirect: false,
    joinRule: 'knock',
    history: 'shared',
    invite: [],
    powerLevels: { users: {}, ...lockedPower },
    state: [
      ...bridgeInfo(
        {
          id: actor.id,
          name: ghostName(actor, deps),
          host: actor.host,
          ...(actor.url === undefined ? {} : { url: actor.url }),
        },
        deps,
      ),
      functionalMembers(deps),
    ],
  }
}

export const profileRoomName = (owner: LocalActor): string =>
  `${safeName(nameOf(owner), 100)} on the fediverse`

export function profileRoom(owner: LocalActor, seed: PortalSeed, deps: Deps): RoomRequest {
  const handle = `@${owner.username}@${deps.identity.handleDomain}`
  const name = safeName(nameOf(owner), 100)
  const avatar = pictureOf(owner)
  return {
    alias: opaqueAlias(seed, deps),
    name: profileRoomName(owner),
    ...(avatar === undefined ? {} : { avatar }),
    topic: `What you write here is public, as ${handle}.`,
    isDirect: false,
    joinRule: 'knock',
    history: 'shared',
    invite: [],
    powerLevels: {
      users: { [owner.userId]: 50 },
      invite: 50,
      stateDefault: 100,
      eventsDefault: 0,
      // Custom emoji to write with (MSC2545); what is pinned there is pinned on the profile.
      events: {
        'm.room.image_pack': 50,
        'im.ponies.room_emotes': 50,
        'm.room.pinned_events': 50,
      },
    },
    state: [
      ...bridgeInfo(
        {
          id: owner.id,
          name,
          host: deps.identity.handleDomain,
          hostUrl: `${deps.identity.publicUrl}/`,
        },
        deps,
      ),
      functionalMembers(deps),
    ],
  }
}

/** Users are invited when the room is there: it must not depend on them or their homeserver. */
export function directRoom(ghosts: readonly UserId[], seed: PortalSeed, deps: Deps): RoomRequest {
  return {
    alias: opaqueAlias(seed, deps),
    isDirect: true,
    joinRule: 'invite',
    history: 'invited',
    invite: ghosts,
    // A chat is called after who invites to it, so that is one of them. The people may invite nobody.
    powerLevels: {
      ...lockedPower,
      users: Object.fromEntries(ghosts.map((userId) => [userId, ghostPower])),
      invite: ghostPower,
    },
    state: [functionalMembers(deps)],
  }
}

export const homeRoom = {
  name: 'Home',
  topic:
    'Accounts that you follow, in one room. An answer to a post goes to whoever could read the post.',
}

export const moderationRoom = ({
  identity,
}: Deps): { readonly name: string; readonly topic: string } => ({
  name: 'Fediverse reports',
  topic: `What is reported to the admins of this bridge. React to a report to close it. Commands begin with ${identity.commandPrefix} here.`,
})

/** Nobody talks there; whose it is may put rooms of their own into it, and arrange them. */
export function spaceRoom(seed: PortalSeed & { kind: 'space' }, deps: Deps): RoomRequest {
  return {
    ...privateRoom(
      {
        name: 'Fediverse',
        topic: 'Your rooms of the fediverse. Leave this Space if you do not want it.',
      },
      { seed, deps },
    ),
    type: 'm.space',
    powerLevels: {
      ...{ invite: 100, stateDefault: 100, eventsDefault: 100 },
      users: { [seed.userId]: 50 },
      events: { 'm.space.child': 50 },
    },
  }
}

/** A room of one user, with the bot and whoever speaks there. */
export function privateRoom(
  { name, topic }: { readonly name: string; readonly topic?: string },
  { seed, deps }: { readonly seed: PortalSeed; readonly deps: Deps },
): RoomRequest {
  return {
    alias: opaqueAlias(seed, deps),
    name,
    ...(topic === undefined ? {} : { topic }),
    isDirect: seed.kind === 'management',
    joinRule: 'invite',
    history: 'invited',
    invite: [],
    powerLevels: { users: {}, ...lockedPower },
    state: [],
  }
}

export const usersAmong = (participants: readonly Participant[]): UserId[] =>
  participants.flatMap((p) => (p.kind === 'user' ? [p.userId] : []))

export const actorsAmong = (participants: readonly Participant[]): ActorId[] =>
  participants.flatMap((p) => (p.kind === 'actor' ? [p.actorId] : []))
