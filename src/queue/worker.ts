import type { Clock } from '../model/clock.ts'
import type { Job, JobKind } from '../model/job.ts'
import type { WorkerDeps } from './handler.ts'
import { lease } from './queue.ts'
import { createSettle } from './settle.ts'

export type { WorkerDeps }

export type Worker = {
  start(): void
  /** Call it after each commit that added or released jobs. */
  wake(): void
  /** Claims no more and waits for what runs, at most five seconds; the rest is reclaimed at the next start. */
  stop(): Promise<void>
  /** Resolves when nothing runs and nothing is due now. */
  idle(): Promise<void>
}

const kinds: readonly JobKind[] = ['event', 'activity', 'delivery', 'upkeep']
/** Even without a wake: what another way brought in, and leases that ran out. */
const longestSleep = 60_000
/** Containers are killed ten seconds after they were asked to stop; closing all takes time as well, more on a busy machine. */
const longestStop = 5_000
/** Rounds without input or output would keep the event loop from its sockets. */
const longestBusy = 10

/** Brings jobs to their handlers: lanes in parallel within bounds, each lane in order. */
export function createWorker(deps: WorkerDeps): Worker {
  const { clock } = deps
  const alarm = createAlarm(clock)
  const pool = createPool(deps, () => alarm.wake())
  const idlers = createIdlers()
  const stopped = new AbortController()
  let loop: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    await loop
    await pool.ended()
  }
  return {
    start() {
      loop ??= runLoop({ ...deps, alarm, pool, idlers, stopped: stopped.signal })
    },
    wake: () => alarm.wake(),
    async stop() {
      stopped.abort()
      alarm.wake()
      const done = new AbortController()
      await Promise.race([drain(), clock.sleep(longestStop, done.signal)])
      done.abort()
      idlers.resolve()
    },
    idle: () => (idlers.isIdle() && !alarm.isWoken() ? Promise.resolve() : idlers.wait()),
  }
}

type LoopDeps = WorkerDeps & {
  readonly alarm: ReturnType<typeof createAlarm>
  readonly pool: ReturnType<typeof createPool>
  readonly idlers: ReturnType<typeof createIdlers>
  readonly stopped: AbortSignal
}

async function runLoop(deps: LoopDeps): Promise<void> {
  const { clock, log, alarm, pool, stopped } = deps
  let busySince = clock.now()
  while (!stopped.aborted) {
    alarm.reset()
    try {
      // Woken with nothing at work, it was the event loop that woke us.
      if ((await pool.claimAll()) === 0 && (await rest(deps))) busySince = clock.now()
    } catch (error) {
      log.error({ error: String(error) }, 'the queue cannot be read; trying again in a second')
      await clock.sleep(1000, stopped)
    }
    if (clock.now() - busySince < longestBusy) continue
    await clock.sleep(1)
    busySince = clock.now()
  }
}

/** Until the next job is due, or a wake. Says whether nothing was at work meanwhile. */
async function rest({ queue, clock, alarm, pool, idlers, stopped }: LoopDeps): Promise<boolean> {
  const due = (await queue.nextDue(pool.withRoom())) ?? Infinity
  if (due <= clock.now() || alarm.isWoken() || stopped.aborted) return false
  const isIdle = !pool.isBusy()
  if (isIdle) idlers.resolve()
  await alarm.sleep(Math.min(due - clock.now(), longestSleep))
  idlers.leave()
  return isIdle
}

type Running = { readonly job: Job; readonly since: number }

/** The jobs at work. */
function createPool(deps: WorkerDeps, onEnd: () => void) {
  const { queue, concurrency, perHost, clock } = deps
  const settle = createSettle(deps)
  const running = new Map<Promise<void>, Running>()
  const renew = createRenewal(deps)
  const room = (kind: JobKind): number =>
    concurrency[kind] - [...running.values()].filter(({ job }) => job.kind === kind).length
  const begin = (job: Job): void => {
    const work = settle(job).finally(() => {
      running.delete(work)
      onEnd()
    })
    running.set(work, { job, since: clock.now() })
  }
  const withRoom = () => kinds.filter((kind) => room(kind) > 0 && deps.isPaused?.(kind) !== true)
  return {
    withRoom,
    isBusy: () => running.size > 0,
    async ended(): Promise<void> {
      await Promise.all(running.keys())
    },
    async claimAll(): Promise<number> {
      await renew([...running.values()])
      // Asked for at once: then they are one commit.
      const claims = withRoom().map((kind) =>
        queue.claim(kind, room(kind), { perHost: perHost[kind] }),
      )
      const settled = await Promise.allSettled(claims)
      const jobs = settled.flatMap((claim) => (claim.status === 'fulfilled' ? claim.value : []))
      for (const job of jobs) begin(job)
      const failed = settled.find((claim) => claim.status === 'rejected')
      if (failed !== undefined) throw new Error(`nothing claimed: ${String(failed.reason)}`)
      return jobs.length
    },
  }
}

/**
 * Whoever is at work keeps its job, however long it takes. Asked before every claim, so that no
 * lease runs out unseen while the machine sleeps: only a claim ends leases.
 */
function createRenewal({ queue, clock, log }: WorkerDeps) {
  let renewedAt = clock.now()
  return async (running: readonly Running[]): Promise<void> => {
    const now = clock.now()
    // In either direction: after the clock was set back, new leases end before the next renewal.
    if (Math.abs(now - renewedAt) < lease / 3) return
    await queue.renew(running.map(({ job }) => job))
    renewedAt = now
    for (const { job, since } of running) {
      const ms = now - since
      if (ms >= lease) log.warn({ kind: job.kind, key: job.key, ms }, 'job is still at work')
    }
  }
}

/** Who waits for the worker to have nothing to do. */
function createIdlers() {
  let waiting: (() => void)[] = []
  let idle = false
  return {
    isIdle: () => idle,
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
    resolve() {
      idle = true
      for (const resolve of waiting) resolve()
      waiting = []
    },
    leave() {
      idle = false
    },
  }
}

/** A sleep that a wake ends, also one that came just before it. */
function createAlarm(clock: Clock) {
  let woken = false
  let sleeper: AbortController | undefined
  return {
    isWoken: () => woken,
    reset() {
      woken = false
    },
    wake() {
      if (woken) return
      woken = true
      // Without a reason an abort makes an error, with its stack, that nobody reads.
      sleeper?.abort('woken')
    },
    async sleep(ms: number): Promise<void> {
      if (woken) return
      sleeper = new AbortController()
      await clock.sleep(ms, sleeper.signal)
      sleeper = undefined
    },
  }
}
