import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { KnownForFediverse } from '../translate/known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { UserId } from '../model/ids.ts'
import { becameKey, handleFor, isPermitted, notEnabled } from './actors.ts'

/** The first thing the bot says in a chat with somebody. */
export async function welcomeText(userId: UserId, deps: Deps): Promise<string> {
  if (!isPermitted(userId, deps)) return notEnabled
  const handle = await handleFor(userId, deps)
  const isSomebody = (await deps.store.findLocalActorByUser(userId)) !== undefined
  return [
    'Hello. I connect this server with the fediverse: Mastodon, Pixelfed, PeerTube and others.',
    isSomebody
      ? `On the fediverse you are ${handle}.`
      : `You are not on the fediverse yet; your first follow makes you ${handle} there.`,
    '`follow @user@host` brings the posts of an account into a room.',
    '`publish` gives you a profile that people can follow.',
    '`help` shows everything.',
  ].join('\n')
}

/** Once, in the chat where a first direct message made somebody an account of the fediverse. */
export async function welcomeNewActor(
  event: MatrixEvent,
  known: KnownForFediverse,
  deps: Deps,
): Promise<readonly Action[]> {
  const { author, portal } = known
  if (event.type !== 'message' || portal?.kind !== 'direct' || author === undefined) return []
  const key = becameKey(author)
  if ((await deps.store.findMark(`told ${key}`)) !== undefined) return []
  return [
    {
      do: 'tell',
      place: { kind: 'room', roomId: event.roomId },
      text: `On the fediverse you are now ${known.handle}. Answers come back into this room.`,
      key,
    },
  ]
}
