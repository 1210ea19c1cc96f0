import type { Action, SkipReason, Translation } from '../model/action.ts'
import type { KnownBarred, KnownBlocker, KnownForFediverse } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { ActorId, RoomId } from '../model/ids.ts'
import type { MatrixEvent, MessageKind, Text } from '../model/event.ts'
import { showsNothing } from './html-tree.ts'

/** Why something that somebody wrote does not go out, and what they can do: one notice for each event. */
const reasons = {
  alone: {
    skip: 'no-place',
    text: 'Not sent: nobody from the fediverse is left in this chat. `dm <handle>` starts a new one.',
  },
  'account-gone': {
    skip: 'no-place',
    text: 'Not sent: this account is no longer there. Reply to one of the posts here.',
  },
  'at-home': {
    skip: 'no-place',
    text: 'Not sent: reply to one of the posts here. Something new goes into the room that `publish` opens.',
  },
  'no-place': { skip: 'no-place', text: 'Not sent: reply to one of the posts here.' },
  moved: {
    skip: 'not-permitted',
    text: 'Not sent: your account has moved, and publishes nothing here since. `move-to cancel` brings it back.',
  },
  'nobody-left': {
    skip: 'no-place',
    text: 'Not sent: the people whom this would answer are no longer there. Reply to another post.',
  },
  'for-few': {
    skip: 'no-place',
    text: 'Not sent: the post you reply to is not for everybody any more, while everybody can read what is written here. Reply to another one.',
  },
  'parent-deleted': {
    skip: 'deleted',
    text: 'Not sent: the post you reply to was deleted. Reply to another one.',
  },
  'portal-posts-off': {
    skip: 'unwanted',
    text: 'Not sent: reply to one of the posts here, or change `settings room_posts ask`.',
  },
  'unknown-target': {
    skip: 'unknown-target',
    text: 'Not sent: I do not know the message you reply to, so I cannot tell whom it would reach. Reply to a post.',
  },
  unreadable: {
    skip: 'no-content',
    text: 'Not sent: I cannot read this file, because it is encrypted or incomplete. Send it again in a room without encryption.',
  },
  placeless: {
    skip: 'no-content',
    text: 'Not sent: I cannot read where this is. Write it as text, or send a link.',
  },
} as const satisfies Record<string, { skip: SkipReason; text: string }>

/** A notice in answer to it. */
export const tell = (event: MatrixEvent, key: string, text: string): Action & { do: 'tell' } => ({
  do: 'tell',
  place: { kind: 'room', roomId: event.roomId },
  text,
  replyTo: event.eventId,
  key,
})

/** A refusal that its author is told of. */
export function notSent(event: MatrixEvent, reason: keyof typeof reasons): Translation {
  const { skip, text } = reasons[reason]
  return { skip, actions: [tell(event, `${reason} ${event.eventId}`, text)] }
}

const mostNamed = 3

/** Whoever is left in a chat from the fediverse was blocked by the sender. */
export function blockedBySender(
  event: MatrixEvent,
  [first, ...others]: readonly [string, ...string[]],
): Translation {
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  const text = `Not sent: you have blocked ${first}${more}. \`unblock ${first}\` takes it back.`
  return { skip: 'blocked', actions: [tell(event, `blocked ${event.eventId}`, text)] }
}

/** Everybody from the fediverse who is left in a chat blocked the sender. */
export function blockedByAll(event: MatrixEvent, blockers: readonly KnownBlocker[]): Translation {
  const handles = blockers.map(({ mention }) => mention.handle)
  const others = handles.length - mostNamed
  const names = handles.slice(0, mostNamed).join(', ') + (others > 0 ? ` and ${others} more` : '')
  const areWishes = blockers.every(({ isWish }) => isWish === true)
  const has = handles.length > 1 ? 'have' : 'has'
  const text = areWishes
    ? `Not sent: ${names} ${has} ${wished}.`
    : `Not sent: ${names} ${has} blocked you. You can write again once they take that back.`
  return { skip: 'blocked', actions: [tell(event, `blocked ${event.eventId}`, text)] }
}

const wished = 'asked not to be written to by bridges or bots'

/** What somebody has done who is not written to: it is a block, or only what they say of bridges or bots. */
export const whatKeepsApart = ({ isWish }: { readonly isWish?: true }): string =>
  isWish === true ? `has ${wished}` : 'has blocked you'

/** What goes to the author of a post alone, or in their name, across a block; told each time. */
export function notAcross(
  event: MatrixEvent & { readonly type: 'reaction' | 'vote' },
  done: string,
  known: KnownForFediverse,
): Translation {
  const { handle } = known.target?.author ?? {}
  const name = handle ?? 'its author'
  if (known.barredDomain !== undefined) return notThere(event, done, known.barredDomain)
  const isTheirs = known.blocker !== known.author?.id
  const blocked = known.ownDomain ?? handle
  const why = isTheirs ? `${name} ${whatKeepsApart(known)}` : `you have blocked ${blocked ?? name}`
  const end = isTheirs || blocked === undefined ? '' : ` \`unblock ${blocked}\` takes it back.`
  const told = tell(event, `blocked ${event.eventId}`, `Not ${done}: ${why}.${end}`)
  // Clients show no answer to a reaction or a vote.
  return { skip: 'blocked', actions: [{ ...told, replyTo: event.target }] }
}

const notThere = (
  event: MatrixEvent & { readonly type: 'reaction' | 'vote' },
  done: string,
  domain: string,
): Translation => {
  const text = `Not ${done}: the admin of this server has blocked ${domain}.`
  const told = tell(event, `blocked ${event.eventId}`, text)
  return { skip: 'domain-blocked', actions: [{ ...told, replyTo: event.target }] }
}

/** The admin has blocked the domains of all who are left in a chat. */
export function barredFromAll(event: MatrixEvent, barred: readonly KnownBarred[]): Translation {
  const names = [...new Set(barred.map(({ domain }) => domain))].slice(0, mostNamed).join(', ')
  const text = `Not sent: the admin of this server has blocked ${names}.`
  return { skip: 'domain-blocked', actions: [tell(event, `blocked ${event.eventId}`, text)] }
}

/** The others hear it; told once in a chat. */
export const barredFromSome = (event: MatrixEvent, barred: readonly KnownBarred[]): Action[] =>
  barred.map(({ mention, domain }) =>
    tell(
      event,
      `barred ${domain} ${mention.actorId} ${event.roomId}`,
      `The admin of this server has blocked ${domain}: what you write here does not reach ${mention.handle}.`,
    ),
  )

/** The others hear it; that these do not is told once for each block. */
export const blockedBySome = (event: MatrixEvent, blockers: readonly KnownBlocker[]): Action[] =>
  blockers.map((blocker) => {
    const { mention, activityId } = blocker
    const text = `${mention.handle} ${whatKeepsApart(blocker)}: what you write here reaches the others alone.`
    return tell(event, `blocked ${activityId} ${event.roomId}`, text)
  })

/** Told once in a chat, by whoever finds it out first. */
export const absentKey = (roomId: RoomId, actorId: ActorId): string => `absent ${roomId} ${actorId}`

export const absentText = (actorId: ActorId): string =>
  `${actorId} is addressed here, too, but cannot be found just now: what you write here reaches the others alone.`

/** Whose server does not answer gets nothing of it. */
export const absentFrom = (event: MatrixEvent, absent: readonly ActorId[]): Action[] =>
  absent.map((actorId) => tell(event, absentKey(event.roomId, actorId), absentText(actorId)))

/** The sender, where they may publish now. */
export function publisherOf({ author, isPermitted }: KnownForFediverse): LocalActor | undefined {
  const isHere = author?.deletedAt === undefined && author?.profile?.movedTo === undefined
  return isPermitted && isHere ? author : undefined
}

/** What somebody reads who may only follow and read. */
export const onlyFollows =
  "Not sent: this server's admin lets you follow and read here, and not publish or write."

/** Somebody who may not publish wrote where it would be published. */
export function unknownAuthor(event: MatrixEvent, known: KnownForFediverse): Translation {
  if (known.author?.profile?.movedTo !== undefined) return notSent(event, 'moved')
  if (known.isPermitted && known.author !== undefined) return { skip: 'not-an-actor' }
  const text = known.isPermitted
    ? `Not sent: on the fediverse nobody knows you yet. \`register\` makes you ${known.handle}, then send it again.`
    : known.isReader === true
      ? onlyFollows
      : "Not sent: this server's admin has not enabled Footbridge for you."
  return {
    skip: known.isPermitted ? 'not-an-actor' : 'not-permitted',
    // Once per room: a lively room must not be flooded with it.
    actions: [tell(event, `unregistered ${event.sender} ${event.roomId}`, text)],
  }
}

/** Notices and commands stay in Matrix, whoever writes them. */
export const isMeantForMatrix = (kind: MessageKind, text: Text): boolean =>
  kind === 'notice' || text.body.trimStart().startsWith('!')

/** Of more files than servers take, the first go out. */
export const notAllFiles = (event: MatrixEvent, sent: number, all: number): Action =>
  tell(event, `files ${event.eventId}`, `Only the first ${sent} of these ${all} files were sent.`)

/** Whether it is words or files. A message of an unknown type is its text, as it is to clients that do not know it. */
export function refusedContent(
  event: MatrixEvent & { type: 'message' | 'edit' },
): Translation | undefined {
  if (event.kind === 'location' && event.place === undefined) return notSent(event, 'placeless')
  if (event.kind === 'media')
    return event.media.length === 0 ? notSent(event, 'unreadable') : undefined
  return showsNothing(event.text.body) ? { skip: 'no-content' } : undefined
}
