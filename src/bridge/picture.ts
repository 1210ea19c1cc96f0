import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Mxc } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'

/** A picture that somebody sent to Matrix. */
export type CommandPicture = Mxc

/** The first image of the message that this one answers; undefined when there is none to see. */
export async function pictureAnswered(
  { relation, roomId }: MatrixEvent & { readonly type: 'message' },
  deps: Deps,
): Promise<CommandPicture | undefined> {
  if (relation.replyTo === undefined) return undefined
  const event = await deps.homeserver.findEvent(deps.identity.bot, roomId, relation.replyTo)
  if (event?.type !== 'message') return undefined
  return event.media.find(({ kind }) => kind === 'image')?.mxc
}

/** Trouble with a picture on somebody's server is theirs. */
export const isPictureTrouble = (error: unknown): boolean =>
  error instanceof RejectedError || (error instanceof TransientError && error.of === 'remote')
