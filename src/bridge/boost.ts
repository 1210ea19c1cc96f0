import type { Action, SkipReason } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import { boost } from '../model/relation.ts'
import { translateReactionOut } from '../translate/own-reactions.ts'
import { resolveEvent } from './resolve-event.ts'

/** What boosting the post that a message answers comes to, or why nothing does. */
export async function prepareBoost(
  { eventId, roomId, sender, ts, relation }: MatrixEvent & { readonly type: 'message' },
  deps: Deps,
): Promise<readonly Action[] | SkipReason> {
  const target = relation.replyTo
  if (target === undefined) return 'unknown-target'
  const event = { type: 'reaction', eventId, roomId, sender, ts, target, key: boost } as const
  const translation = translateReactionOut(event, await resolveEvent(event, deps))
  return 'skip' in translation ? translation.skip : translation.actions
}
