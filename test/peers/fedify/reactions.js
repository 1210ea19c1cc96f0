import { Dislike, Emoji, EmojiReact, Image, Like } from '@fedify/vocab'

/** A custom emoji, by its name without colons. */
export const emojiOf = ({ name, url }) =>
  new Emoji({ id: new URL(url), name: `:${name}:`, icon: new Image({ url: new URL(url) }) })

/** What an account makes of a post of others, told to its author. */
export function reactions({ send, actorUri, lookUp, newId }) {
  async function tell(Type, { as, object, to, ...said }) {
    const fields = { id: newId(), actor: actorUri(as), object: new URL(object), to: new URL(to) }
    return { activity: await send(as, await lookUp(to), new Type({ ...fields, ...said })) }
  }
  return {
    /** `type`: Like, or Dislike. */
    like: ({ type, ...about }) => tell(type === 'Dislike' ? Dislike : Like, about),
    react: ({ emoji, ...about }) =>
      tell(EmojiReact, { ...about, content: `:${emoji.name}:`, tags: [emojiOf(emoji)] }),
  }
}
