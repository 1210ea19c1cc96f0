import type { ActivityPayload } from './activitypub/parse-payload.ts'
import type { Change } from './model/change.ts'
import type { Deps } from './bridge/ports.ts'
import type { DeliveryPayload, Job } from './model/job.ts'
import type { Forwarded } from './activitypub/forwarded.ts'
import type { Handlers, JobResult } from './model/job-result.ts'
import type { Json } from './activitypub/parse-values.ts'
import type { MatrixEvent } from './model/event.ts'
import type { UserId } from './model/ids.ts'
import type { Upkeep } from './bridge/upkeep.ts'
import { RejectedError, TransientError } from './model/errors.ts'
import { announcedJob, broughtJob, readPayload } from './activitypub/parse-payload.ts'
import { parseActivity } from './activitypub/parse.ts'
import { isGivenUp, isReaction, receiveAnnounced } from './bridge/announced.ts'
import { receiveContained } from './bridge/contained.ts'
import { readAccountWork } from './bridge/account-work.ts'
import { doAccountWork } from './bridge/do-account-work.ts'
import { stopBlocked } from './bridge/stop-blocked.ts'
import { endOfFarewell, stopDeleted } from './bridge/farewell.ts'
import { giveUpDrafts } from './bridge/drafts.ts'
import { giveUpExport } from './bridge/export.ts'
import { withForwarding } from './bridge/forwarding.ts'
import { withGroups } from './bridge/groups-heard.ts'
import { giveUpDelivery, tellUndone } from './bridge/give-up.ts'
import { giveUpInvite } from './bridge/invites.ts'
import { giveUpLate } from './bridge/late-people.ts'
import { mindingLost } from './bridge/lost-rooms.ts'
import { receiveActivity } from './bridge/receive-activity.ts'
import { commandIn, receiveEvent } from './bridge/receive-event.ts'
import { isOurs } from './bridge/portals.ts'
import { pressReport } from './bridge/report-buttons.ts'
import { tellJob } from './bridge/tell-job.ts'
import { doUpkeep } from './bridge/upkeep.ts'
import { lookingUpFew, meet } from './bridge/user-limits.ts'
import { waitingUntil, withoutWaiting } from './bridge/without-waiting.ts'
import { runCommand } from './commands/run.ts'
import { parseEvent } from './matrix/parse.ts'

export type HandlerDeps = {
  readonly deps: Deps
  readonly deliver: (payload: string, isRepeated: boolean) => Promise<void>
  /** What to believe of an activity that its actor did not bring. */
  readonly readForwarded: (forwarded: Forwarded) => Promise<Json>
}

const skipped = (reason: string): JobResult => ({ outcome: `skipped: ${reason}`, changes: [] })

/** What another server says is final and no fault of ours: counted, not kept as a failure. */
const theirFaults: ReadonlySet<string> = new Set([
  'domain-blocked',
  'opted-out',
  'gone',
  'not-found',
  'hostile',
  'not-activitypub',
  'forwarded',
  'forbidden-address',
  'forbidden-url',
  'too-large',
  'not-permitted',
  'unusable-key',
])

const documentOf = (payload: ActivityPayload, { readForwarded }: HandlerDeps): unknown =>
  payload.kind === 'document' ? payload.document : readForwarded(payload)

/** Of what a group told, the reaction as its own server says it. Nobody waits for that. */
async function readReaction(
  payload: ActivityPayload,
  job: Job,
  handler: HandlerDeps,
): Promise<JobResult> {
  try {
    const document = await documentOf(payload, handler)
    const activity = parseActivity(document, handler.deps.clock.now())
    if (!isReaction(activity)) return skipped('unsupported')
    return await receiveActivity(activity, job, handler.deps)
  } catch (error) {
    if (isGivenUp(error, job)) return skipped('unreachable')
    throw error
  }
}

async function handleActivity(job: Job, handler: HandlerDeps): Promise<JobResult> {
  const { deps } = handler
  const work = readAccountWork(job.payload)
  if (work !== undefined) return doAccountWork(work, job, deps)
  try {
    const payload = readPayload(job.payload)
    if (payload.kind === 'fetch' && payload.isAnnounced === true)
      return await readReaction(payload, job, handler)
    const document = await documentOf(payload, handler)
    const activity = parseActivity(document, deps.clock.now())
    if (activity.type === 'announced') return await receiveAnnounced(activity, announcedJob, deps)
    const isOriginal = payload.kind === 'document'
    if (activity.type === 'contained') {
      // What was fetched could name the next, and that one another, without an end.
      if (!isOriginal) return skipped('contained-again')
      return await receiveContained(activity, broughtJob, deps)
    }
    const original = isOriginal ? job.payload : JSON.stringify(document)
    const result = await receiveActivity(activity, job, deps)
    const told = await withGroups(result, { activity, original }, deps)
    return isOriginal ? await withForwarding(told, { activity, original }, deps) : told
  } catch (error) {
    if (
      !(error instanceof RejectedError) ||
      error.code === undefined ||
      !theirFaults.has(error.code)
    )
      throw error
    return skipped(error.code)
  }
}

function eventOf(job: Job): MatrixEvent | undefined {
  const event = parseEvent(JSON.parse(job.payload))
  return 'skip' in event ? undefined : event
}

/** How long people in a room wait for the server of somebody else there whom nobody has seen before. */
const lookUpPatience = 600_000
/** Where nobody else waits. Tries end after a day, and the last of them still tells what came of it. */
const lonelyPatience = 20 * 3_600_000

async function endOfPatience({ roomId }: MatrixEvent, job: Job, deps: Deps): Promise<number> {
  const present = await deps.store.membersOf(roomId, ['join'])
  const isOthersToo = present.some((userId) => isOurs(userId, deps))
  return job.addedAt + (isOthersToo ? lookUpPatience : lonelyPatience)
}

/** Whoever cannot be looked up keeps a room waiting for so long, and not until a try that comes later. */
async function receivePatiently(event: MatrixEvent, job: Job, deps: Deps): Promise<JobResult> {
  const now = deps.clock.now()
  const mayBeLate = now - job.addedAt >= lookUpPatience
  if (mayBeLate && now >= (await endOfPatience(event, job, deps)))
    return receiveEvent(event, job, withoutWaiting(deps))
  return waitingUntil(
    () => receiveEvent(event, job, deps),
    () => endOfPatience(event, job, deps),
  )
}

type Member = MatrixEvent & { type: 'member' }

const seenKey = (eventId: string): string => `seen ${eventId}`

async function handleEvent(job: Job, { deps }: HandlerDeps): Promise<JobResult> {
  const event = eventOf(job)
  if (event === undefined) return skipped('malformed')
  if ((await deps.store.findMark(seenKey(event.eventId))) !== undefined)
    return skipped('already-known')
  const result = await handleParsed(event, job, deps)
  if (event.type !== 'member' || !(await isOurJoin(event, deps))) return result
  // First what this invite came to: another one among the missed must not tell it again.
  if ('changes' in result) await deps.store.commit(result.changes)
  await handleMissed(event, job, deps)
  return result
}

async function handleParsed(event: MatrixEvent, job: Job, given: Deps): Promise<JobResult> {
  const deps = lookingUpFew(given)
  const line = await commandIn(event, deps)
  if (line !== undefined && event.type === 'message') {
    await meet(event.sender, deps)
    return runCommand(line, event, { job, deps })
  }
  return (await pressReport(event, job, deps)) ?? receivePatiently(event, job, deps)
}

/** Whether this invite brought our bot or a ghost of ours into the room. */
async function isOurJoin(event: Member, deps: Deps): Promise<boolean> {
  if (event.membership !== 'invite' || !isOurs(event.user, deps) || isOurs(event.sender, deps))
    return false
  return (await deps.store.findMembership(event.roomId, event.user)) === 'join'
}

/**
 * What was said between an invite and the join was never pushed to us. It is done within the job of
 * the invite, before anything newer of the room: an edit must not come before its message. Each is
 * marked with what it changes, so that neither a repetition nor a push of it does it again.
 */
async function handleMissed(invite: Member, job: Job, deps: Deps): Promise<void> {
  const names = { isOurs: (userId: UserId) => isOurs(userId, deps) }
  const { jobs, isCut } = await deps.homeserver.jobsSinceInvite(invite.user, invite.roomId, names)
  if (isCut) await deps.store.commit([tellCut(invite, deps)])
  for (const one of jobs) {
    const event = eventOf({ ...job, ...one })
    if (event === undefined || (await deps.store.findMark(seenKey(one.key))) !== undefined) continue
    await deps.store.commit(await changesOfMissed(event, { ...job, ...one }, deps))
  }
}

/** What is further back is lost to the fediverse; whoever wrote it has to know. */
function tellCut({ eventId, roomId }: Member, { log }: Deps): Change {
  log.warn({ room: roomId }, 'more was written before the invite was accepted than is read back')
  return tellJob({
    key: `cut ${eventId}`,
    roomId,
    text: 'Only the newest 500 of what was written before I came were read. What is older went nowhere; send it again where it matters.',
  })
}

/** An event that fails by itself gets a job of its own, and with it tries and an end that is told. */
async function changesOfMissed(
  event: MatrixEvent,
  job: Job,
  deps: Deps,
): Promise<readonly Change[]> {
  const { kind, key, lane, payload } = job
  const alone: Change = { change: 'enqueue', job: { kind, key, lane, payload } }
  try {
    const result = await handleParsed(event, { ...job, claims: 1 }, deps)
    if ('park' in result) return [alone]
    const mark = { change: 'mark', key: seenKey(key), value: '', at: deps.clock.now() } as const
    return [...result.changes, mark]
  } catch (error) {
    if (error instanceof TransientError) throw error
    return [alone]
  }
}

/** What a job of each kind does: the one place where kinds meet their work. */
export function createHandlers(handler: HandlerDeps): Handlers {
  const { deps } = handler
  return {
    activity: (job) => mindingLost(() => handleActivity(job, handler), deps),
    event: (job) => mindingLost(() => handleEvent(job, handler), deps),
    delivery: async (job) => {
      const payload = JSON.parse(job.payload) as DeliveryPayload
      const stopped = (await stopDeleted(payload, deps)) ?? (await stopBlocked(payload, deps))
      if (stopped !== undefined) return stopped
      await handler.deliver(job.payload, job.attempts > 0)
      return { outcome: 'delivered', changes: endOfFarewell(payload, true) }
    },
    upkeep: (job) =>
      mindingLost(() => doUpkeep(JSON.parse(job.payload) as Upkeep, job, deps), deps),
  }
}

/** What is still to be said when a job goes to the dead letters; committed with its burial. */
export function giveUpHandlers(deps: Deps) {
  return {
    delivery: (job: Job, error: unknown): Promise<readonly Change[]> =>
      giveUpDelivery(job, error, deps),
    event: async (job: Job, error: unknown): Promise<readonly Change[]> => {
      const event = eventOf(job)
      return event === undefined ? [] : tellUndone(event, error, deps)
    },
    upkeep: async (job: Job, error: unknown): Promise<readonly Change[]> => {
      const upkeep = JSON.parse(job.payload) as Upkeep
      if (upkeep.type === 'late') return giveUpLate(upkeep)
      if (upkeep.type === 'export') return giveUpExport(upkeep, error)
      if (upkeep.type === 'drafts')
        return giveUpDrafts(upkeep.roomId, (message) => tellUndone(message, error, deps), deps)
      return upkeep.type === 'invite' ? giveUpInvite(upkeep, error, deps) : []
    },
  }
}
