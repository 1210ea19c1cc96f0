import type { ActorId, RoomId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import type { PublishAction } from '../model/action.ts'
import type { Reaction } from '../model/relation.ts'
import { innerOf } from '../model/outgoing.ts'
import { unlessShut } from './closed-rooms.ts'
import { performTell, redactOnce } from './perform-message.ts'
import { audienceOf, putOut, type Telling } from './groups-told.ts'
import { isOurs } from './matrix-ids.ts'
import { newActivityId } from './new-ids.ts'
import { expandPublish } from './publish.ts'
import { txnIdOf } from './txn.ts'

const retireBatch = 200
/** Boosts that are taken back in one run: each is told to all followers of who boosted. */
const endedBatch = 5

/** Whose posts were boosted, and where they hear that it is over. */
type Boosted = { readonly author: ActorId; readonly inbox: string | undefined }

/** Somebody here has boosted it: their followers hear that it is over, and whose post it is, too. */
async function endBoost(
  boosted: Reaction,
  inbox: string | undefined,
  deps: Deps,
): Promise<Telling> {
  const { activityId, actor, object } = boosted
  const inner = innerOf(boosted)
  const mappings = await deps.store.mappingsOf(activityId)
  const undo: PublishAction = {
    do: 'publish',
    activity: { type: 'undo', id: newActivityId(deps), actor, inner, ...audienceOf(actor) },
    recipients: [],
    toFollowers: true,
    inboxes: inbox === undefined ? [] : [inbox],
    order: object,
  }
  return {
    publish: [undo],
    changes: [
      { change: 'remove-reaction', activityId },
      ...mappings.map(
        ({ roomId, eventId }) => ({ change: 'remove-mapping', roomId, eventId }) as const,
      ),
    ],
  }
}

/** Nobody of ours, and no group, goes on to show anything of the account. */
async function endBoosts({ author, inbox }: Boosted, deps: Deps): Promise<readonly Change[]> {
  const ended: Change[] = []
  for (const boosted of await deps.store.ownBoostsOfAuthor(author, endedBatch)) {
    const { actor, object } = boosted
    const isOfGroup = (await deps.store.findLocalActor(actor))?.group !== undefined
    const { publish, changes } = isOfGroup
      ? await putOut({ group: actor, object, author }, boosted, deps)
      : await endBoost(boosted, inbox, deps)
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
  /** Its server takes nothing for it any more. */
  readonly isGone?: true
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
  const changes = await takeAway(actorId, { told, again, isGone: true }, { ...attempt, deps })
  return [{ change: 'delete-remote-actor', id: actorId }, ...changes]
}

/** Everything that an account wrote here goes, what people and groups here boosted of it first, then its ghost leaves and its room is closed. */
export async function takeAway(
  actorId: ActorId,
  { told, again, isGone }: Leaving,
  { deps, ...attempt }: Attempt & { readonly deps: Deps },
): Promise<readonly Change[]> {
  const inbox = isGone === true ? undefined : (await deps.store.findRemoteActor(actorId))?.inbox
  const ended = await endBoosts({ author: actorId, inbox }, deps)
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
