import type { Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { ActorId } from '../model/ids.ts'
import type { KnownForMatrix } from './known.ts'

/** Says that the followers of that account were brought to another one; its value is when. */
export const movedMark = (from: ActorId): string => `followed on ${from}`

/** An account moves once in this time, milliseconds, as on Mastodon. */
export const moveInterval = 7 * 86_400_000

/** Whoever follows the account here follows the one that it moved to, in a job of their own. */
export function translateMove(
  { id, actor: from }: Activity & { type: 'move' },
  { movedTo, now }: KnownForMatrix,
): Translation {
  if (movedTo === undefined) return { skip: 'unknown-target' }
  const job = {
    kind: 'upkeep',
    key: `follow on ${id}`,
    lane: `upkeep:follow on ${from}`,
    payload: JSON.stringify({ type: 'follow-on', from, to: movedTo.id, move: id }),
  } as const
  const mark = { change: 'mark', key: movedMark(from), value: String(now), at: now } as const
  return { actions: [{ do: 'commit', changes: [mark, { change: 'enqueue', job }] }] }
}
