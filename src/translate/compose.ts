import type { KnownForFediverse, KnownMention } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Emoji, Mention } from '../model/note.ts'
import type { Text } from '../model/event.ts'
import { nameOf } from '../model/actor.ts'
import { toFediverseHtml } from './html-to-fediverse.ts'
import { nameEmojis } from './own-emojis.ts'

export type Composed = {
  readonly content: string
  readonly mentions: readonly Mention[]
  readonly hashtags: readonly { readonly name: string; readonly href: string }[]
  /** Content warning. */
  readonly summary?: string
  /** Of the text and its warning. */
  readonly emojis: readonly Emoji[]
}

type Options = {
  readonly known: KnownForFediverse
  /** Mentioned whether the text names them or not. */
  readonly also: readonly KnownMention[]
  /** People whom the text names are linked, not addressed. */
  readonly isClosed: boolean
  /** Content warning. */
  readonly summary: string | undefined
}

/** Text of a note: HTML, who is mentioned by it, and its hashtags. `actor` is whose `/me` it is. */
export function composeNote(text: Text, actor: LocalActor | undefined, options: Options): Composed {
  const { known, also, isClosed } = options
  const warning = nameEmojis(options.summary ?? '', known.emojis)
  const rendered = toFediverseHtml({
    body: text.body,
    ...(text.html === undefined ? {} : { html: text.html }),
    ...(actor === undefined ? {} : { prefix: `* ${nameOf(actor)} ` }),
    pills: known.pills,
    handles: known.handles,
    emojis: known.emojis,
    hashtagUrl: (name) => `${known.publicUrl}/tags/${encodeURIComponent(name.toLowerCase())}`,
  })
  const named = isClosed ? [] : rendered.mentioned
  const mentions = new Map<string, Mention>()
  for (const { actorId, handle } of [...also, ...named])
    mentions.set(actorId, { actorId, name: handle })
  const emojis = [...rendered.emojis, ...warning.emojis]
  return {
    content: rendered.html,
    mentions: [...mentions.values()],
    hashtags: rendered.hashtags,
    ...(options.summary === undefined ? {} : { summary: warning.text }),
    emojis: [...new Map(emojis.map((emoji) => [emoji.shortcode, emoji])).values()],
  }
}
