import type { ActorId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { Follow } from '../model/relation.ts'

/** Follows of that account that it has accepted. */
export const acceptedOf = async (followed: ActorId, { store }: Deps): Promise<readonly Follow[]> =>
  (await store.followersOf(followed)).filter(({ state }) => state === 'accepted')
