import type { ActorId, Mxc } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { type Ghost, withPicture } from '../model/actor.ts'
import { actorOf, ensureGhost } from './ghosts.ts'
import { isPictureTrouble, pictureOf } from './picture.ts'
import { portalName } from './portals.ts'
import { portalTopic } from './portal-shape.ts'
import { setIfChanged, showPicture } from './set-if-changed.ts'
import { leaveAloneJob, optOutOf } from './wishes.ts'

/** Ghost and portal show what the stored actor says. Idempotent. */
export async function refreshActor(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  // Whatever is shown of it, or of whom it follows, goes where it does not want to be bridged any more.
  if ((await optOutOf(actorId, deps)) !== undefined)
    return [leaveAloneJob(actorId, String(deps.clock.now()))]
  const ghostRow = await deps.store.findGhost(actorId)
  // A ghost that was never seen on Matrix is named when it first appears.
  if (ghostRow?.registered !== true) return []
  const actor = await actorOf(actorId, deps)
  await ensureGhost(actor, deps)
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal === undefined) return []
  await setIfChanged(portal.roomId, 'm.room.name', {
    content: { name: await portalName(actor, deps) },
    deps,
  })
  await setIfChanged(portal.roomId, 'm.room.topic', {
    content: { topic: portalTopic(actor) },
    deps,
  })
  return []
}

/** The same icon in the same place was had before: what stands there is better than nothing. */
async function avatarAt(icon: string, ghost: Ghost, deps: Deps): Promise<Mxc | undefined> {
  try {
    return (await pictureOf(ghost.actorId, icon, deps)).mxc
  } catch (error) {
    if (ghost.avatarUrl === icon && isPictureTrouble(error)) return ghost.avatar
    throw error
  }
}

/**
 * The avatar of a ghost and its portal, from the account's icon; once more where the homeserver has
 * lost it. An icon that cannot be had is no reason to fail anything: the old picture stays until the
 * next change. One that was taken away goes.
 */
export async function refreshAvatar(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const { icon } = await actorOf(actorId, deps)
  const ghost = await deps.store.findGhost(actorId)
  if (ghost?.registered !== true) return []
  const avatar = icon === undefined ? undefined : await avatarAt(icon, ghost, deps)
  if (ghost.avatarUrl === icon && ghost.avatar === avatar) {
    await showInPortal(actorId, avatar, deps)
    return []
  }
  await deps.homeserver.setAvatar(ghost.userId, avatar)
  await showInPortal(actorId, avatar, deps)
  const fresh = (await deps.store.findGhost(actorId)) ?? ghost
  const picture = avatar === undefined || icon === undefined ? {} : { avatar, avatarUrl: icon }
  return [{ change: 'put-ghost', ghost: withPicture(fresh, picture) }]
}

async function showInPortal(actorId: ActorId, url: Mxc | undefined, deps: Deps): Promise<void> {
  const portal = await deps.store.findPortal({ kind: 'actor', actorId })
  if (portal !== undefined) await showPicture(portal.roomId, url, deps)
}
