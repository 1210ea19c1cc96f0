import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal, PortalKind, PortalSeed } from '../model/portal.ts'
import type { RoomId, UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { handleOfActor, whyOut } from './follows.ts'
import { matrixLink } from './matrix-ids.ts'
import { ensureInvited, removeMember, type Room } from './members.ts'
import { isOutsider, whyOutside } from './outsiders.ts'
import { actorsAmong } from './portal-shape.ts'
import { belongsIn, usersOf } from './room-people.ts'
import { tellJob } from './tell-job.ts'

/** An invite that could not be made at once; payload of an `upkeep` job. */
export type Invite = { readonly type: 'invite'; readonly roomId: RoomId; readonly userId: UserId }

/** Stands while such a job is under way: nobody else waits for that server again. */
const invitingMark = (roomId: RoomId, userId: UserId): string => `inviting ${roomId} ${userId}`

/** Who was just asked did not answer; asked again at once, it would not either. */
const firstPause = 5_000

/** The job that invites, with tries and an end that is told, and the mark that it is under way. */
export function inviteJob(roomId: RoomId, userId: UserId, deps: Deps): readonly Change[] {
  const now = deps.clock.now()
  const payload: Invite = { type: 'invite', roomId, userId }
  const job = {
    kind: 'upkeep',
    key: `invite ${roomId} ${userId} ${deps.random.id()}`,
    lane: `upkeep:invite ${roomId} ${userId}`,
    payload: JSON.stringify(payload),
    runAt: now + firstPause,
  } as const
  return [
    { change: 'mark', key: invitingMark(roomId, userId), value: '', at: now },
    { change: 'enqueue', job },
  ]
}

/** What is written there is for its people alone, from their invite on. */
const isPrivate = ({ kind }: Room): boolean => kind !== undefined && privateKinds.has(kind)

const privateKinds: ReadonlySet<PortalKind> = new Set([
  ...(['direct', 'management', 'notifications', 'home', 'moderation'] as const),
])

/** In a room that somebody else made it is not for us to say. */
async function showHistory(
  { roomId }: Room,
  visibility: 'shared' | 'invited',
  deps: Deps,
): Promise<void> {
  const type = 'm.room.history_visibility'
  const content = { history_visibility: visibility }
  try {
    await deps.homeserver.setState(deps.identity.bot, roomId, { type, stateKey: '', content })
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
  }
}

/**
 * By a job of its own, with tries and an end that is told. What is written into a private room until
 * then is for the invited, too, so they may read it when they come: only we let anybody in there.
 */
async function inviteLater(room: Room, userId: UserId, deps: Deps): Promise<readonly Change[]> {
  if (isPrivate(room)) await showHistory(room, 'shared', deps)
  return inviteJob(room.roomId, userId, deps)
}

const isTheirsAway = (error: unknown): boolean =>
  error instanceof TransientError && error.of === 'remote'

export const isUnderWay = async (roomId: RoomId, userId: UserId, deps: Deps): Promise<boolean> =>
  (await deps.store.findMark(invitingMark(roomId, userId))) !== undefined

/**
 * Invites at once, or by the job that comes back where the homeserver of the invited is away. Throws
 * what `Homeserver.invite` does otherwise. Idempotent.
 */
export async function bringIn(room: Room, userId: UserId, deps: Deps): Promise<readonly Change[]> {
  if (await isUnderWay(room.roomId, userId, deps)) return []
  try {
    await ensureInvited(room, userId, deps)
    return []
  } catch (error) {
    if (!isTheirsAway(error)) throw error
    return inviteLater(room, userId, deps)
  }
}

type Refused = (userId: UserId, error: RejectedError) => Promise<readonly Change[]>

/** `bringIn` for several, all at once: nobody keeps the others out or waiting. */
export async function bringAllIn(
  room: Room,
  users: readonly UserId[],
  { refused, deps }: { readonly refused: Refused; readonly deps: Deps },
): Promise<readonly Change[]> {
  const bring = async (userId: UserId): Promise<readonly Change[]> => {
    try {
      return await bringIn(room, userId, deps)
    } catch (error) {
      if (error instanceof RejectedError) return refused(userId, error)
      throw error
    }
  }
  // What goes wrong with one must not leave the others at work unwatched.
  const ends = await Promise.allSettled(users.map(bring))
  return ends.flatMap((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}

const mostNamed = 3

async function peopleOf({ participants }: PortalSeed & { kind: 'direct' }, deps: Deps) {
  const handles = await Promise.all(actorsAmong(participants).map((id) => handleOfActor(id, deps)))
  const others = handles.length - mostNamed
  return handles.slice(0, mostNamed).join(', ') + (others > 0 ? ` and ${others} more` : '')
}

/** Which room it is for the user, and what brings another invite. */
async function wordsFor(
  seed: PortalSeed | undefined,
  { roomId, userId }: Omit<Invite, 'type'>,
  deps: Deps,
): Promise<readonly [room: string, next: string]> {
  switch (seed?.kind) {
    case 'actor': {
      const handle = await handleOfActor(seed.actorId, deps)
      return [`the room of ${handle}`, `\`follow ${handle}\` brings a new invite.`]
    }
    case 'direct': {
      const room = `a private chat with ${await peopleOf(seed, deps)}`
      return [room, 'The next message there brings a new invite.']
    }
    case 'notifications':
      return ['the room of your notifications', 'The next one brings a new invite.']
    case 'home':
      return ['your Home room', '`home` brings a new invite.']
    case 'space':
      return ['the Space of your rooms', '`settings space on` brings a new invite.']
    case 'moderation':
      return ['the room where admins read reports', 'The next report brings a new invite.']
    case 'profile':
      if (seed.userId === userId) return ['your public room', '`publish` brings a new invite.']
      break
    default:
  }
  return ['a room of yours', `You can join it here: ${matrixLink(roomId)}`]
}

const refusal = 'your settings or your server refused it'

/** What somebody reads who could not be invited, told once a room. */
export async function tellUninvited(
  seed: PortalSeed | undefined,
  at: Omit<Invite, 'type'>,
  { why = refusal, deps }: { readonly why?: string; readonly deps: Deps },
): Promise<Change> {
  const [room, next] = await wordsFor(seed, at, deps)
  const text = isOutsider(at.userId, deps)
    ? `I cannot invite you into ${room}: ${whyOutside(at.userId, deps)}.`
    : `I could not invite you into ${room}: ${why}. ${next}`
  return tellJob({ key: `uninvited ${at.roomId} ${at.userId}`, userId: at.userId, text })
}

/** Once all have been asked in, what is written is again for those who are there. */
async function closeHistory(portal: Portal, invited: UserId, deps: Deps): Promise<void> {
  if (!isPrivate(portal)) return
  const isForSeveral = portal.kind === 'direct' || portal.kind === 'moderation'
  const users = isForSeveral ? await usersOf(portal, deps) : []
  for (const userId of users)
    if (userId !== invited && (await isUnderWay(portal.roomId, userId, deps))) return
  await showHistory(portal, 'invited', deps)
}

/** Does an invite that is under way. Safe to run again; throws as long as it is worth another try. */
export async function doInvite({ roomId, userId }: Invite, deps: Deps): Promise<readonly Change[]> {
  const end: Change = { change: 'unmark', key: invitingMark(roomId, userId) }
  const portal = await deps.store.findPortalByRoom(roomId)
  // The invite was decided long ago.
  if (portal === undefined || !(await belongsIn(portal, userId, deps))) return [end]
  try {
    await ensureInvited(portal, userId, deps)
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    return [end, await tellUninvited(portal, { roomId, userId }, { deps })]
  }
  // The follow may have ended while the invite was under way.
  if (portal.kind === 'actor' && !(await belongsIn(portal, userId, deps))) {
    const reason = await whyOut(userId, portal.actorId, deps)
    await removeMember(roomId, { userId, reason }, deps)
  }
  await closeHistory(portal, userId, deps)
  return [end]
}

/** Nobody tries any more: the next occasion may, and the user knows. */
export async function giveUpInvite(
  { roomId, userId }: Invite,
  error: unknown,
  deps: Deps,
): Promise<readonly Change[]> {
  const portal = await deps.store.findPortalByRoom(roomId)
  const why = isTheirsAway(error)
    ? 'your server did not answer for a day'
    : 'something went wrong here, and the admin can see what'
  return [
    { change: 'unmark', key: invitingMark(roomId, userId) },
    await tellUninvited(portal, { roomId, userId }, { why, deps }),
  ]
}
