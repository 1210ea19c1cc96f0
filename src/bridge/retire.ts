import type { ActorId, RoomId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import { unlessShut } from './closed-rooms.ts'
import { performTell, redactOnce } from './perform-message.ts'
import { putOut } from './groups-told.ts'
import { isOurs } from './matrix-ids.ts'
import { expandPublish } from './publish.ts'
import { txnIdOf } from './txn.ts'

const retireBatch = 200
/** Posts that groups take back in one run: each is told to all their followers. */
const putOutBatch = 5

/** Groups of ours go on to show nothing of the account. */
async function endBoosts(author: ActorId, deps: Deps): Promise<readonly Change[]> {
  const ended: Change[] = []
  for (const announced of await deps.store.groupBoostsOf(author, putOutBatch)) {
    const of = { group: announced.actor, object: announced.object, author }
    const { publish, changes } = await putOut(of, announced, deps)
    for (const one of publish) ended.push(...(await expandPublish(one, deps)))
    ended.push(...changes)
  }
  return ended
}

/** Says whether there may be more. */
async function takeOut(
  mappings: readonly Mapping[],
  attempt: Attempt,
  deps: Deps,
): Promise<boolean> {
  for (const mapping of mappings) {
    const { roomId, eventId, sender } = mapping
    const txnId = txnIdOf(sender, roomId, eventId, 'retire')
    await unlessShut(async () => {
      if (isOurs(sender, deps)) await redactOnce(mapping, txnId, { ...attempt, deps })
      return []
    })
    await deps.store.commit([{ change: 'remove-mapping', roomId, eventId }])
  }
  return mappings.length === retireBatch
}

type Leaving = {
  /** What its room is told as the last thing. */
  readonly told: string
  /** Goes on where one run has done enough. */
  readonly again: Change
}

/** Everything a deleted account wrote here goes, then its ghost leaves. Bounded a run; resumes by an upkeep job. */
export async function retireActor(
  actorId: ActorId,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const told = 'This account was deleted by its owner or its server.'
  const again = { change: 'enqueue', job: retireJob(actorId, deps) } as const
  const changes = await takeAway(actorId, { told, again }, { ...attempt, deps })
  return [{ change: 'delete-remote-actor', id: actorId }, ...changes]
}

/** Everything that an account wrote here goes, out of groups first, then its ghost leaves and its room is closed. */
export async function takeAway(
  actorId: ActorId,
  { told, again }: Leaving,
  { deps, ...attempt }: Attempt & { readonly deps: Deps },
): Promise<readonly Change[]> {
  const ended = await endBoosts(actorId, deps)
  if (ended.length > 0) return [...ended, again]
  const ghost = await deps.store.findGhost(actorId)
  // What others boosted of it, and what was told of its polls, has other senders.
  const isMore = await takeOut(
    await deps.store.mappingsByAuthor(actorId, retireBatch),
    attempt,
    deps,
  )
  const own =
    ghost === undefined ? [] : await deps.store.mappingsBySender(ghost.userId, retireBatch)
  if ((await takeOut(own, attempt, deps)) || isMore) return [again]
  const changes: Change[] = [...(await unquote(actorId, deps))]
  if (ghost === undefined) return changes
  for (const roomId of await deps.store.roomsOf(ghost.userId, 'join')) {
    await deps.homeserver.leave(ghost.userId, roomId)
    changes.push({ change: 'put-membership', roomId, userId: ghost.userId, membership: 'leave' })
  }
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return changes
  return [...changes, ...(await closePortal(portal.roomId, told, { ...attempt, deps }))]
}

/** What others quoted of the account's posts goes as well: anew each time, an account may come again and go again. */
async function unquote(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  if ((await deps.store.quotationsOf(actorId, { limit: 1 })).length === 0) return []
  const job = {
    kind: 'upkeep',
    key: `requote ${actorId} ${deps.random.id()}`,
    lane: `upkeep:requote ${actorId}`,
    payload: JSON.stringify({ type: 'requote', of: actorId }),
  } as const
  return [{ change: 'enqueue', job }]
}

const retireJob = (actorId: ActorId, deps: Deps) =>
  ({
    kind: 'upkeep',
    key: `retire ${actorId} ${deps.random.id()}`,
    lane: `upkeep:retire ${actorId}`,
    payload: JSON.stringify({ type: 'retire', actorId }),
  }) as const

/** Readers are told why nothing will come any more; the room stays theirs to read. */
async function closePortal(
  roomId: RoomId,
  text: string,
  { deps, ...attempt }: Attempt & { readonly deps: Deps },
): Promise<readonly Change[]> {
  const place = { kind: 'room', roomId } as const
  const told = await performTell(
    { do: 'tell', place, text, key: `closed ${roomId}` },
    attempt,
    deps,
  )
  return [...told, { change: 'remove-portal', roomId }]
}
