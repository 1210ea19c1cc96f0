import type { As, MatrixAction } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Deps } from './ports.ts'
import type { FoundMedia } from './fetch-media.ts'
import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { MessageContent } from '../model/room.ts'
import { RejectedError } from '../model/errors.ts'
import { actorOf, ensureGhost, ensureJoined } from './ghosts.ts'
import { fileContent, textContent, withPictures } from './message-content.ts'
import { pollContent, pollStartType } from './poll-content.ts'

export type Do<Name> = MatrixAction & { do: Name }

/** The speaker, registered and in the room. */
export async function speakerIn(as: As, roomId: RoomId, deps: Deps): Promise<UserId> {
  if (as === 'bot') return deps.identity.bot
  const ghost = await ensureGhost(await actorOf(as, deps), deps)
  await ensureJoined(ghost, roomId, deps)
  return ghost.userId
}

/** The file where it could be had, or the words that say it is missing. */
export function contentOf(action: Do<'send'> | Do<'edit'>, found: FoundMedia): MessageContent {
  const { media, poll } = action
  const text = withPictures(action.text, found)
  if (poll !== undefined) return pollContent(text, poll)
  if (media === undefined) return textContent(text)
  const file = found.get(media.attachment.url)
  const thumbnail = found.get(media.attachment.thumbnail ?? '')
  const files = file && { file, ...(thumbnail === undefined ? {} : { thumbnail }) }
  const content = files && fileContent(text, media, files)
  return content ?? textContent(withPictures(media.fallback, found))
}

export const eventType = ({ poll }: Do<'send'> | Do<'edit'>): string =>
  poll === undefined ? 'm.room.message' : pollStartType

/** An attempt, and the files that could be had for it. */
export type Showing = Attempt & { readonly found: FoundMedia }

type Outgoing = {
  readonly type: string
  readonly txnId: string
  readonly content: MessageContent
  readonly ts?: number
}

/**
 * Sends once: after a crash or a cut answer the homeserver may have the event although we do not
 * know its id, and it forgets transaction ids when it restarts, so it is looked for first.
 */
export async function sendOnce(
  as: UserId,
  roomId: RoomId,
  { message, isRepeated, deps }: { message: Outgoing; isRepeated: boolean; deps: Deps },
): Promise<EventId> {
  const sent = isRepeated ? await deps.homeserver.findSent(as, roomId, message.txnId) : undefined
  if (sent !== undefined) return sent
  try {
    return await deps.homeserver.send(as, roomId, message)
  } catch (error) {
    if (
      !(error instanceof RejectedError) ||
      error.code !== 'M_FORBIDDEN' ||
      as === deps.identity.bot
    )
      throw error
    // Our record of who is in the room was wrong: the ghost comes back once.
    await deps.store.commit([{ change: 'put-membership', roomId, userId: as, membership: 'leave' }])
    const ghost = await deps.store.findGhostByUser(as)
    if (ghost === undefined) throw error
    await ensureJoined(ghost, roomId, deps)
    return deps.homeserver.send(as, roomId, message)
  }
}
