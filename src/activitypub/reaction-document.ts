import type { Feeling } from '../model/relation.ts'
import { isEmoji, qualifiedEmoji, shortcodeOf } from '../model/emoji.ts'
import { dislike, plainLike } from '../model/relation.ts'
import { toEmoji } from './emoji-document.ts'
import { emojisOf } from './parse-content.ts'
import { textOf, type Json } from './parse-values.ts'

/** The emoji that a reaction carries (FEP-c0e0, Misskey); undefined for a plain one. */
export function reactionKeyOf(document: Json): string | undefined {
  const text = textOf(document['_misskey_reaction'], 300) ?? textOf(document['content'], 300)
  const key = text?.trim() ?? ''
  const shortcode = shortcodeOf(key)
  if (shortcode !== undefined) return `:${shortcode}:`
  return isEmoji(key) ? qualifiedEmoji(key) : undefined
}

/** What a Like, EmojiReact or Dislike says; an emoji that is none is read as a plain like. */
export function feelingOf(document: Json, type: 'Like' | 'EmojiReact' | 'Dislike'): Feeling {
  if (type === 'Dislike') return { type, key: dislike }
  const key = reactionKeyOf(document)
  if (key === undefined) return { type: 'Like', key: plainLike }
  const emoji = emojisOf(document).find(({ shortcode }) => `:${shortcode}:` === key)
  return { type, key, ...(emoji === undefined ? {} : { emoji }) }
}

export const reactionContext = [
  'https://www.w3.org/ns/activitystreams',
  {
    litepub: 'http://litepub.social/ns#',
    EmojiReact: 'litepub:EmojiReact',
    misskey: 'https://misskey-hub.net/ns#',
    _misskey_reaction: 'misskey:_misskey_reaction',
    toot: 'http://joinmastodon.org/ns#',
    Emoji: 'toot:Emoji',
  },
]

/** Members beside id, actor and object. A Like with content is a like to those who know no more. */
export function toFeeling({ type, key, emoji }: Feeling): Json {
  const hasKey = type === 'EmojiReact' || (type === 'Like' && key !== plainLike)
  if (!hasKey) return { type }
  return {
    type,
    content: key,
    ...(type === 'Like' ? { _misskey_reaction: key } : {}),
    ...(emoji === undefined ? {} : { tag: [toEmoji(emoji)] }),
  }
}
