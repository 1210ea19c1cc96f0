import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Portal } from '../model/portal.ts'
import { isDeepStrictEqual } from 'node:util'
import { asUserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { marksOfDay } from '../model/mark.ts'
import { groupUsername, splitMatrixId } from '../model/names.ts'
import { firstFree, isFreeUsername } from './actors.ts'
import { outNoMore } from './group-end.ts'
import { aliasIn, groupFactsIn, isOpenToJoin, isShownByGroup, nameIn } from './group-facts.ts'
import { allowedAgain, found, groupAgain, groupEnded } from './lost-marks.ts'
import { newActorId } from './new-ids.ts'
import { shownAs } from './own-profile.ts'
import type { RoomState } from './room-power.ts'

/** The room of a group says something else of itself; payload of an `upkeep` job. */
export type OwnGroupWork = { readonly type: 'own-group'; readonly actorId: ActorId }

/** Groups that one person opens in a day: the name of each is taken for ever. */
const mostOpened = 5

/** Nobody passes for somebody of the homeserver who has not come here yet. */
async function isPersons(username: string, { homeserver, identity }: Deps): Promise<boolean> {
  try {
    return await homeserver.hasProfile(asUserId(`@${username}:${identity.serverName}`))
  } catch (error) {
    if (error instanceof RejectedError) return false
    throw error
  }
}

const isFree = async (username: string, deps: Deps): Promise<boolean> =>
  (await isFreeUsername(username, deps)) && !(await isPersons(username, deps))

/** By its alias where everybody may know that, else by its name. */
function usernameFrom(state: RoomState, { identity }: Deps): (attempt: number) => string {
  const { localpart = '' } =
    splitMatrixId((isOpenToJoin(state) ? aliasIn(state) : undefined) ?? '', '#') ?? {}
  const words = [localpart.startsWith(identity.prefix) ? '' : localpart, nameIn(state) ?? '']
  const base = words.find((text) => groupUsername(text) !== '') ?? 'room'
  return (attempt) => groupUsername(base, attempt)
}

type Opening = {
  readonly roomId: RoomId
  readonly by: UserId
  /** A name that `groupUsername` leaves as it is; absent: one that the room suggests. */
  readonly name?: string
  readonly state: RoomState
}

/** Asks the homeserver about each, which takes its time: nobody else waits for that. */
async function chooseName({ name, state }: Opening, deps: Deps): Promise<string | undefined> {
  const free = (username: string): Promise<boolean> => isFree(username, deps)
  if (name === undefined) return firstFree(usernameFrom(state, deps), free)
  return (await free(name)) ? name : undefined
}

const hasOpenedEnough = async (opened: string, { store }: Deps): Promise<boolean> =>
  (await store.countMarks(opened)) >= mostOpened

/** Makes an actor of a room that is nothing else. Idempotent, but for what was refused. */
export async function openGroup(
  opening: Opening,
  deps: Deps,
): Promise<LocalActor | 'taken' | 'too-often'> {
  const { roomId, by, state } = opening
  const { store } = deps
  const now = deps.clock.now()
  const opened = marksOfDay('groups opened', by, now)
  const before = await store.findGroupByRoom(roomId)
  if (before !== undefined) return before
  if (await hasOpenedEnough(opened, deps)) return 'too-often'
  const username = await chooseName(opening, deps)
  if (username === undefined) return 'taken'
  return deps.locks('register', async () => {
    const known = await store.findGroupByRoom(roomId)
    if (known !== undefined) return known
    if (await hasOpenedEnough(opened, deps)) return 'too-often'
    // Somebody may have been quicker.
    if (!(await isFreeUsername(username, deps))) return 'taken'
    const id = newActorId(deps)
    const actor: LocalActor = {
      ...groupFactsIn(state, deps),
      ...{ id, userId: asUserId(id), username, createdAt: now },
    }
    await store.commit([
      { change: 'put-local-actor', actor },
      { change: 'put-portal', portal: { kind: 'group', actorId: id, roomId } },
      ...[found(roomId), allowedAgain(roomId), groupAgain(roomId), outNoMore(roomId)],
      // Somebody may have agreed at the moment when it ended.
      { change: 'remove-consents', roomId },
      { change: 'mark', key: `${opened}${deps.random.id()}`, value: '', at: now },
    ])
    return actor
  })
}

/** What changes in this time is told together, after the first of it; milliseconds. */
const together = 600_000
/** A name and a topic that are set at once are told at once; milliseconds. */
const moment = 5_000

function groupJob(actorId: ActorId, occasion: string, runAt?: number): Change {
  const job = {
    kind: 'upkeep',
    key: `own-group ${actorId} ${occasion}`,
    lane: `upkeep:own-group ${actorId}`,
    payload: JSON.stringify({ type: 'own-group', actorId } satisfies OwnGroupWork),
    ...(runAt === undefined ? {} : { runAt }),
  } as const
  return { change: 'enqueue', job }
}

/** The first of some minutes is soon shown, and at their end what else changed; each once. */
function newsJobs(actorId: ActorId, now: number): readonly Change[] {
  const slot = Math.floor(now / together)
  return [
    groupJob(actorId, `first ${String(slot)}`, now + moment),
    groupJob(actorId, `rest ${String(slot)}`, (slot + 1) * together + 2 * moment),
  ]
}

/** A new name, topic, picture or address of a group's room; undefined: it is none of that. */
export async function receiveGroupNews(
  event: MatrixEvent,
  deps: Deps,
): Promise<JobResult | undefined> {
  if (event.type !== 'other' || !isShownByGroup(event.name)) return undefined
  const group = await deps.store.findGroupByRoom(event.roomId)
  if (group === undefined) return undefined
  return { outcome: 'noted', changes: newsJobs(group.id, deps.clock.now()) }
}

/** Shows what the room of a group says now, and tells its followers' servers. Idempotent. */
export async function refreshGroup(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const portal = await deps.store.findPortal({ kind: 'group', actorId })
  if (portal === undefined) return []
  const state = await deps.homeserver.roomState(deps.identity.bot, portal.roomId)
  await deps.locks(`profile ${actorId}`, async () => {
    const actor = await deps.store.findLocalActor(actorId)
    if (actor === undefined || actor.deletedAt !== undefined) return
    const { id, userId, username, createdAt } = actor
    const changed: LocalActor = {
      ...groupFactsIn(state, deps),
      ...{ id, userId, username, createdAt },
    }
    if (isDeepStrictEqual(changed, actor)) return
    await deps.store.commit(await shownAs(changed, deps))
  })
  return []
}

/** The group goes on in the next room, and so does who agreed to appear in it. */
export const groupMoved = (
  { roomId: from, actorId }: Portal & { kind: 'group' },
  to: RoomId,
  at: number,
): readonly Change[] => [
  { change: 'move-consents', from, to },
  groupEnded(from, at),
  groupAgain(to),
  groupJob(actorId, to),
]
