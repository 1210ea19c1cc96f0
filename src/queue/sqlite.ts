import { createClaim } from './claim.ts'
import { createDeadLetters } from './failed.ts'
import { dropping } from './dropping.ts'
import { createEnqueue, jobHash } from './enqueue.ts'
import { createGate } from './gate.ts'
import { createHosts } from './hosts.ts'
import { createLanes, type Claimed } from './lanes.ts'
import { createMemory, type Memory } from './memory.ts'
import { overviews } from './overview.ts'
import { createWaiting } from './waiting.ts'
import type { Change } from '../model/change.ts'
import type { Clock, Random } from '../model/clock.ts'
import type { Database, Durability } from '../store/database.ts'
import type { Job, JobKind, Undone } from '../model/job.ts'
import type { Queue, Retry } from './queue.ts'

export type QueueDeps = {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  /** The store's, so that what a job changed and its end are one transaction. */
  readonly applyChanges: (changes: readonly Change[]) => void
}

/**
 * A delivery that is made twice is recognised by its activity id, so its claims and ends need not
 * survive a power cut; with them, no delivery waits for the disk (docs/adr/0006-durability.md).
 */
const durabilityOf = (kind: JobKind): Durability => (kind === 'delivery' ? 'relaxed' : 'durable')

/** The queue in the store's own database. One process owns it. */
export function createQueue(deps: QueueDeps): Queue {
  const { database, clock, random } = deps
  const enqueue = createEnqueue(database)
  const lanes = createLanes(database)
  const gate = createGate(database)
  const claims = createClaim(database, lanes, gate)
  const hosts = createHosts(database, random)
  const failed = createDeadLetters(database, enqueue)
  const waiting = createWaiting(database)
  const memory = createMemory(database)
  return {
    async add(jobs) {
      if (jobs.length === 0) return 0
      const added = await database.commit(() => jobs.filter((job) => enqueue.add(job, clock.now())))
      added.forEach(waiting.added)
      return added.length
    },
    async claim(kind, limit, { perHost = Infinity } = {}) {
      const request = { kind, limit, perHost, now: clock.now() }
      if (!claims.isDue(kind, request.now)) return []
      return database.commit(() => claims.claim(request), durabilityOf(kind))
    },
    async renew(jobs) {
      // Lost with the power, a lease is lost with its process too, and the next start reclaims all.
      if (jobs.length > 0) await database.commit(() => claims.renew(jobs, clock.now()), 'relaxed')
    },
    ...ends({ ...deps, lanes, gate, hosts, failed, waiting, memory }),
    listFailed: failed.listFailed,
    dropFailed: failed.dropFailed,
    async retryFailed(id) {
      const job = await database.commit(() => failed.takeBack(id, clock.now()))
      if (job !== undefined) waiting.added(job)
      return job !== undefined
    },
    ...overviews({ database, clock }, gate),
    waitingIn: waiting.of,
    async reclaimAll() {
      return database.commit(() => claims.reclaimAll())
    },
    async hostFailingSince(job) {
      const claim = lanes.findClaim(job.id, job.claims + 1)
      const paceId = claim && gate.find(job.kind, claim.paceId)
      return paceId === undefined ? undefined : hosts.failingSince(paceId)
    },
    async hostFailingDays(job) {
      const claim = lanes.findClaim(job.id, job.claims + 1)
      const paceId = claim && gate.find(job.kind, claim.paceId)
      return paceId === undefined ? 0 : hosts.failingDays(paceId, clock.now())
    },
    ...dropping({ ...deps, lanes, memory, hosts }),
    async hostIsWell(host = '') {
      await database.commit(() => {
        for (const paceId of hosts.find(host)) {
          hosts.well(paceId)
          lanes.settle(paceId)
        }
      })
    },
  }
}

type EndDeps = QueueDeps & {
  readonly lanes: ReturnType<typeof createLanes>
  readonly gate: ReturnType<typeof createGate>
  readonly hosts: ReturnType<typeof createHosts>
  readonly failed: ReturnType<typeof createDeadLetters>
  readonly waiting: ReturnType<typeof createWaiting>
  readonly memory: Memory
}

/** The four ends of a claim. */
/** `wellId`: whose health the end of the job tells of. */
type Ended = Claimed & { readonly wellId: number }

function ends(deps: EndDeps): Pick<Queue, 'finish' | 'retry' | 'park' | 'bury'> {
  const { database, hosts, failed, waiting, memory } = deps
  const end = ending(deps)
  const close = closing(deps, memory)
  const postpone = postponing(database)
  const move = moving(database)
  return {
    async finish(job, changes, fate) {
      const durability = changes.length > 0 ? 'durable' : durabilityOf(job.kind)
      const work = ({ wellId }: Ended, now: number) => {
        close(job, { changes, fate }, now)
        hosts.well(wellId)
      }
      const isEnded = await end(job, work, durability)
      if (isEnded) waiting.ended(job)
      return isEnded
    },
    async retry(job, retry) {
      const { hostFailed } = retry
      const until = typeof hostFailed === 'number' ? { until: hostFailed } : {}
      const work = ({ wellId }: Ended, now: number) => {
        postpone(job, retry)
        if (hostFailed === false) hosts.well(wellId)
        else if (hostFailed !== undefined) hosts.failed(wellId, { now, pauses: true, ...until })
      }
      return end(job, work, durabilityOf(job.kind))
    },
    async park(job, { until, waitsFor, reason }) {
      const work = ({ paceId, since }: Ended, now: number) => {
        const missed = waitsFor !== undefined && memory.wasReleased(waitsFor, since)
        const runAt = missed ? now : until
        move(job, { paceId, runAt, waitsFor: missed ? null : (waitsFor ?? null), reason })
      }
      return end(job, work, durabilityOf(job.kind))
    },
    async bury(job, error, { changes = [], hostFailed } = {}) {
      const work = ({ wellId }: Ended, now: number) => {
        failed.put(job, error, now)
        close(job, { changes, fate: 'failed' }, now)
        if (hostFailed === true) hosts.failed(wellId, { now, pauses: false })
        if (hostFailed === false) hosts.well(wellId)
      }
      const isEnded = await end(job, work, 'durable')
      if (isEnded) waiting.ended(job)
      return isEnded
    },
  }
}

/** Checks that the claim is still the caller's, does the work, and frees lane and host. */
function ending({ database, clock, lanes, gate }: EndDeps) {
  type Work = (claim: Ended, now: number) => void
  return (job: Job, work: Work, durability: Durability): Promise<boolean> =>
    database.commit(() => {
      const claim = lanes.findClaim(job.id, job.claims + 1)
      if (claim === undefined) return false
      const wellId = gate.paceOf(job.kind, claim.paceId)
      work({ ...claim, wellId }, clock.now())
      lanes.advance(claim.laneId)
      lanes.settle(claim.paceId)
      if (wellId !== claim.paceId) lanes.settle(wellId)
      return true
    }, durability)
}

type Closed = { readonly changes: readonly Change[]; readonly fate: Undone | undefined }

/** Changes first: what they add to the lane comes after what waits in it. */
function closing({ database, applyChanges }: EndDeps, memory: Memory) {
  const remove = database.prepare<[number]>('delete from job where id = ?')
  return (job: Job, { changes, fate }: Closed, now: number): void => {
    applyChanges(changes)
    remove.run(job.id)
    memory.remember(jobHash(job.kind, job.key), now, fate)
  }
}

function postponing(database: Database) {
  const update = database.prepare<[number, number, string, number]>(
    'update job set run_at = ?, attempts = attempts + ?, last_error = ? where id = ?',
  )
  return (job: Job, { runAt, counts, error }: Retry): void =>
    void update.run(runAt, counts ? 1 : 0, error, job.id)
}

type Parking = {
  readonly paceId: number
  readonly runAt: number
  readonly waitsFor: string | null
  readonly reason: string
}

function moving(database: Database) {
  // A job that is parked again keeps the lane it has.
  const addLane = database.prepare<[string, string, number, number, number], { id: number }>(
    `insert into lane (kind, name, pace_id, head, ready_at) values (?, ?, ?, ?, ?)
     on conflict (kind, name) do update set ready_at = excluded.ready_at
     returning id`,
  )
  const update = database.prepare<[number, number, string | null, string, number]>(
    'update job set lane_id = ?, run_at = ?, waits_for = ?, last_error = ? where id = ?',
  )
  return (job: Job, { paceId, runAt, waitsFor, reason }: Parking): void => {
    const lane = addLane.get(job.kind, `parked ${job.id}`, paceId, job.id, runAt)
    if (lane) update.run(lane.id, runAt, waitsFor, reason, job.id)
  }
}
