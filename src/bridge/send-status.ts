import type { Deps } from './ports.ts'
import type { EventId, UserId } from '../model/ids.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import { asActorId } from '../model/ids.ts'
import { firstEditPart } from '../model/note.ts'
import { attemptOf } from './attempt.ts'
import { unlessShut } from './closed-rooms.ts'
import { serversOf, type ServerFate } from './message-fate.ts'
import { noticeSpeaker } from './perform-message.ts'
import { firstPause, type SendStatus } from './send-status-job.ts'
import { sendOnce } from './speak.ts'
import { txnIdOf } from './txn.ts'

const eventType = 'com.beeper.message_send_status'

const longestPause = 3_600_000
/** Longer than any delivery is tried for. */
const patience = 8 * 86_400_000
/** Servers that the status names. */
const mostNamed = 3

const has = (servers: readonly ServerFate[], state: ServerFate['fate']['state']): boolean =>
  servers.some(({ fate }) => fate.state === state)

/**
 * Whether it is known what came of it: of a private message, at each server; of a post for many, once
 * each was tried and one has it. One that is away for days keeps nobody waiting.
 */
export function isSettled(servers: readonly ServerFate[], isPrivate: boolean): boolean {
  if (!has(servers, 'waiting')) return true
  if (isPrivate || !has(servers, 'done')) return false
  return servers.every(({ fate }) => fate.state !== 'waiting' || fate.attempts > 0)
}

/** Ghosts of those to whose servers a private message came. */
async function deliveredTo(
  { to, cc }: ObjectRecord,
  servers: readonly ServerFate[],
  deps: Deps,
): Promise<readonly UserId[]> {
  const hosts = new Set(servers.filter(({ fate }) => fate.state === 'done').map(({ host }) => host))
  const users: UserId[] = []
  for (const id of [...to, ...cc].map(asActorId)) {
    const ghost = await deps.store.findGhost(id)
    const host = URL.parse(id)?.host ?? ''
    if (ghost !== undefined && hosts.has(host)) users.push(ghost.userId)
  }
  return users
}

async function outcomeOf(
  post: ObjectRecord,
  servers: readonly ServerFate[],
  deps: Deps,
): Promise<Readonly<Record<string, unknown>>> {
  const isPrivate = post.visibility === 'direct'
  const missed = servers.filter(({ fate }) => fate.state !== 'done')
  const isMissed = isPrivate ? missed.length > 0 : servers.length > 0 && !has(servers, 'done')
  const delivered = isPrivate ? { delivered_to_users: await deliveredTo(post, servers, deps) } : {}
  if (!isMissed) return { status: 'SUCCESS', ...delivered }
  const named = missed.slice(0, mostNamed).map(({ host }) => host)
  const more = missed.length > mostNamed ? ` and ${String(missed.length - mostNamed)} more` : ''
  return {
    status: 'FAIL_PERMANENT',
    reason: 'm.foreign_network_error',
    message: `Not delivered to ${named.join(', ')}${more}.`,
    ...delivered,
  }
}

/** The messages that the post was made of. */
async function messagesOf({ id, author }: ObjectRecord, deps: Deps): Promise<readonly Mapping[]> {
  const owner = await deps.store.findLocalActor(author)
  if (owner === undefined) return []
  const mappings = await deps.store.mappingsOf(id)
  return mappings.filter(({ sender, part }) => sender === owner.userId && part < firstEditPart)
}

async function tell(
  { roomId, eventId }: { readonly roomId: Mapping['roomId']; readonly eventId: EventId },
  outcome: Readonly<Record<string, unknown>>,
  { isRepeated, deps }: { readonly isRepeated: boolean; readonly deps: Deps },
): Promise<void> {
  const by = await noticeSpeaker(roomId, deps)
  if (by === undefined) return
  const message = {
    type: eventType,
    txnId: txnIdOf(by, roomId, eventId, 'send status'),
    content: {
      'm.relates_to': { rel_type: 'm.reference', event_id: eventId },
      network: 'activitypub',
      ...outcome,
    },
  }
  await unlessShut(async () => {
    await sendOnce(by, roomId, { message, isRepeated, deps })
    return []
  })
}

/** Says it once, when it is known, below each message of the post. Safe to run again. */
export async function sendStatus({ object }: SendStatus, job: Job, deps: Deps): Promise<JobResult> {
  const post = await deps.store.findObject(object)
  if (post === undefined || post.deletedAt !== undefined) return { outcome: 'done', changes: [] }
  const { servers } = await serversOf(post, deps)
  const now = deps.clock.now()
  const age = now - job.addedAt
  if (age < patience && !isSettled(servers, post.visibility === 'direct')) {
    const pause = Math.min(Math.max(firstPause, Math.ceil(age / 4)), longestPause)
    return { park: { until: now + pause, reason: 'it is not known yet what came of the message' } }
  }
  const outcome = await outcomeOf(post, servers, deps)
  const { isRepeated } = attemptOf(job)
  for (const mapping of await messagesOf(post, deps))
    await tell(mapping, outcome, { isRepeated, deps })
  return { outcome: 'done', changes: [] }
}
