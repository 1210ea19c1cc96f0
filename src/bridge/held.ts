import type { Deps } from './ports.ts'
import type { HeldMessage } from '../model/change.ts'
import type { MatrixEvent } from '../model/event.ts'

/** The ✅ may stand on the prompt or on the message that it asks about. */
export async function heldUnder(
  { roomId, target }: MatrixEvent & { type: 'reaction' },
  { store }: Deps,
): Promise<HeldMessage | undefined> {
  return (await store.findHeldByPrompt(roomId, target)) ?? store.findHeld(roomId, target)
}

/** The held message that an event is about. */
export async function heldFor(event: MatrixEvent, deps: Deps): Promise<HeldMessage | undefined> {
  if (event.type === 'reaction') return heldUnder(event, deps)
  if (event.type === 'edit' || event.type === 'redaction')
    return deps.store.findHeld(event.roomId, event.target)
  return undefined
}
