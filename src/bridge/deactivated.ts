import type { ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { RejectedError } from '../model/errors.ts'
import { forgetMe } from './forget-steps.ts'

/** Looks for accounts of Matrix that are deactivated; payload of an `upkeep` job. */
export type Deactivated =
  /** Those behind that one, once a day. */
  | { readonly type: 'deactivated'; readonly day: number; readonly after: string }
  /** One that was gone a day ago. */
  | { readonly type: 'deactivated-still'; readonly actorId: ActorId }

/** People looked at in one job; the next one goes on. */
const atOnce = 100
const dayInMs = 86_400_000

export function deactivatedJob(day: number, after = ''): Change {
  const job = {
    kind: 'upkeep',
    key: `deactivated ${String(day)} ${after}`,
    lane: 'upkeep:deactivated',
    payload: JSON.stringify({ type: 'deactivated', day, after } satisfies Deactivated),
  } as const
  return { change: 'enqueue', job }
}

function stillJob(actorId: ActorId, day: number, now: number): Change {
  const job = {
    kind: 'upkeep',
    key: `deactivated still ${actorId} ${String(day)}`,
    lane: `upkeep:deactivated ${actorId}`,
    payload: JSON.stringify({ type: 'deactivated-still', actorId } satisfies Deactivated),
    runAt: now + dayInMs,
  } as const
  return { change: 'enqueue', job }
}

/**
 * Whether our own homeserver says for certain that somebody is not there. Synapse says so of whoever
 * was deactivated and erased; of all others, and of whoever is on another server, nothing is certain.
 * Throws while it is away. Any refusal says nothing of them.
 */
async function isGone(userId: UserId, { homeserver, identity }: Deps): Promise<boolean> {
  if (!userId.endsWith(`:${identity.serverName}`)) return false
  try {
    return !(await homeserver.hasProfile(userId))
  } catch (error) {
    if (error instanceof RejectedError) return false
    throw error
  }
}

async function lookForSome(
  { day, after }: Deactivated & { readonly type: 'deactivated' },
  deps: Deps,
): Promise<readonly Change[]> {
  const people = await deps.store.actorsNowhere(after, atOnce)
  const changes: Change[] = []
  for (const { id, userId } of people)
    if (await isGone(userId, deps)) changes.push(stillJob(id, day, deps.clock.now()))
  const last = people.length < atOnce ? undefined : people.at(-1)
  return last === undefined ? changes : [...changes, deactivatedJob(day, last.id)]
}

async function lookAgain(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const actor = await deps.store.findLocalActor(actorId)
  if (actor === undefined || actor.deletedAt !== undefined) return []
  const { userId } = actor
  if ((await deps.store.roomsOf(userId, 'join')).length > 0) return []
  if (!(await isGone(userId, deps))) return []
  deps.log.warn(
    { user: userId, actor: actorId },
    'an account of Matrix was deactivated and erased: it is deleted on the fediverse, and forgotten',
  )
  return forgetMe(actor, deps)
}

/**
 * Who is in no room of ours and is not there any more, today and a day later, is treated as if they
 * had asked to be forgotten. Safe to run again.
 */
export const doDeactivated = (work: Deactivated, deps: Deps): Promise<readonly Change[]> =>
  work.type === 'deactivated' ? lookForSome(work, deps) : lookAgain(work.actorId, deps)
