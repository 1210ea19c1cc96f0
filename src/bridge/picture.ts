import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ActorId, Mxc } from '../model/ids.ts'
import type { UploadedFile } from '../model/upload.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { arePicturesRefused } from './domain-blocks.ts'
import { ensureMedia } from './media.ts'

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

/** A picture of that account, which may be at a name of its own. Errors of `ensureMedia`. */
export async function pictureOf(actor: ActorId, url: string, deps: Deps): Promise<UploadedFile> {
  if (await arePicturesRefused(actor, deps))
    throw new RejectedError(`${actor}: no files of its domain are wanted`, {
      code: 'domain-blocked',
    })
  return ensureMedia(url, 'avatar', deps)
}

/** Trouble with a picture on somebody's server is theirs. */
export const isPictureTrouble = (error: unknown): boolean =>
  error instanceof RejectedError || (error instanceof TransientError && error.of === 'remote')
