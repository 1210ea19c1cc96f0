import type { Deps } from '../bridge/ports.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { namesActor } from './target.ts'

/** Whom they follow under that name, from our own rows: no other server is needed for it. */
export async function findFollowed(
  text: string,
  follower: LocalActor,
  deps: Deps,
): Promise<RemoteActor | undefined> {
  for (const { followed } of await deps.store.followsOf(follower.id)) {
    const actor = await deps.store.findRemoteActor(followed)
    if (actor !== undefined && (await namesActor(text, actor, deps))) return actor
  }
  return undefined
}
