import type { Deps } from './ports.ts'
import type { QueueSample } from '../model/queue-sample.ts'
import { byKind, type KindDepth } from '../model/job.ts'

/** Between two samples, milliseconds. */
export const sampleEvery = 300_000
/** How long one is kept. */
export const samplesKept = 7 * 86_400_000

type World = Pick<Deps, 'store' | 'clock' | 'log'> & { readonly jobs: Pick<Deps['jobs'], 'depth'> }

/** The same counts in one row. */
function sampleOf(depths: readonly KindDepth[], at: number): QueueSample {
  return {
    at,
    waiting: byKind((kind) => depths.find((depth) => depth.kind === kind)?.waiting ?? 0),
    failed: depths.reduce((sum, { failed }) => sum + failed, 0),
  }
}

/** Notes every few minutes how much waits, until `signal` aborts. Never rejects. */
export async function sampleQueue(world: World, signal: AbortSignal): Promise<void> {
  const { store, jobs, clock, log } = world
  while (!signal.aborted) {
    try {
      const now = clock.now()
      await store.addQueueSample(sampleOf(await jobs.depth(), now), now - samplesKept)
    } catch (error) {
      // A full disk, perhaps: the next one is as good.
      log.warn({ error: String(error) }, 'could not note how much waits')
    }
    await clock.sleep(sampleEvery, signal)
  }
}
