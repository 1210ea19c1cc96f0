/**
 * Who may see a note. Ordered from wide to narrow: a reply never stands left of what it answers.
 * The wire rules are those of Mastodon-like software (`translate/audience.ts`).
 */
export const visibilities = ['public', 'unlisted', 'followers', 'direct'] as const
export type Visibility = (typeof visibilities)[number]

/** Whether everybody may see it. */
export const isOpen = (visibility: Visibility): boolean =>
  visibility === 'public' || visibility === 'unlisted'

/** `to` and `cc` as they stand on the wire; identical on an activity and its object. */
export type Audience = { readonly to: readonly string[]; readonly cc: readonly string[] }

export const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'
