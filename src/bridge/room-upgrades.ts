import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Job, NewJob } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import type { EventId, RoomId, UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { hiddenAlias } from '../model/room.ts'
import { accountJob } from './account-work.ts'
import { againOf } from './adopt-room.ts'
import { isReadInRoom } from './follows.ts'
import { inviteJob } from './invites.ts'
import { isLost, lost } from './lost-marks.ts'
import { losing } from './lost-rooms.ts'
import { isOurs, matrixLink } from './matrix-ids.ts'
import { groupMoved } from './own-groups.ts'
import { recordMembers } from './members.ts'
import { goesOnIn } from './moved.ts'
import { aliasAgain } from './portal-shape.ts'
import { requestFor } from './portals.ts'
import {
  contentIn,
  creatorsOf,
  isEncryptedIn,
  isOpenToAll,
  mayRun,
  neededForState,
  powerfulIn,
  powerIn,
  type RoomState,
} from './room-power.ts'
import { tellJob } from './tell-job.ts'

type Tombstone = MatrixEvent & { readonly type: 'tombstone' }

/** A room of ours is said to go on in another one; payload of an `upkeep` job. */
export type FollowRoom = {
  readonly type: 'follow-room'
  readonly from: RoomId
  readonly to: RoomId
  /** Who said so. */
  readonly by: UserId
}

const tombstone = 'm.room.tombstone'

/** How long the bot waits to be let in, and how often it tries, milliseconds. */
const patience = 86_400_000
const firstPause = 10_000
const longestPause = 600_000
/** What was written in the room just before goes out from there. */
const draftPause = 5_000

/**
 * A chat follows the invites that its people make: whoever invites a ghost, or the bot, has that room
 * for their chat (`direct-chats.ts`, `receive-membership.ts`).
 */
const isByInvite = ({ kind }: Portal): boolean => kind === 'direct' || kind === 'management'

const awaitedMark = (to: RoomId): string => `awaited ${to}`

const followJob = (work: FollowRoom, occasion: EventId): NewJob => ({
  kind: 'upkeep',
  key: `follow room ${occasion}`,
  lane: `upkeep:follow room ${work.from}`,
  payload: JSON.stringify(work),
})

/** Notes that a room of ours is said to go on elsewhere; a job looks whether that is so. */
export async function receiveTombstone(event: Tombstone, deps: Deps): Promise<JobResult> {
  const { roomId: from, replacement: to, sender: by, eventId } = event
  const portal = await deps.store.findPortalByRoom(from)
  if (portal === undefined || isByInvite(portal))
    return { outcome: 'skipped: no-place', changes: [] }
  const work: FollowRoom = { type: 'follow-room', from, to, by }
  return {
    outcome: 'noted',
    changes: [
      { change: 'mark', key: awaitedMark(to), value: JSON.stringify(work), at: deps.clock.now() },
      { change: 'enqueue', job: followJob(work, eventId) },
    ],
  }
}

/** The bot was let into a room that one of ours is to go on in: then the job need not wait. */
export async function letIn(
  { roomId, eventId }: Pick<MatrixEvent, 'roomId' | 'eventId'>,
  deps: Deps,
): Promise<readonly Change[] | undefined> {
  const noted = await deps.store.findMark(awaitedMark(roomId))
  if (noted === undefined) return undefined
  return [{ change: 'enqueue', job: followJob(JSON.parse(noted) as FollowRoom, eventId) }]
}

/** Whether the old room's state says so, by somebody who had the power to. */
function isSaid(state: RoomState, { to, by }: FollowRoom): boolean {
  const isTrue = contentIn(state, tombstone)?.['replacement_room'] === to
  return isTrue && powerIn(state, by) >= neededForState(state, tombstone)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Whether anybody has more power in the next room than in this one. */
function hasUsurper(old: RoomState, next: RoomState, deps: Deps): boolean {
  const { bot } = deps.identity
  const mayMake = neededForState(old, tombstone)
  const creators = creatorsOf(next)
  return powerfulIn(next).some((userId) => {
    if (userId === bot) return false
    const before = powerIn(old, userId)
    return creators.includes(userId) ? before < mayMake : powerIn(next, userId) > before
  })
}

/** Why the next room is not the one before, for the people in it; undefined: it is. */
function refusalOf(
  { from }: FollowRoom,
  { kind, old, next }: Pick<Portal, 'kind'> & Record<'old' | 'next', RoomState>,
  deps: Deps,
): string | undefined {
  const predecessor = contentIn(next, 'm.room.create')?.['predecessor']
  if (!isRecord(predecessor) || predecessor['room_id'] !== from)
    return 'that room does not say that it comes after this one'
  const looser = kind === 'group' ? undefined : looserIn(old, next, deps)
  return looser ?? (isEncryptedIn(next) ? 'I cannot read it' : undefined)
}

/** What of a room that is ours is no longer so in the next one. */
function looserIn(old: RoomState, next: RoomState, deps: Deps): string | undefined {
  if (!mayRun(next, deps.identity.bot)) return 'I have not the power there that I need'
  if (hasUsurper(old, next, deps)) return 'somebody has more power there than here'
  const rule = contentIn(next, 'm.room.join_rules')?.['join_rule']
  const history = contentIn(next, 'm.room.history_visibility')?.['history_visibility']
  const guests = contentIn(next, 'm.room.guest_access')?.['guest_access']
  const isClosed = rule === 'invite' || rule === 'knock'
  const isOpen = !isClosed || history === 'world_readable' || guests === 'can_join'
  return isOpen ? 'people may come in there whom nobody let in here' : undefined
}

/** Rooms that go round in a circle, or are another portal. */
async function isTaken({ from, to }: FollowRoom, deps: Deps): Promise<boolean> {
  if (from === to || (await isLost(to, deps))) return true
  return (await deps.store.findPortalByRoom(to)) !== undefined
}

/**
 * The room is not followed. While people and ghosts may speak in it, it stays what it was; else it is
 * given up, and the next post opens another one.
 */
async function stay(
  portal: Portal,
  { old, to, why }: { readonly old: RoomState; readonly to: RoomId; readonly why: string },
  deps: Deps,
): Promise<JobResult> {
  const { roomId } = portal
  deps.log.warn({ room: roomId, to, why }, 'a room is not followed into the next')
  const end = { change: 'unmark', key: awaitedMark(to) } as const
  if (!isOpenToAll(old))
    return { outcome: 'given up', changes: [end, ...(await losing(portal, deps))] }
  const text = `This room is said to go on in another one. I do not follow: ${why}. What is posted goes on here.`
  const told = tellJob({ key: `not followed ${roomId} ${to}`, roomId, text })
  return { outcome: 'refused', changes: [end, told] }
}

/** What a room of ours has that homeservers do not always bring along. Idempotent. */
async function arrange(portal: Portal, to: RoomId, deps: Deps): Promise<void> {
  // The room of a group is its people's own.
  if (portal.kind === 'group') return
  const { homeserver } = deps
  const { bot } = deps.identity
  const { alias: first, name, state } = await requestFor(portal, deps)
  if (first !== undefined) {
    const alias = aliasAgain(first, await againOf(portal, deps))
    await homeserver.moveAlias(alias, to)
    const content = { [name === undefined ? hiddenAlias : 'alias']: alias }
    await homeserver.setState(bot, to, { type: 'm.room.canonical_alias', stateKey: '', content })
  }
  for (const event of state) await homeserver.setState(bot, to, event)
}

/** Who read it before, and still may. */
async function readersOf(portal: Portal, deps: Deps): Promise<readonly UserId[]> {
  const readers: UserId[] = []
  if (portal.kind === 'group') return readers
  for (const userId of await deps.store.membersOf(portal.roomId, ['join', 'invite'])) {
    if (isOurs(userId, deps)) continue
    if (portal.kind === 'actor' && !(await isReadInRoom(userId, portal.actorId, deps))) continue
    if (portal.kind === 'moderation' && deps.permissionOf(userId) !== 'admin') continue
    readers.push(userId)
  }
  return readers
}

/** The portal is the next room from now on: one commit, so that a post is in the one or the other. */
async function moveTo(portal: Portal, to: RoomId, deps: Deps): Promise<readonly Change[]> {
  const { roomId: from } = portal
  const now = deps.clock.now()
  const packs = await deps.homeserver.findImagePacks(deps.identity.bot, to)
  const readers = await readersOf(portal, deps)
  const pins =
    portal.kind === 'actor' ? [accountJob({ type: 'pins', actorId: portal.actorId }, to)] : []
  return [
    { change: 'remove-portal', roomId: from },
    { change: 'put-portal', portal: { ...portal, roomId: to } },
    lost(from, now),
    ...(portal.kind === 'group' ? groupMoved(portal, to, now) : []),
    { change: 'unmark', key: awaitedMark(to) },
    ...packs.map((pack): Change => ({ change: 'put-image-pack', pack: { ...pack, roomId: to } })),
    ...readers.flatMap((userId) => inviteJob(to, userId, deps)),
    ...pins.map((job): Change => ({ change: 'enqueue', job })),
    ...goesOnIn({ from, to, text: `This room goes on in another one: ${matrixLink(to)}` }, deps),
  ]
}

/** In, or later: somebody has to invite the bot first. */
async function enter(to: RoomId, job: Job, deps: Deps): Promise<JobResult | 'in' | 'kept out'> {
  try {
    await deps.homeserver.join(deps.identity.bot, to)
    return 'in'
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    const now = deps.clock.now()
    if (now >= job.addedAt + patience) return 'kept out'
    const pause = Math.min(Math.max(firstPause, now - job.addedAt), longestPause)
    return { park: { until: now + pause, reason: error.message } }
  }
}

/**
 * Goes with a room of ours into the one that replaces it, where that was said by somebody with the power
 * to, and the next room says the same. Nothing of it is believed that the homeserver does not say.
 */
export async function followRoom(work: FollowRoom, job: Job, deps: Deps): Promise<JobResult> {
  const { from, to } = work
  const { homeserver, store } = deps
  const { bot } = deps.identity
  const portal = await store.findPortalByRoom(from)
  if (portal === undefined || isByInvite(portal))
    return { outcome: 'skipped: no-place', changes: [] }
  const old = await homeserver.roomState(bot, from)
  if (!isSaid(old, work))
    return {
      outcome: 'skipped: not-permitted',
      changes: [{ change: 'unmark', key: awaitedMark(to) }],
    }
  const refuse = (why: string) => stay(portal, { old, to, why }, deps)
  if (await isTaken(work, deps)) return refuse('that room is another one of mine')
  if ((await store.draftsIn(from)).length > 0)
    return {
      park: { until: deps.clock.now() + draftPause, reason: 'what was written goes out first' },
    }
  const entered = await enter(to, job, deps)
  if (entered === 'kept out') return refuse('I was not let in')
  if (entered !== 'in') return entered
  const next = await homeserver.roomState(bot, to)
  const why = refusalOf(work, { kind: portal.kind, old, next }, deps)
  if (why !== undefined) {
    await homeserver.leave(bot, to, why)
    return refuse(why)
  }
  await arrange(portal, to, deps)
  await recordMembers(to, bot, deps)
  return { outcome: 'done', changes: await moveTo(portal, to, deps) }
}
