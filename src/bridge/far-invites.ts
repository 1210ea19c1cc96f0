import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { isShut } from './closed-rooms.ts'
import { splitMatrixId } from '../model/names.ts'

/**
 * An invite from another homeserver is pushed to us before that homeserver has it in the room: until
 * then it refuses whoever accepts the invite, and never hears of whoever declines it.
 */

type Invite = { readonly event: MatrixEvent & { type: 'member' }; readonly addedAt: number }

/** After this a refusal is meant: the invite was taken back, or the account is banned. */
const patience = 15_000
/** No homeserver says when it has its own invite. */
const decency = 2_000

function notYet({ event, addedAt }: Invite, wait: number, deps: Deps): TransientError | undefined {
  const { serverName } = deps.identity
  const isFar = splitMatrixId(event.sender, '@')?.serverName !== serverName
  if (!isFar || event.membership !== 'invite' || deps.clock.now() >= addedAt + wait)
    return undefined
  return new TransientError(`${event.roomId} may not know yet of the invite of ${event.user}`)
}

/** Throws TransientError while it is too early to decline. */
export function waitToDecline(invite: Invite, deps: Deps): void {
  const early = notYet(invite, decency, deps)
  if (early !== undefined) throw early
}

/** A room we cannot enter (withdrawn invite, banned ghost) is nothing to retry; throws TransientError while that is open. */
export function isClosedToUs(error: unknown, invite: Invite, deps: Deps): boolean {
  if (!(error instanceof RejectedError)) return false
  // Synapse refuses the banned in other words.
  const isShutRoom = error.roomId === invite.event.roomId && isShut(error)
  if (error.code !== 'M_FORBIDDEN' && !isShutRoom) return false
  const early = notYet(invite, patience, deps)
  if (early !== undefined) throw early
  return invite.event.membership === 'invite'
}
