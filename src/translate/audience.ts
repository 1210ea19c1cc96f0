import { publicCollection, visibilities } from '../model/audience.ts'
import type { Audience, Visibility } from '../model/audience.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'

/** The three spellings of the public collection that ActivityPub section 5.6 allows. */
const publicNames = new Set<string>([publicCollection, 'as:Public', 'Public'])

const isPublic = (ids: readonly string[]): boolean => ids.some((id) => publicNames.has(id))

/** Public or unlisted. */
export const isForAll = ({ to, cc }: Audience): boolean => isPublic(to) || isPublic(cc)

/**
 * Who may see a note, read as Mastodon-like software reads it. While the author's followers
 * collection is not known, any `…/followers` is taken for it; what fits nothing is direct.
 */
export function visibilityOf(audience: Audience, followersUrl: string | undefined): Visibility {
  if (isPublic(audience.to)) return 'public'
  if (isPublic(audience.cc)) return 'unlisted'
  const isFollowers = (id: string): boolean =>
    followersUrl === undefined ? /\/followers\/?$/.test(id) : id === followersUrl
  return [...audience.to, ...audience.cc].some(isFollowers) ? 'followers' : 'direct'
}

/**
 * `to` and `cc` of one of our notes. Everybody mentioned is addressed; a direct note has an empty
 * `cc`, as Pixelfed wants it.
 */
export function audienceFor(note: {
  readonly visibility: Visibility
  readonly followersUrl: string
  readonly mentioned: readonly ActorId[]
}): Audience {
  const mentioned: string[] = [...new Set(note.mentioned)]
  switch (note.visibility) {
    case 'public':
      return { to: [publicCollection], cc: [note.followersUrl, ...mentioned] }
    case 'unlisted':
      return { to: [note.followersUrl], cc: [publicCollection, ...mentioned] }
    case 'followers':
      return { to: [note.followersUrl], cc: mentioned }
    case 'direct':
      return { to: mentioned, cc: [] }
  }
}

/** The one of both that fewer people see. */
export const narrower = (a: Visibility, b: Visibility): Visibility =>
  visibilities.indexOf(a) > visibilities.indexOf(b) ? a : b

/**
 * How wide a reply may go: never wider than what it answers. Our followers are not the author's,
 * so a reply to somebody else's followers-only note goes to the people it names alone.
 */
export const replyVisibility = (parent: Visibility, isOwn: boolean): Visibility =>
  parent === 'followers' && !isOwn ? 'direct' : parent

/**
 * What a note and its later versions are delivered in order with: a private conversation is read
 * in the order it was written, while public posts do not wait for each other.
 */
export const orderOf = (note: {
  readonly id: ObjectId
  readonly visibility: Visibility
  readonly context?: string
}): string => (note.visibility === 'direct' ? (note.context ?? note.id) : note.id)
