import type { Action, Translation } from '../model/action.ts'
import type { Audience, Visibility } from '../model/audience.ts'
import type { KnownForFediverse, KnownMention } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { HeldMessage } from '../model/change.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ObjectRecord } from '../model/note.ts'
import { audienceFor, replyVisibility } from './audience.ts'
import { composeNote } from './compose.ts'

type Message = MatrixEvent & { type: 'message' }
type Reaction = MatrixEvent & { type: 'reaction' }

/** What is written, to whom, in answer to what. */
type Draft = {
  readonly message: Message
  readonly author: LocalActor
  readonly visibility: Visibility
  readonly inReplyTo?: ObjectRecord
  /** Addressed whether the text names them or not. */
  readonly addressed: readonly KnownMention[]
  readonly context: string
  /** Nobody else may be added by naming them. */
  readonly isClosed: boolean
}

const tell = (event: MatrixEvent, key: string, text: string): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId: event.roomId },
  text,
  replyTo: event.eventId,
  key,
})

function unknownAuthor(event: Message, known: KnownForFediverse): Translation {
  const text = known.isPermitted
    ? `Not sent: on the fediverse nobody knows you yet. \`register\` makes you ${known.handle}, then send it again.`
    : "Not sent: this server's admin has not enabled Footbridge for you."
  return {
    skip: known.isPermitted ? 'not-an-actor' : 'not-permitted',
    // Once per room: a lively room must not be flooded with it.
    actions: [tell(event, `unregistered ${event.sender} ${event.roomId}`, text)],
  }
}

function publishDraft(draft: Draft, known: KnownForFediverse): Action[] {
  const { author, message } = draft
  const composed = composeNote(message.text, message.kind === 'emote' ? author : undefined, {
    known,
    also: draft.addressed,
    isClosed: draft.isClosed,
  })
  const mentioned = composed.mentions.map(({ actorId }) => actorId).filter((id) => id !== author.id)
  const audience: Audience = audienceFor({
    visibility: draft.visibility,
    followersUrl: `${author.id}/followers`,
    mentioned,
  })
  const note = {
    ...audience,
    id: known.ids.object,
    author: author.id,
    content: composed.content,
    source: message.text.body,
    published: known.now,
    url: known.ids.object,
    context: draft.context,
    mentions: composed.mentions,
    hashtags: composed.hashtags,
    ...(draft.inReplyTo === undefined ? {} : { inReplyTo: draft.inReplyTo.id }),
  }
  const threadRoot =
    known.target === undefined
      ? undefined
      : (known.target.mapping.threadRoot ?? known.target.mapping.eventId)
  return [
    {
      do: 'publish',
      activity: { type: 'create', id: known.ids.activity, actor: author.id, note, ...audience },
      recipients: mentioned,
      toFollowers: draft.visibility !== 'direct',
      inboxes: [],
      order: note.id,
    },
    {
      do: 'commit',
      changes: [
        {
          change: 'add-mapping',
          mapping: {
            remoteId: note.id,
            roomId: message.roomId,
            part: 0,
            eventId: message.eventId,
            sender: message.sender,
            ...(threadRoot === undefined ? {} : { threadRoot }),
          },
        },
      ],
    },
  ]
}

function replyDraft(
  message: Message,
  author: LocalActor,
  known: KnownForFediverse,
): Draft | undefined {
  const parent = known.target?.object
  if (parent === undefined) return undefined
  const isOwn = parent.author === author.id
  const to = known.target?.author
  return {
    message,
    author,
    visibility: replyVisibility(parent.visibility, isOwn),
    inReplyTo: parent,
    addressed: to === undefined || isOwn ? [] : [to],
    context: parent.context ?? known.context,
    // A reply never reaches wider than what it answers: nobody is added below public.
    isClosed: parent.visibility === 'direct' || parent.visibility === 'followers',
  }
}

function directDraft(message: Message, author: LocalActor, known: KnownForFediverse): Draft {
  const parent = known.target?.object ?? known.newestDirect
  return {
    message,
    author,
    visibility: 'direct',
    ...(parent === undefined ? {} : { inReplyTo: parent }),
    addressed: known.participants,
    context: known.context,
    isClosed: true,
  }
}

function holdForConsent(message: Message, known: KnownForFediverse): Translation {
  const handle = known.account?.handle ?? 'this account'
  if (known.portalPosts === 'off') {
    return {
      skip: 'unwanted',
      actions: [
        tell(
          message,
          `portal-post ${message.eventId}`,
          'Not sent: reply to one of the posts here, or change `settings portal_posts ask`.',
        ),
      ],
    }
  }
  return {
    actions: [
      {
        do: 'hold',
        message,
        text: `This would be a public post that mentions ${handle}. React ✅ to publish it, or reply to one of the posts here instead.`,
      },
    ],
  }
}

function accountDraft(message: Message, author: LocalActor, known: KnownForFediverse): Draft {
  return {
    message,
    author,
    visibility: 'public',
    addressed: known.account === undefined ? [] : [known.account],
    context: known.context,
    isClosed: false,
  }
}

function profileDraft(
  message: Message,
  author: LocalActor,
  known: KnownForFediverse,
): Draft | undefined {
  if (known.portal?.kind !== 'profile' || known.portal.userId !== message.sender) return undefined
  return {
    message,
    author,
    visibility: 'public',
    addressed: [],
    context: known.context,
    isClosed: false,
  }
}

function unknownTarget(message: Message): Translation {
  const text =
    'Not sent: I do not know the message you reply to, so I cannot tell whom it would reach.'
  return {
    skip: 'unknown-target',
    actions: [tell(message, `unknown-target ${message.eventId}`, text)],
  }
}

function inPortal(message: Message, author: LocalActor, known: KnownForFediverse): Translation {
  const { portal } = known
  if (portal === undefined) return { skip: 'no-place' }
  if (portal.kind === 'direct') {
    if (known.participants.length === 0) {
      const text = 'Not sent: nobody from the fediverse is left in this chat.'
      return { skip: 'no-place', actions: [tell(message, `alone ${message.eventId}`, text)] }
    }
    return { actions: publishDraft(directDraft(message, author, known), known) }
  }
  if (known.isTargetUnknown) return unknownTarget(message)
  const target = known.target?.object
  if (target?.deletedAt !== undefined) {
    return {
      skip: 'deleted',
      actions: [
        tell(message, `gone ${message.eventId}`, 'Not sent: the post you reply to was deleted.'),
      ],
    }
  }
  const reply = replyDraft(message, author, known)
  if (reply !== undefined) return { actions: publishDraft(reply, known) }
  if (portal.kind === 'actor' && known.portalPosts !== 'on') return holdForConsent(message, known)
  const draft =
    portal.kind === 'actor'
      ? accountDraft(message, author, known)
      : profileDraft(message, author, known)
  if (draft !== undefined) return { actions: publishDraft(draft, known) }
  const text = 'Not sent: reply to one of the posts here.'
  return { skip: 'no-place', actions: [tell(message, `no-place ${message.eventId}`, text)] }
}

export function translateMessage(message: Message, known: KnownForFediverse): Translation {
  if (known.portal === undefined || known.portal.kind === 'management') return { skip: 'no-place' }
  if (message.kind === 'notice') return { skip: 'unwanted' }
  if (message.text.body.startsWith('!')) return { skip: 'unwanted' }
  if (message.kind !== 'text' && message.kind !== 'emote') {
    const text = 'Not sent: I can bring only text to the fediverse so far.'
    return { skip: 'unsupported', actions: [tell(message, `unsupported ${message.eventId}`, text)] }
  }
  if (message.text.body.trim() === '') return { skip: 'no-content' }
  if (known.author === undefined || !known.isPermitted) return unknownAuthor(message, known)
  return inPortal(message, known.author, known)
}

/** The author's ✅ on the prompt: the held message goes out as it stands now. */
export function publishHeld(
  reaction: Reaction,
  held: HeldMessage,
  known: KnownForFediverse,
): Translation {
  const message = held.message
  if (reaction.sender !== message.sender) return { skip: 'not-the-owner' }
  if (known.author === undefined || !known.isPermitted) return unknownAuthor(message, known)
  const draft = accountDraft(message, known.author, known)
  return {
    actions: [
      ...publishDraft(draft, known),
      { do: 'commit', changes: [{ change: 'unhold', eventId: held.eventId }] },
    ],
  }
}
