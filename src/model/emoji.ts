import type { Mxc, RoomId } from './ids.ts'

const variation = /\u{FE0F}/gu
// An emoji has a picture, is a flag of two letters, or a key cap; no letter or space is in it.
const pictorial = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\u{FE0F}?\u{20E3}/u
const plain = /[\p{L}\p{Z}\p{Cc}]/u
const longest = 64

/** Clients send the same emoji with and without the variation selector. */
export const bareEmoji = (key: string): string => key.replace(variation, '').trim()

/** Whether the text is one emoji, or a few that look like one. */
export const isEmoji = (key: string): boolean =>
  key.length <= longest && pictorial.test(key) && !plain.test(key)

/**
 * The form that Matrix clients send: what would show as text without the variation selector has it,
 * alone and in sequences (Unicode TR 51, "fully-qualified emoji").
 */
export const qualifiedEmoji = (key: string): string =>
  bareEmoji(key).replace(
    /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu,
    '$&\u{FE0F}',
  )

const shortcodeForm = /^:([^\s:<>"'&@]{1,100})(?:@[^\s:]{1,253})?:$/u

/** `blob` of `:blob:` and of `:blob@host:`. */
export const shortcodeOf = (key: string): string | undefined => shortcodeForm.exec(key)?.[1]

/** What stands between the colons; some pictures have hostile names. */
export const isShortcode = (name: string): boolean => /^[^\s:<>"'&@]{1,100}$/u.test(name)

/** A picture of the homeserver, by the name it has where it comes from. Without colons. */
export type NamedPicture = { readonly shortcode: string; readonly mxc: Mxc }

/** Custom emoji of a room (MSC2545). Key: room, type, state key. */
export type ImagePack = {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey: string
  readonly pictures: readonly NamedPicture[]
}

/**
 * A custom emoji of ours, made when the first message shows that picture. Its name is for that
 * picture alone: other servers keep one picture for each name of a host.
 */
export type OwnEmoji = NamedPicture & {
  /** 22 characters that nobody can guess: its address is `<public URL>/media/<id>`. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}
