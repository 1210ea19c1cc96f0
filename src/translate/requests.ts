import type { Action, Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActorId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'
import { asObjectId } from '../model/ids.ts'
import { marksOfDay } from '../model/mark.ts'

type Request = Activity & { readonly type: 'ping' | 'feature-request' }

/** Questions of one account that are answered in a day: each costs a delivery. */
export const mostAnswered = 20

/** Begins the marks that count what that account was answered on that day, by UTC. */
export const answeredMark = (actor: ActorId, now: number): string =>
  marksOfDay('answered', actor, now)

/** Of ours, who is asked and would hear the one who asks. */
function askedOf(
  ids: readonly ActorId[],
  { locals, deaf }: KnownForMatrix,
): LocalActor | undefined {
  const found = ids.map((id) => locals.get(id))
  return found.find((one) => one !== undefined && one.deletedAt === undefined && !deaf.has(one.id))
}

function answer(request: Request, activity: OutgoingActivity, known: KnownForMatrix): Action[] {
  const key = `${answeredMark(request.actor, known.now)}${request.id}`
  return [
    { do: 'commit', changes: [{ change: 'mark', key, value: '', at: known.now }] },
    {
      do: 'publish',
      activity,
      recipients: [request.actor],
      toFollowers: false,
      inboxes: [],
      order: request.id,
    },
  ]
}

/**
 * Nobody of ours has said that they may be shown in others' collections, so they may not (FEP-7aa9). A
 * Ping is answered by a Pong.
 */
export function translateRequest(request: Request, known: KnownForMatrix): Translation {
  const ids = request.type === 'ping' ? request.addressees : [request.object]
  const owner = askedOf(ids, known)
  if (owner === undefined) return { skip: 'unknown-target' }
  if ((known.answered ?? 0) >= mostAnswered) return { skip: 'unwanted' }
  const { id, actor } = request
  const head = { id: known.answerId, actor: owner.id, to: [actor], cc: [] }
  if (request.type === 'ping')
    return { actions: answer(request, { ...head, type: 'pong', object: id }, known) }
  const { instrument } = request
  const refused = { id, actor, object: asObjectId(owner.id), instrument }
  return { actions: answer(request, { ...head, type: 'feature-answer', request: refused }, known) }
}
