import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { KnownForFediverse } from '../translate/known.ts'
import type { MatrixEvent } from '../model/event.ts'
import { announceBy, putOut, takenOutMark } from './groups-told.ts'
import { mayRedact } from './room-power.ts'

/**
 * A moderator has taken somebody else's message out of a room that is a group: the group tells its
 * followers. The post itself stays with its author. Anybody can say so; the room's rules decide.
 */
export async function takenOut(
  event: MatrixEvent,
  { portal, author, target }: KnownForFediverse,
  deps: Deps,
): Promise<readonly Action[]> {
  const object = target?.object
  if (event.type !== 'redaction' || portal?.kind !== 'group' || object === undefined) return []
  if (object.author === author?.id) return []
  const announced = await announceBy(portal.actorId, object.id, deps)
  if (announced === undefined) return []
  const state = await deps.homeserver.roomState(deps.identity.bot, portal.roomId)
  if (!mayRedact(state, event.sender)) return []
  const of = { group: portal.actorId, object: object.id, author: object.author }
  const { publish, changes } = await putOut(of, announced, deps)
  const mark = { key: takenOutMark(portal.actorId, object.id), value: '', at: deps.clock.now() }
  return [...publish, { do: 'commit', changes: [...changes, { change: 'mark', ...mark }] }]
}
