import type { ActorId, Mxc } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps, FurtherProfile } from './ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { aboutAccount } from '../translate/about-account.ts'
import { actorOf } from './ghosts.ts'
import { isPictureTrouble, pictureOf } from './picture.ts'
import { isTold, toldOf } from './told.ts'

/** A header that cannot be had is left out: the rest must not wait for it. */
async function headerOf({ id, details }: RemoteActor, deps: Deps): Promise<Mxc | undefined> {
  if (details?.header === undefined) return undefined
  try {
    return (await pictureOf(id, details.header, deps)).mxc
  } catch (error) {
    if (isPictureTrouble(error)) return undefined
    throw error
  }
}

/**
 * What the ghost's profile says beside name and picture: what the account says about itself, its
 * table, and its header. Idempotent.
 */
export async function refreshGhostProfile(
  actorId: ActorId,
  deps: Deps,
): Promise<readonly Change[]> {
  const actor = await actorOf(actorId, deps)
  const told = toldOf(actor)
  const before = await deps.store.findGhost(actorId)
  if (before?.registered !== true || isTold(before, actor)) return []
  const { body, html } = aboutAccount(actor, deps.identity)
  const header = await headerOf(actor, deps)
  const profile: FurtherProfile = {
    ...(body === '' ? {} : { bio: { body, ...(html === undefined ? {} : { html }) } }),
    ...(header === undefined ? {} : { header }),
  }
  await deps.homeserver.setFurtherProfile(before.userId, profile)
  const ghost = (await deps.store.findGhost(actorId)) ?? before
  return [{ change: 'put-ghost', ghost: { ...ghost, told } }]
}
