import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { updateOf } from './own-profile.ts'
import { expandPublish } from './publish.ts'

/**
 * After so long an outage servers may have given us up: Mastodon does after failures on seven days,
 * until anything signed comes from us. Milliseconds.
 */
export const longOutage = 86_400_000

const atOnce = 100

export type Greet = {
  readonly type: 'greet'
  /** When the outage began. */
  readonly gone: number
  /** Hosts up to that one have been greeted. */
  readonly after?: string
}

/** The job that lets the servers of everybody whom we have to do with hear that we are there. */
export function greetJob(greet: Omit<Greet, 'type'>): Change {
  const name = `greet ${String(greet.gone)}`
  const job = {
    kind: 'upkeep',
    key: `${name} ${greet.after ?? ''}`,
    lane: `upkeep:${name}`,
    payload: JSON.stringify({ type: 'greet', ...greet } satisfies Greet),
  } as const
  return { change: 'enqueue', job }
}

/**
 * One signed activity to each server: the profile of somebody whom it knows, as it is. Some servers
 * at a time; the next ones are a job of their own.
 */
export async function greetServers({ gone, after }: Greet, deps: Deps): Promise<readonly Change[]> {
  const neighbours = await deps.store.neighbours(after, atOnce)
  const changes: Change[] = []
  for (const { ours, theirs } of neighbours) {
    const actor = await deps.store.findLocalActor(ours)
    if (actor === undefined || actor.deletedAt !== undefined) continue
    const update = { ...updateOf(actor, deps), recipients: [theirs], toFollowers: false }
    changes.push(...(await expandPublish(update, deps)))
  }
  const last = neighbours.length < atOnce ? undefined : neighbours.at(-1)
  return last === undefined ? changes : [...changes, greetJob({ gone, after: last.host })]
}
