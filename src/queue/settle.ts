import type { Change } from '../model/change.ts'
import type { Job } from '../model/job.ts'
import { mostFailingDays, nextTry } from './retry.ts'
import { isForHomeserver } from '../model/job.ts'
import { TransientError } from '../model/errors.ts'
import type { JobEnd } from '../model/meter.ts'
import type { Retry } from './queue.ts'
import type { WorkerDeps } from './handler.ts'

type Ending = { readonly outcome: string; readonly error?: string; readonly kept: boolean }

/** Runs one job to whatever end it comes to, and logs that in one line. Never rejects. */
export function createSettle(deps: WorkerDeps): (job: Job) => Promise<void> {
  const { clock, log } = deps
  return async (job) => {
    const started = clock.now()
    const line = (outcome: string) => ({
      kind: job.kind,
      key: job.key,
      outcome,
      attempts: job.attempts,
      ms: clock.now() - started,
    })
    try {
      const { outcome, error, kept } = await carryOut(job, deps)
      if (kept) deps.onEnd?.(job, endOf(outcome))
      const fields = error === undefined ? line(outcome) : { ...line(outcome), error }
      if (!kept) log.warn(fields, 'job was no longer ours')
      else if (outcome === 'failed') log.error(fields, 'job')
      else log.info(fields, 'job')
    } catch (error) {
      deps.onEnd?.(job, 'stuck')
      // Its end could not be written (disk full, perhaps): the lease or the next start frees it.
      log.error({ ...line('stuck'), error: textOf(error) }, 'job')
    }
  }
}

const plain: ReadonlySet<string> = new Set<JobEnd>(['parked', 'retry', 'failed'])

function endOf(outcome: string): JobEnd {
  if (outcome.startsWith('skipped')) return 'skipped'
  return plain.has(outcome) ? (outcome as JobEnd) : 'done'
}

async function carryOut(job: Job, deps: WorkerDeps): Promise<Ending> {
  const { queue, handlers } = deps
  try {
    const result = await handlers[job.kind](job)
    if ('park' in result) {
      const kept = await queue.park(job, result.park)
      return { outcome: 'parked', error: result.park.reason, kept }
    }
    const fate = result.isStopped === true ? 'stopped' : undefined
    return { outcome: result.outcome, kept: await queue.finish(job, result.changes, fate) }
  } catch (error) {
    return await fail(job, error, deps)
  }
}

async function fail(job: Job, error: unknown, deps: WorkerDeps): Promise<Ending> {
  const { queue, clock, random } = deps
  const { kind, attempts, claims, addedAt } = job
  const verdict = nextTry({
    kind,
    attempts,
    claims,
    addedAt,
    error,
    now: clock.now(),
    random: random.number(),
    hostFailingSince: await queue.hostFailingSince(job),
    hostFailingDays: await queue.hostFailingDays(job),
  })
  if (verdict === 'give-up') return giveUp(job, error, deps)
  const { at: runAt, counts } = verdict
  const text = messageOf(error)
  const kept = await queue.retry(job, { runAt, counts, error: text, ...blame(job, error) })
  return { outcome: 'retry', error: text, kept }
}

/**
 * An answer of any kind says that a host is well; silence and 5xx that it is not. A job without a
 * host is held up by the homeserver alone; what else it needed says nothing of the homeserver.
 */
function blame(job: Job, error: unknown): Pick<Retry, 'hostFailed'> {
  const isTransient = error instanceof TransientError
  if (job.host === undefined || isForHomeserver(job.kind))
    return isTransient && error.of === 'homeserver' ? { hostFailed: error.retryAt ?? true } : {}
  if (isTransient && error.of === 'remote') return { hostFailed: error.retryAt ?? true }
  return hasStatus(error) ? { hostFailed: false } : {}
}

const hasStatus = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && error.status !== undefined

async function giveUp(job: Job, error: unknown, deps: WorkerDeps): Promise<Ending> {
  const { queue, log } = deps
  const { hostFailed } = blame(job, error)
  const end = hostFailed === undefined ? {} : { hostFailed: hostFailed !== false }
  const changes = [
    ...(await lastChanges(job, error, deps)),
    ...(await ofHost(job, hostFailed, deps)),
  ]
  const text = textOf(error)
  const kept = await queue.bury(job, text, { ...end, changes }).catch((cause: unknown) => {
    if (changes.length === 0) throw cause
    log.error({ kind: job.kind, key: job.key, error: textOf(cause) }, 'nobody could be told')
    return queue.bury(job, text, end)
  })
  return { outcome: 'failed', error: messageOf(error), kept }
}

/** What its host being unavailable from now on comes to. */
async function ofHost(
  job: Job,
  hostFailed: Retry['hostFailed'],
  { queue, onUnavailable }: WorkerDeps,
): Promise<readonly Change[]> {
  const { kind, host } = job
  if (kind !== 'delivery' || host === undefined || hostFailed === undefined || hostFailed === false)
    return []
  const days = await queue.hostFailingDays(job)
  return days >= mostFailingDays ? (onUnavailable?.(host) ?? []) : []
}

/** A hook that fails must not keep a hopeless job at the head of its lane. */
async function lastChanges(
  job: Job,
  error: unknown,
  { onGiveUp, log }: WorkerDeps,
): Promise<readonly Change[]> {
  try {
    return (await onGiveUp?.[job.kind]?.(job, error)) ?? []
  } catch (cause) {
    log.error({ kind: job.kind, key: job.key, error: textOf(cause) }, 'nobody could be told')
    return []
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** With its causes, and with the stack: an unknown error is a bug. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const text = error instanceof TransientError ? error.message : (error.stack ?? error.message)
  return error.cause === undefined ? text : `${text}\ncause: ${textOf(error.cause)}`
}
