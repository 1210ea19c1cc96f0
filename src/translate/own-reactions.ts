import type { Action, Translation } from '../model/action.ts'
import type { KnownForFediverse } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { Feeling, Reaction } from '../model/relation.ts'
import { bareEmoji, isEmoji, qualifiedEmoji } from '../model/emoji.ts'
import { isOpen, publicCollection } from '../model/audience.ts'
import { innerOf } from '../model/outgoing.ts'
import { boost, dislike, plainLike } from '../model/relation.ts'
import { keepsOneReaction, knowsDislike, knowsEmojiReact, showsLikes } from '../model/server.ts'
import { likeKeys } from './reaction-keys.ts'
import { notAcross, publisherOf, tell, unknownAuthor } from './not-sent.ts'

type ReactionEvent = MatrixEvent & { type: 'reaction' }
type Outgoing = OutgoingActivity & { type: 'react' | 'undo' }

const skinTone = /\p{Emoji_Modifier}/gu

/**
 * The form that the post's server understands; a Like with an emoji inside is a like to those who
 * know no more. Undefined where it would mean something else there, or is no emoji.
 */
function feelingFor(
  key: string,
  { software, reactionEmoji: emoji }: KnownForFediverse,
): Feeling | undefined {
  if (emoji !== undefined) {
    const type = knowsEmojiReact(software) ? 'EmojiReact' : 'Like'
    return { type, key: `:${emoji.shortcode}:`, emoji }
  }
  const bare = bareEmoji(key)
  if (bare === boost) return { type: 'Announce', key: boost }
  if (likeKeys.has(bare) && !showsLikes(software)) return { type: 'Like', key: plainLike }
  const isDislike = bare.replace(skinTone, '') === dislike
  if (isDislike && knowsDislike(software)) return { type: 'Dislike', key: dislike }
  if (!isEmoji(key)) return undefined
  const qualified = qualifiedEmoji(key)
  if (knowsEmojiReact(software)) return { type: 'EmojiReact', key: qualified }
  const isUnderstood = !isDislike || showsLikes(software)
  return isUnderstood ? { type: 'Like', key: qualified } : undefined
}

/** A Like goes to who wrote the post, a boost to everybody who reads the booster as well. */
function publish(activity: Outgoing, feeling: Feeling, known: KnownForFediverse): Action {
  const isBoost = feeling.type === 'Announce'
  const author = known.target?.author
  const object = activity.type === 'react' ? activity.object : activity.inner.object
  const isOwn = author?.actorId === activity.actor
  const to = author === undefined || isOwn ? [] : [author.actorId]
  return {
    do: 'publish',
    activity: isBoost
      ? { ...activity, to: [publicCollection], cc: [`${activity.actor}/followers`, ...to] }
      : { ...activity, to, cc: [] },
    recipients: to,
    toFollowers: isBoost,
    inboxes: [],
    order: object,
  }
}

const undo = (reaction: Reaction, id: Outgoing['id'], known: KnownForFediverse): Action =>
  publish(
    { type: 'undo', id, actor: reaction.actor, inner: innerOf(reaction), to: [], cc: [] },
    reaction,
    known,
  )

const refusals = {
  'not-public': 'Not boosted: this is not public. Only what everybody may read can be passed on.',
  deleted: 'Not boosted: this post was deleted.',
} as const

const notBoosted = (event: ReactionEvent, skip: keyof typeof refusals): Translation => ({
  skip,
  actions: [
    {
      do: 'tell',
      place: { kind: 'room', roomId: event.roomId },
      text: refusals[skip],
      replyTo: event.eventId,
      key: `not boosted ${event.eventId}`,
    },
  ],
})

/** Said once for each server: otherwise a reaction that nobody sees would look sent. */
const onlyNewest = (event: ReactionEvent, host: string): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId: event.roomId },
  text: `${host} keeps one reaction of each person to a post: your newest one counts there.`,
  replyTo: event.target,
  key: `one reaction ${host} ${event.sender}`,
})

/** Of what its author's server cannot show: said once for each server in a room. */
function unshown(event: ReactionEvent, { author }: ObjectRecord, known: KnownForFediverse) {
  const { host } = new URL(author)
  const things = feelingFor(dislike, known) ? '' : `no ${dislike} and `
  const text = `Not sent: ${host} takes ${things}no words as reactions. Such a reaction is seen on Matrix alone; other emoji go out.`
  const told = tell(event, `unshown reaction ${host} ${event.roomId}`, text)
  return { skip: 'unsupported', actions: [{ ...told, replyTo: event.target }] } as const
}

/** What the new reaction replaces at a server that keeps one. */
function replaced(event: ReactionEvent, feeling: Feeling, known: KnownForFediverse): Action[] {
  // Of more than one, the older ones were replaced there already.
  const others = known.reactionsGiven.filter(({ type }) => type !== 'Announce').slice(-1)
  const host = known.target?.object === undefined ? '' : new URL(known.target.object.author).host
  const isAlone = feeling.type === 'Announce' || !keepsOneReaction(known.software)
  if (isAlone || others.length === 0) return []
  return [
    ...others.map((reaction) => undo(reaction, known.ids.undo, known)),
    {
      do: 'commit',
      changes: others.map(({ activityId }) => ({ change: 'remove-reaction', activityId })),
    },
    onlyNewest(event, host),
  ]
}

function sendFeeling(
  event: ReactionEvent,
  feeling: Feeling,
  { author, object, known }: { author: LocalActor; object: ObjectRecord; known: KnownForFediverse },
): Action[] {
  const { ids, now } = known
  const activity: Outgoing = {
    type: 'react',
    id: ids.activity,
    actor: author.id,
    object: object.id,
    feeling,
    at: now,
    to: [],
    cc: [],
  }
  const reaction: Reaction = {
    ...feeling,
    activityId: ids.activity,
    actor: author.id,
    object: object.id,
  }
  return [
    publish(activity, feeling, known),
    {
      do: 'commit',
      changes: [
        { change: 'put-reaction', reaction },
        {
          change: 'add-mapping',
          mapping: {
            remoteId: ids.activity,
            roomId: event.roomId,
            part: 0,
            eventId: event.eventId,
            sender: event.sender,
          },
        },
      ],
    },
  ]
}

export function translateReactionOut(event: ReactionEvent, known: KnownForFediverse): Translation {
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  const author = publisherOf(known)
  const feeling = feelingFor(event.key, known)
  const isBoost = feeling?.type === 'Announce'
  // A like that stays in Matrix is still one there; what is boosted by nobody is boosted to nobody.
  if (author === undefined && isBoost) return unknownAuthor(event, known)
  if (author === undefined) return { skip: known.isPermitted ? 'not-an-actor' : 'not-permitted' }
  if (object.deletedAt !== undefined)
    return isBoost ? notBoosted(event, 'deleted') : { skip: 'deleted' }
  if (isBoost && !isOpen(object.visibility)) return notBoosted(event, 'not-public')
  if (object.isLocal && !isBoost) return { skip: 'own-echo' }
  if (known.blocker !== undefined) return notAcross(event, isBoost ? 'boosted' : 'sent', known)
  if (feeling === undefined) return unshown(event, object, known)
  // 👍 and ❤️ of one person are one Like.
  const isGiven = known.reactionsGiven.some(
    ({ type, key }) => type === feeling.type && key === feeling.key,
  )
  if (isGiven) return { skip: 'already-known' }
  return {
    actions: [
      ...replaced(event, feeling, known),
      ...sendFeeling(event, feeling, { author, object, known }),
    ],
  }
}

export function translateUnreact(
  event: MatrixEvent & { type: 'redaction' },
  reaction: Reaction,
  known: KnownForFediverse,
): Translation {
  if (known.author === undefined || reaction.actor !== known.author.id)
    return { skip: 'not-the-owner' }
  return {
    actions: [
      undo(reaction, known.ids.activity, known),
      {
        do: 'commit',
        changes: [
          { change: 'remove-reaction', activityId: reaction.activityId },
          { change: 'remove-mapping', roomId: event.roomId, eventId: event.target },
        ],
      },
    ],
  }
}
