import type { KnownForFediverse, KnownMention } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Mention } from '../model/note.ts'
import type { Text } from '../model/event.ts'
import { nameOf } from '../model/actor.ts'
import { toFediverseHtml } from './html-to-fediverse.ts'

export type Composed = {
  readonly content: string
  readonly mentions: readonly Mention[]
  readonly hashtags: readonly { readonly name: string; readonly href: string }[]
}

type Options = {
  readonly known: KnownForFediverse
  /** Mentioned whether the text names them or not. */
  readonly also: readonly KnownMention[]
  /** People whom the text names are linked, not addressed. */
  readonly isClosed: boolean
}

/** Text of a note: HTML, who is mentioned by it, and its hashtags. `actor` is whose `/me` it is. */
export function composeNote(text: Text, actor: LocalActor | undefined, options: Options): Composed {
  const { known, also, isClosed } = options
  const rendered = toFediverseHtml({
    body: text.body,
    ...(text.html === undefined ? {} : { html: text.html }),
    ...(actor === undefined ? {} : { prefix: `* ${nameOf(actor)} ` }),
    pills: known.pills,
    handles: known.handles,
    hashtagUrl: (name) => `${known.publicUrl}/tags/${encodeURIComponent(name.toLowerCase())}`,
  })
  const named = isClosed ? [] : rendered.mentioned
  const mentions = new Map<string, Mention>()
  for (const { actorId, handle } of [...also, ...named])
    mentions.set(actorId, { actorId, name: handle })
  return { content: rendered.html, mentions: [...mentions.values()], hashtags: rendered.hashtags }
}
