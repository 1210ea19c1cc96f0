import type { Change } from '../model/change.ts'
import { RejectedError } from '../model/errors.ts'

/**
 * Whether a room let us do something no more: its people put a ghost or the bot out, or took its
 * voice. Of a room that its admin deleted, Synapse says that it is not known, or blocked.
 */
export const isShut = (error: unknown): boolean =>
  error instanceof RejectedError &&
  (error.code === 'M_FORBIDDEN' ||
    (error.roomId !== undefined && (error.status === 403 || error.status === 404)))

/** A room that shut us out keeps what stands in it; the other rooms are not to suffer for it. */
export async function unlessShut(
  work: () => Promise<readonly Change[]>,
): Promise<readonly Change[]> {
  try {
    return await work()
  } catch (error) {
    if (isShut(error)) return []
    throw error
  }
}
