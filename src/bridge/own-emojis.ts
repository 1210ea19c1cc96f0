import { createHash } from 'node:crypto'
import type { Deps } from './ports.ts'
import type { Emoji } from '../model/note.ts'
import type { KnownEmojis } from '../translate/own-emojis.ts'
import type { MatrixEvent, Text } from '../model/event.ts'
import type { Mxc, RoomId, UserId } from '../model/ids.ts'
import type { NamedPicture, OwnEmoji } from '../model/emoji.ts'
import { mxcOf } from '../model/mxc.ts'
import { bareName, findEmojis, plainShortcode } from '../translate/own-emojis.ts'

const hashOf = (mxc: Mxc): string => createHash('sha256').update(mxc).digest('hex')

/** The name that is asked for, then ones that only this picture has. */
function* namesFor({ shortcode, mxc }: NamedPicture): Generator<string> {
  const plain = plainShortcode(shortcode)
  if (plain !== undefined) yield plain
  for (const length of [6, 16, 64]) yield `${plain ?? 'emoji'}_${hashOf(mxc).slice(0, length)}`
}

async function make(picture: NamedPicture, deps: Deps): Promise<OwnEmoji> {
  const { mxc } = picture
  for (const shortcode of namesFor(picture)) {
    if ((await deps.store.findEmojiNamed(shortcode)) !== undefined) continue
    const emoji = { id: deps.random.id(), shortcode, mxc, createdAt: deps.clock.now() }
    await deps.store.commit([{ change: 'put-emoji', emoji }])
    // Another process may have taken the name, or brought the picture, just then.
    const kept = await deps.store.findEmoji(mxc)
    if (kept !== undefined) return kept
  }
  throw new Error(`no name is free for ${mxc}`)
}

/** The custom emoji that shows that picture: one for all who use it, under the first name it was given. */
async function ensureEmoji(picture: NamedPicture, deps: Deps): Promise<Emoji> {
  const { store, identity } = deps
  const found =
    (await store.findEmoji(picture.mxc)) ??
    (await deps.locks('own emoji', async () => {
      const again = await store.findEmoji(picture.mxc)
      return again ?? make(picture, deps)
    }))
  return { shortcode: found.shortcode, url: `${identity.publicUrl}/media/${found.id}` }
}

/** Where somebody writes, and who: both have custom emoji to offer. */
type Writing = { readonly roomId: RoomId; readonly sender: UserId }

/**
 * Custom emoji that may be named there: those of the room, then those of the writer's own room,
 * which stand for the packs of their account, for these nobody but their client can read.
 */
async function offeredTo(
  { roomId, sender: userId }: Writing,
  deps: Deps,
): Promise<readonly NamedPicture[]> {
  const { store } = deps
  const here = await store.picturesOf(roomId)
  const actor = await store.findLocalActorByUser(userId)
  if (actor === undefined) return here
  const own = await store.findPortal({ kind: 'profile', userId, actorId: actor.id })
  if (own === undefined || own.roomId === roomId) return here
  return [...here, ...(await store.picturesOf(own.roomId))]
}

/** The custom emoji that a text shows or names; names are those of its own pictures first. */
export async function emojisIn(text: Text, writing: Writing, deps: Deps): Promise<KnownEmojis> {
  const { pictures, names } = findEmojis(text)
  const shown = [...pictures, ...(text.pictures ?? [])]
  const offered = names.length === 0 ? [] : await offeredTo(writing, deps)
  const named = names.flatMap((name) => offered.find(({ shortcode }) => shortcode === name) ?? [])
  const emojis = new Map<string, Emoji>()
  for (const picture of [...shown, ...named]) {
    const emoji = await ensureEmoji(picture, deps)
    emojis.set(picture.mxc, emoji)
    const name = `:${picture.shortcode}:`
    if (!emojis.has(name)) emojis.set(name, emoji)
  }
  return emojis
}

/** Those of a message and, where it asks something, of its answers. */
export async function emojisOf(
  { text, poll }: Pick<MatrixEvent & { readonly type: 'message' }, 'text' | 'poll'>,
  writing: Writing,
  deps: Deps,
): Promise<KnownEmojis> {
  const emojis = new Map(await emojisIn(text, writing, deps))
  for (const { name: body, html } of poll?.options ?? []) {
    const answer = { body, mentions: [], ...(html === undefined ? {} : { html }) }
    // A name stands for one picture in all of a post: the one that is met first.
    for (const [key, emoji] of await emojisIn(answer, writing, deps))
      if (!emojis.has(key)) emojis.set(key, emoji)
  }
  return emojis
}

type Reacted = MatrixEvent & { readonly type: 'reaction' }

/** The custom emoji of a reaction, whose key is its name or the address of its picture (MSC4027). */
export async function emojiOfReaction(event: Reacted, deps: Deps): Promise<Emoji | undefined> {
  const mxc = mxcOf(event.key)
  const isName = /^:[^\s:]+:$/.test(event.key)
  if (mxc === undefined && !isName) return undefined
  const offered = await offeredTo(event, deps)
  if (mxc === undefined) {
    const picture = offered.find(({ shortcode }) => shortcode === bareName(event.key))
    return picture && ensureEmoji(picture, deps)
  }
  const named = offered.find((picture) => picture.mxc === mxc)?.shortcode ?? ''
  return ensureEmoji({ mxc, shortcode: bareName(event.shortcode ?? named) }, deps)
}
