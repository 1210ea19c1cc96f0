import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MessageContent, StateEvent } from '../model/room.ts'
import type { PortalKind } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { asRoomId } from '../model/ids.ts'
import { ensureInvited, removeMember } from './members.ts'
import { isOutsider } from './outsiders.ts'
import { ensurePortal } from './portals.ts'

/** The rooms of a user have changed: payload of an `upkeep` job. */
export type SpaceWork = { readonly type: 'space'; readonly userId: UserId }

/** What a user chooses: what the admin has chosen until they do. */
export const spaceSetting = 'space'

const child = 'm.space.child'

/** Several rooms at once are one look at all of them, milliseconds. */
const gathering = 2_000

/** Stands while a look is to come. */
const dueMark = (userId: UserId): string => `space due ${userId}`

/** The order in which clients list the rooms; rooms of one kind follow by their age. */
const orders: Readonly<Record<Exclude<PortalKind, 'space' | 'group'>, string>> = {
  management: '0',
  profile: '1',
  home: '2',
  notifications: '3',
  direct: '4',
  actor: '5',
  moderation: '6',
}

/** A look at all rooms of a user, soon. */
export async function spaceDue(userId: UserId, deps: Deps): Promise<readonly Change[]> {
  if ((await deps.store.findMark(dueMark(userId))) !== undefined) return []
  const now = deps.clock.now()
  const payload: SpaceWork = { type: 'space', userId }
  const job = {
    kind: 'upkeep',
    key: `space ${userId} ${deps.random.id()}`,
    lane: `upkeep:space ${userId}`,
    payload: JSON.stringify(payload),
    runAt: now + gathering,
  } as const
  return [
    { change: 'mark', key: dueMark(userId), value: '', at: now },
    { change: 'enqueue', job },
  ]
}

async function isOn(userId: UserId, deps: Deps): Promise<boolean> {
  if (isOutsider(userId, deps)) return false
  const usual = deps.hasSpaces ? 'on' : 'off'
  return ((await deps.store.findSetting(userId, spaceSetting)) ?? usual) === 'on'
}

/** Whether somebody's coming or going there is of account for their Space. */
export async function isInSpace(roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> {
  const portal = await deps.store.findPortalByRoom(roomId)
  // Rooms that people made are theirs to arrange.
  if (portal?.kind === 'space' || portal?.kind === 'group') return false
  if (portal !== undefined) return true
  return (await deps.store.findPortal({ kind: 'space', userId })) !== undefined
}

/** Each room of theirs that stands for something, with its content in the Space. */
async function childrenOf(userId: UserId, deps: Deps): Promise<Map<RoomId, MessageContent>> {
  const children = new Map<RoomId, MessageContent>()
  for (const roomId of await deps.store.roomsOf(userId, 'join')) {
    const portal = await deps.store.findPortalByRoom(roomId)
    if (portal === undefined || portal.kind === 'space' || portal.kind === 'group') continue
    children.set(roomId, { via: [deps.identity.serverName], order: orders[portal.kind] })
  }
  return children
}

/** The chat with the bot alone needs no Space around it. */
const needsSpace = (children: ReadonlyMap<RoomId, MessageContent>): boolean =>
  [...children.values()].some(({ order }) => order !== orders.management)

const isListed = ({ content }: StateEvent): boolean => Array.isArray(content['via'])

const isSame = (listed: StateEvent | undefined, wanted: MessageContent): boolean =>
  listed !== undefined && isListed(listed) && listed.content['order'] === wanted['order']

/** Makes the Space hold what it should. What its owner put there, or took out of the order, stays. */
async function fill(
  space: RoomId,
  children: ReadonlyMap<RoomId, MessageContent>,
  deps: Deps,
): Promise<void> {
  const { homeserver, identity } = deps
  const state = await homeserver.roomState(identity.bot, space)
  const listed = new Map(
    state.filter(({ type }) => type === child).map((event) => [asRoomId(event.stateKey), event]),
  )
  const set = (roomId: RoomId, content: MessageContent): Promise<void> =>
    homeserver.setState(identity.bot, space, { type: child, stateKey: roomId, content })
  for (const [roomId, content] of children) {
    const before = listed.get(roomId)
    const isTheirs = before !== undefined && before.sender !== identity.bot
    if (!isTheirs && !isSame(before, content)) await set(roomId, content)
  }
  for (const [roomId, event] of listed)
    if (!children.has(roomId) && event.sender === identity.bot && isListed(event))
      await set(roomId, {})
}

/** Brings the Space of a user up to date, or them out of it. Safe to run again. */
export async function arrangeSpace({ userId }: SpaceWork, deps: Deps): Promise<readonly Change[]> {
  // Whatever changes from here on makes another look.
  await deps.store.commit([{ change: 'unmark', key: dueMark(userId) }])
  const seed = { kind: 'space', userId } as const
  const known = await deps.store.findPortal(seed)
  if (!(await isOn(userId, deps))) {
    const reason = 'You have switched this Space off.'
    if (known !== undefined) await removeMember(known.roomId, { userId, reason }, deps)
    return []
  }
  const children = await childrenOf(userId, deps)
  if (known === undefined && !needsSpace(children)) return []
  const space = known ?? (await ensurePortal(seed, deps))
  await ensureInvited(space, userId, deps)
  await fill(space.roomId, children, deps)
  return []
}

/** Who leaves their Space does not want it. */
export const leftSpace = (userId: UserId, key: string): readonly Action[] => [
  {
    do: 'commit',
    changes: [{ change: 'put-setting', userId, name: spaceSetting, value: 'off' }],
  },
  {
    do: 'tell',
    place: { kind: 'management', userId },
    text: 'You have left the Space of your fediverse rooms; the rooms stay as they are. `settings space on` brings it back.',
    key: `space ${key}`,
  },
]
