import type { Deps } from './ports.ts'
import type { Media } from '../model/media.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Action } from '../model/action.ts'
import type { Visibility } from '../model/audience.ts'
import { findEmojis } from '../translate/own-emojis.ts'
import { translatePost, type Wishes } from '../translate/messages.ts'
import { visibilityOf } from '../translate/audience.ts'
import { resolveEvent } from './resolve-event.ts'

export type { Wishes } from '../translate/messages.ts'

type Message = MatrixEvent & { readonly type: 'message' }

/** Files of the message that this one answers, where the same person sent it and it is no post yet. */
async function filesAnswered(
  { relation, roomId, sender }: Message,
  deps: Deps,
): Promise<readonly Media[]> {
  const { replyTo } = relation
  if (replyTo === undefined) return []
  if ((await deps.store.findMappingByEvent(roomId, replyTo)) !== undefined) return []
  const event = await deps.homeserver.findEvent(deps.identity.bot, roomId, replyTo)
  return event?.type === 'message' && event.sender === sender ? event.media : []
}

/** How far it goes, and what is to be done for it. */
export type PreparedPost = {
  readonly visibility: Visibility
  readonly actions: readonly Action[]
}

/**
 * What publishing `words`, as the message that asked for it, comes to; undefined where it would
 * answer something that cannot be answered. `notSent`: why not now.
 */
export async function preparePost(
  message: Message,
  words: string,
  { wishes, deps }: { readonly wishes: Wishes; readonly deps: Deps },
): Promise<PreparedPost | { readonly notSent: string } | undefined> {
  const media = await filesAnswered(message, deps)
  const { pictures } = findEmojis(message.text)
  const text = { body: words, mentions: message.text.mentions, pictures }
  // What is answered only for its file is no post that somebody else wrote.
  const relation = media.length > 0 ? { isFallback: false } : message.relation
  const post: Message = {
    ...message,
    kind: media.length > 0 ? 'media' : 'text',
    text,
    media,
    relation,
  }
  const known = await resolveEvent(post, deps)
  const isLost = relation.replyTo !== undefined && known.isTargetUnknown
  const translation = isLost ? undefined : translatePost(post, wishes, known)
  if (translation === undefined) return undefined
  if ('skip' in translation) {
    const told = translation.actions?.find((action) => action.do === 'tell')
    return translation.skip === 'over-limit' && told ? { notSent: told.text } : undefined
  }
  const { actions } = translation
  const published = actions.find((action) => action.do === 'publish')
  if (published === undefined) return undefined
  const { activity } = published
  return { actions, visibility: visibilityOf(activity, `${activity.actor}/followers`) }
}
