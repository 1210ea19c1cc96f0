import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'

const markOf = (actorId: ActorId): string => `backlog ${actorId}`

/** Whether a room of the account has begun with its newest posts: the next one does not. */
export const hasBacklog = async (actorId: ActorId, { store }: Deps): Promise<boolean> =>
  (await store.findMark(markOf(actorId))) !== undefined

/** From now on `hasBacklog`; `at` in milliseconds since the epoch. */
export const backlogged = (actorId: ActorId, at: number): Change => ({
  change: 'mark',
  key: markOf(actorId),
  value: String(at),
  at,
})
