import type { Deps } from './ports.ts'
import type { Forgotten } from '../model/forgetting.ts'
import type { Job } from '../model/job.ts'
import { namesPerson } from '../model/forgetting.ts'

/** Rows in one step, and the pause until the next, milliseconds: others go on between. */
const stepSize = 300
const pause = 5

type Work = Forgotten & { readonly since: number }

/** Again until nothing is left. */
async function repeat(step: () => Promise<number>, deps: Deps): Promise<void> {
  while ((await step()) > 0) await deps.clock.sleep(pause)
}

/** From key to key until the end. */
async function walk<Key>(
  first: Key,
  step: (walk: { after: Key; limit: number }) => Promise<Key | undefined>,
  deps: Deps,
): Promise<void> {
  for (let after: Key | undefined = first; after !== undefined;) {
    after = await step({ after, limit: stepSize })
    await deps.clock.sleep(pause)
  }
}

/** What they wrote, with our copies of its files. */
async function wipePosts({ actorId }: Work, deps: Deps): Promise<void> {
  await repeat(async () => {
    const objects = await deps.store.ownObjects(actorId, stepSize)
    const files = objects.flatMap(({ media }) => media)
    if (files.length > 0) await deps.forgetMedia(files)
    await deps.store.wipeObjects(objects.map(({ id }) => id))
    return objects.length
  }, deps)
}

/** Work that waits with words of theirs, or for them; what they typed since goes on. */
async function dropWork(work: Work, deps: Deps): Promise<void> {
  const names = namesPerson(work)
  const isTheirs = ({ kind, key, payload, addedAt }: Job): boolean => {
    if (kind === 'upkeep') return !key.startsWith('forget-me ') && names(payload)
    const { sender } = JSON.parse(payload) as { readonly sender?: unknown }
    return sender === work.userId && addedAt <= work.since
  }
  for (const kind of ['event', 'upkeep'] as const)
    await walk(
      0,
      async ({ after, limit }) => {
        const jobs = await deps.deliveries.waitingAfter(kind, after, limit)
        await deps.deliveries.drop(jobs.filter(isTheirs), [])
        return jobs.length < limit ? undefined : jobs.at(-1)?.id
      },
      deps,
    )
}

/**
 * All rows of one person, but for their keys and the list of servers that have to hear of it, and the
 * mark `but`. Doing it again finds less to do.
 */
export async function wipeRows(work: Work, but: string, deps: Deps): Promise<void> {
  const { store } = deps
  const { actorId, userId, activityId } = work
  const chat = await store.findPortal({ kind: 'management', userId })
  await dropWork(work, deps)
  await wipePosts(work, deps)
  await repeat(() => store.wipeActivities(actorId, activityId, stepSize), deps)
  await repeat(() => store.wipeMappingsBy(userId, stepSize), deps)
  for (const roomId of work.rooms) await repeat(() => store.wipeRoom(roomId, stepSize), deps)
  await store.wipeRelations(work)
  await store.wipeMemberships(userId, chat?.roomId)
  await walk('', (step) => store.wipeWaiting(userId, 'held', step), deps)
  await walk('', (step) => store.wipeWaiting(userId, 'draft', step), deps)
  await walk('', (step) => store.wipeMarks(work, but, step), deps)
  await walk(0, (step) => store.wipeFailed(work, step), deps)
}
