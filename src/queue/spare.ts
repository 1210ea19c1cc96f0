import type { NewJob } from '../model/job.ts'
import type { Queue } from './queue.ts'

/** Jobs of one kind that wait for one host, beyond which those that can be spared are not added. */
const mostWaiting = 100

/** Adds what comes again by itself: a server that asks for much and answers slowly must not fill the disk. */
export const addingSpare =
  (queue: Pick<Queue, 'add' | 'waitingAt'>) =>
  async (job: NewJob & { readonly host: string }): Promise<void> => {
    const waiting = await queue.waitingAt(job.kind, job.host, mostWaiting)
    if (waiting.length < mostWaiting) await queue.add([job])
  }
