/** Another server, as its NodeInfo describes it. */
export type Server = {
  /** With a port where it has one, lower case. */
  readonly host: string
  /** Lower case, such as `mastodon`; absent where it did not tell. */
  readonly software?: string
  readonly version?: string
  /** Its people have chats beside their posts (Pleroma's). */
  readonly hasChats?: boolean
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
}

// What people call a fork, and what it says of itself.
const misskeys = [
  'misskey',
  'sharkey',
  'firefish',
  'iceshrimp',
  'foundkey',
  'cherrypick',
  'calckey',
]
const reacting = [
  'pleroma',
  'akkoma',
  'snac',
  'iceshrimp.net',
  'piefed',
  'hollo',
  'friendica',
  'mitra',
]
const disliking = [
  'lemmy',
  'mbin',
  'kbin',
  'piefed',
  'peertube',
  'friendica',
  'hubzilla',
  'streams',
  'forte',
]

/** The first version of snac that knows EmojiReact. */
const reactingSnac = 2.86

const matrixBridges = ['footbridge', 'kazarma']

/** Whether all accounts of such a server stand for people on Matrix. */
export const isMatrixBridge = (software: string | undefined): boolean =>
  software !== undefined && matrixBridges.includes(software)

/** What to take that server for: an old one of its kind may know less than the kind. */
export function kindOf({ software, version = '' }: Server): string | undefined {
  const isOld = software === 'snac' && Number.parseFloat(version) < reactingSnac
  return isOld ? undefined : software
}

/** Milliseconds between two deliveries; GoToSocial has no shared inbox, and refuses more than one a second. */
export const paceOf = (software: string | undefined): number | undefined =>
  software === 'gotosocial' ? 1_000 : undefined

/** Gives up at once what it could not hand over for lack of a connection. */
export const triesOnce = (software: string | undefined): boolean => software === 'snac'

/** Shows the emoji inside of a Like; to all others a Like is a like. */
export const showsLikes = (software: string | undefined): boolean =>
  software !== undefined && misskeys.includes(software)

/** Understands EmojiReact, several of one person (FEP-c0e0). */
export const knowsEmojiReact = (software: string | undefined): boolean =>
  software !== undefined && reacting.includes(software)

/** Keeps one reaction of each person to a post: to whom all are likes, the second says nothing new. */
export const keepsOneReaction = (software: string | undefined): boolean =>
  !knowsEmojiReact(software)

/** Means it when it says Dislike. */
export const knowsDislike = (software: string | undefined): boolean =>
  software !== undefined && disliking.includes(software)

/**
 * How a group tells that server of a post: `whole`, the activity that brought it (FEP-1b12), or `note`, a
 * boost of it.
 */
export type GroupForm = 'whole' | 'note'

/** What reads whole activities of groups. */
export const threadiverse: readonly string[] = ['lemmy', 'mbin', 'kbin', 'piefed', 'mobilizon']

export const groupFormFor = (software: string | undefined): GroupForm =>
  software !== undefined && threadiverse.includes(software) ? 'whole' : 'note'

/**
 * Whether private messages to one person are ChatMessages there: `only`, or beside notes. Lemmy knew
 * nothing else before 1.0.
 */
export function chatsOf({ software, version = '', hasChats }: Server): 'only' | 'also' | undefined {
  if (software === 'lemmy' && version.startsWith('0.')) return 'only'
  return hasChats === true ? 'also' : undefined
}
