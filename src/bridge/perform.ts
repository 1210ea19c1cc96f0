import type { Action, MatrixAction } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Portal } from '../model/portal.ts'
import { fetchMedia } from './fetch-media.ts'
import { bringOlder, fillPortal } from './backlog.ts'
import { isSilencedIn } from './banned-ghosts.ts'
import { isShut, unlessShut } from './closed-rooms.ts'
import {
  performEdit,
  performHold,
  performReact,
  performRedact,
  performTell,
} from './perform-message.ts'
import { performPin } from './pins.ts'
import { performSend } from './perform-send.ts'
import { performEndPoll } from './perform-poll.ts'
import type { Showing } from './speak.ts'
import { isReadInRoom, whyOut } from './follows.ts'
import { RejectedError } from '../model/errors.ts'
import { bringIn, tellUninvited } from './invites.ts'
import { loseIfOut } from './lost-rooms.ts'
import { removeMember, roomWith } from './members.ts'
import { replaceDirect, roomOf } from './portals.ts'
import { editProfile } from './own-profile.ts'
import { expandPublish } from './publish.ts'
import { retireActor } from './retire.ts'

/** A ghost that somebody put out of another room of ours. A chat goes on in a new room instead. */
const isUnwanted = async (
  { as }: MatrixAction & { do: 'send' },
  { kind, roomId }: Portal,
  deps: Deps,
): Promise<boolean> => kind !== 'direct' && as !== 'bot' && (await isSilencedIn(roomId, as, deps))

/** In a room that is not ours to rule nobody may bring in a ghost but those who let the bot do so. */
function notLetIn(
  { as, from }: MatrixAction & { do: 'send' },
  { roomId }: Portal,
  { log }: Deps,
): readonly Change[] {
  log.warn(
    { room: roomId, actor: as, object: from },
    'a post is not shown: its author is not let in',
  )
  return []
}

/** A private message whose room shut its author's ghost out goes into a new one. */
async function sendSomewhere(
  action: MatrixAction & { do: 'send' },
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  const { place } = action
  const portal =
    place.kind === 'room'
      ? await deps.store.findPortalByRoom(place.roomId)
      : await deps.store.findPortal(place)
  try {
    return await performSend(action, attempt, deps)
  } catch (error) {
    // Whom somebody puts out of their own room does not speak there: that is what they want.
    if (isShut(error) && portal?.kind === 'profile' && action.as !== 'bot') return []
    if (isShut(error) && portal?.kind === 'group') return notLetIn(action, portal, deps)
    if (isShut(error) && portal !== undefined && (await isUnwanted(action, portal, deps))) return []
    if (!isShut(error) || place.kind !== 'direct' || portal?.kind !== 'direct') throw error
    if ((await replaceDirect(portal, deps)) === undefined) throw error
    return performSend(action, attempt, deps)
  }
}

/** Some users let nobody invite them, and some servers no other. The rest of the job stands; they are told. */
async function inviteOrTell(
  { place, userId }: MatrixAction & { do: 'invite' },
  deps: Deps,
): Promise<readonly Change[]> {
  const isWanted = async () =>
    place.kind !== 'actor' || (await isReadInRoom(userId, place.actorId, deps))
  const roomId = await roomOf(place, deps)
  if (!(await isWanted())) return []
  try {
    const later = await bringIn(await roomWith(roomId, deps), userId, deps)
    // The follow may have ended while the invite was under way.
    if (place.kind === 'actor' && !(await isWanted())) {
      const reason = await whyOut(userId, place.actorId, deps)
      await removeMember(roomId, { userId, reason }, deps)
    }
    return later
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error
    if (place.kind !== 'room' && (await loseIfOut(roomId, deps))) throw error
    const portal = await deps.store.findPortalByRoom(roomId)
    return [await tellUninvited(portal, { roomId, userId }, { deps })]
  }
}

async function performOnMatrix(
  action: MatrixAction,
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  switch (action.do) {
    case 'send':
      // What comes with an edit goes where the edit goes.
      return action.cause === undefined
        ? sendSomewhere(action, attempt, deps)
        : unlessShut(() => performSend(action, attempt, deps))
    case 'edit':
      return unlessShut(() => performEdit(action, attempt, deps))
    case 'redact':
      return unlessShut(() => performRedact(action, attempt, deps))
    case 'react':
      return unlessShut(() => performReact(action, attempt, deps))
    case 'tell':
      return action.place.kind === 'room'
        ? unlessShut(() => performTell(action, attempt, deps))
        : performTell(action, attempt, deps)
    case 'end-poll':
      return unlessShut(() => performEndPoll(action, attempt, deps))
    case 'hold':
      return performHold(action, attempt, deps)
    case 'invite':
      return inviteOrTell(action, deps)
    case 'kick': {
      const { place } = action
      const room = place.kind === 'room' ? place : await deps.store.findPortal(place)
      if (room !== undefined) await removeMember(room.roomId, action, deps)
      return []
    }
    case 'pin':
      return unlessShut(() => performPin(action, deps))
    case 'fill-portal':
      return fillPortal(
        action,
        (actions, isRepeated = false) =>
          perform(actions, { ...attempt, isRepeated: attempt.isRepeated || isRepeated }, deps),
        deps,
      )
    case 'backfill':
      return bringOlder(action, (actions) => perform(actions, attempt, deps), deps)
    case 'edit-profile':
      await editProfile(action.actorId, action.edit, deps)
      return []
    case 'retire-actor':
      return retireActor(action.actorId, attempt, deps)
    default:
      return action satisfies never
  }
}

/**
 * Does what a translation decided: Matrix first, in order; then everything of our own state and all
 * deliveries come back as changes, which the worker commits together with the end of the job.
 * Safe to run again after a crash at any point.
 */
export async function perform(
  actions: readonly Action[],
  attempt: Attempt,
  deps: Deps,
): Promise<Change[]> {
  const found = await fetchMedia(actions, attempt, deps)
  const changes: Change[] = []
  for (const action of actions) {
    if (action.do === 'commit') changes.push(...action.changes)
    else if (action.do === 'publish') changes.push(...(await expandPublish(action, deps)))
    else changes.push(...(await performOnMatrix(action, { ...attempt, found }, deps)))
  }
  return changes
}
