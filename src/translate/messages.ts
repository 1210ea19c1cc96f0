import type { Action, Translation } from '../model/action.ts'
import type { Audience, Visibility } from '../model/audience.ts'
import type { KnownForFediverse, KnownMention } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { Change, HeldMessage } from '../model/change.ts'
import type { MessagePart } from '../model/draft.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { ActorId, EventId } from '../model/ids.ts'
import type { Mention, ObjectRecord } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import { isOpen } from '../model/audience.ts'
import { noticeId } from '../model/notice-id.ts'
import { filesOf, linksToMore, maxFiles, type PartFile } from './attachments.ts'
import { audienceFor, narrower, orderOf, replyVisibility } from './audience.ts'
import { asChat } from './chats.ts'
import { composeNote } from './compose.ts'
import { quotableBy, quoteActions, quotingOf } from './own-quotes.ts'
import { placeText } from './places.ts'
import { nameAnswers, together } from './own-polls.ts'
import { splitWarning, veilOf } from './warnings.ts'
import {
  absentFrom,
  barredFromAll,
  barredFromSome,
  blockedByAll,
  blockedBySender,
  blockedBySome,
  isMeantForMatrix,
  notAllFiles,
  notSent,
  publisherOf,
  refusedContent,
  unknownAuthor,
} from './not-sent.ts'
import { overLimit } from './over-limit.ts'

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
  readonly wishes?: Wishes
  /** Goes to the group's followers instead of the author's. */
  readonly group?: ActorId
}

/** What its author asks for besides the words. */
export type Wishes = {
  readonly visibility?: Visibility
  /** BCP 47. */
  readonly language?: string
  /** Content warning. */
  readonly summary?: string
}

/** Where the message stands, as the fediverse's answers to it will: a plain reply counts as one in the thread of what it answers, except where people just talk. */
function threadRootOf(message: Message, known: KnownForFediverse): EventId | undefined {
  const { threadRoot } = message.relation
  const mapping = known.target?.mapping
  if (mapping === undefined || known.portal?.kind === 'direct') return threadRoot
  return mapping.threadRoot ?? mapping.eventId
}

const partsOf = (message: Message, { parts }: KnownForFediverse): readonly MessagePart[] =>
  parts ?? [{ eventId: message.eventId, part: 0, files: message.media.length }]

function mappingsOf(message: Message, known: KnownForFediverse): readonly Change[] {
  const { roomId, sender } = message
  const threadRoot = threadRootOf(message, known)
  const thread = threadRoot === undefined ? {} : { threadRoot }
  return partsOf(message, known).map(({ eventId, part }) => {
    const isPoll = message.poll !== undefined && part === 0
    const mapping = { remoteId: known.ids.object, roomId, part, eventId, sender, ...thread }
    return { change: 'add-mapping', mapping: isPoll ? { ...mapping, isPoll } : mapping }
  })
}

/** Each file with the part of the post that it came with. */
function filesByPart(message: Message, known: KnownForFediverse): readonly PartFile[] {
  const owners = partsOf(message, known).flatMap(({ part, files }) =>
    Array.from({ length: files }, () => part),
  )
  return message.media.map((media, index) => ({ media, part: owners[index] ?? 0 }))
}

/** What only some notes have. */
const optionalOf = ({ message, wishes, inReplyTo, group }: Draft): Partial<OutgoingNote> => ({
  ...(group === undefined ? {} : { group }),
  ...(wishes?.language === undefined ? {} : { language: wishes.language }),
  ...(message.place === undefined ? {} : { place: message.place }),
  ...(inReplyTo === undefined ? {} : { inReplyTo: inReplyTo.id }),
})

const tooManyFiles = (message: Message): readonly Action[] =>
  message.media.length > maxFiles ? [notAllFiles(message, maxFiles, message.media.length)] : []

function publishDraft(draft: Draft, known: KnownForFediverse): Translation {
  const { author, message } = draft
  const warned = splitWarning(placeText(message), message.media.length > 0)
  const veil = veilOf(message.media)
  const quoting = quotingOf({ ...draft, text: warned.text }, known.linked)
  const composed = composeNote(quoting.text, message.kind === 'emote' ? author : undefined, {
    known,
    also: draft.addressed,
    isClosed: draft.isClosed,
    summary: draft.wishes?.summary ?? warned.summary ?? veil.reason,
  })
  const { summary } = composed
  const asked = message.poll === undefined ? undefined : nameAnswers(message.poll, known.emojis)
  const mentioned = composed.mentions.map(({ actorId }) => actorId).filter((id) => id !== author.id)
  const refused = overLimit(message, new Set(mentioned), known)
  if (refused !== undefined) return refused
  const recipients = [...new Set([...mentioned, ...quoting.asks])]
  const audience: Audience = audienceFor({
    visibility: draft.visibility,
    followersUrl: `${draft.group ?? author.id}/followers`,
    mentioned: draft.group === undefined ? recipients : [draft.group, ...recipients],
  })
  const files = filesOf(known.ids.object, filesByPart(message, known), { known })
  const whole: OutgoingNote = {
    ...audience,
    id: known.ids.object,
    author: author.id,
    content: composed.content + quoting.html + linksToMore(files.attachments),
    source: warned.text.body,
    published: known.now,
    url: known.ids.object,
    context: draft.context,
    mentions: composed.mentions,
    hashtags: composed.hashtags,
    sensitive: summary !== undefined || veil.isVeiled,
    attachments: files.attachments,
    emojis: together(composed.emojis, asked?.emojis ?? []),
    ...(summary === undefined ? {} : { summary }),
    ...optionalOf(draft),
    ...(asked === undefined ? {} : { poll: asked.poll }),
    ...(quoting.quote === undefined ? {} : { quote: quoting.quote }),
    ...quotableBy(draft.visibility, known),
  }
  const note = draft.visibility === 'direct' ? asChat(whole, draft.inReplyTo, known) : whole
  const order = orderOf({ ...note, visibility: draft.visibility })
  const actions: Action[] = [
    {
      do: 'publish',
      activity: { type: 'create', id: known.ids.activity, actor: author.id, note, ...audience },
      recipients,
      toFollowers: draft.visibility !== 'direct',
      inboxes: [],
      order,
    },
    ...quoteActions({ note, quoting, event: message, order }, known),
    { do: 'commit', changes: [...mappingsOf(message, known), ...files.changes] },
    ...tooManyFiles(message),
  ]
  return { actions }
}

const asKnown = ({ actorId, name }: Mention): KnownMention => ({
  actorId,
  handle: name,
  url: actorId,
})

function replyDraft(
  message: Message,
  author: LocalActor,
  {
    parent,
    asked,
    known,
  }: {
    readonly parent: ObjectRecord
    readonly asked?: Visibility | undefined
    readonly known: KnownForFediverse
  },
): Draft {
  const isOwn = parent.author === author.id
  // Never wider than what it answers, nor than its author wishes all that they publish to be.
  const wish = asked ?? known.visibility
  const visibility = narrower(replyVisibility(parent.visibility, isOwn), wish)
  const to = known.target?.author
  // What goes on from a message to some people goes to the same people.
  const again = visibility === 'direct' ? parent.mentions.map(asKnown) : []
  const others = to === undefined ? [] : [to]
  return {
    message,
    author,
    visibility,
    inReplyTo: parent,
    addressed: isOwn ? again : others,
    context: parent.context ?? known.context,
    // A reply never reaches wider than what it answers: nobody is added below public.
    isClosed: parent.visibility === 'direct' || parent.visibility === 'followers',
  }
}

function directDraft(message: Message, author: LocalActor, known: KnownForFediverse): Draft {
  const answered = known.target?.object
  const parent =
    answered?.deletedAt === undefined ? (answered ?? known.newestDirect) : known.newestDirect
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

/** A message that answers nothing in the room of somebody's posts. */
function holdForConsent(message: Message, handle: string): Translation {
  const text = `This would be a public post that mentions ${handle}. React ✅ to publish it, or reply to one of the posts here instead.`
  return { actions: [{ do: 'hold', message, text }] }
}

function accountDraft(
  message: Message,
  author: LocalActor,
  { account, context }: { readonly account: KnownMention; readonly context: string },
): Draft {
  return { message, author, visibility: 'public', addressed: [account], context, isClosed: false }
}

function inProfile(message: Message, author: LocalActor, known: KnownForFediverse): Translation {
  if (known.portal?.kind !== 'profile' || known.portal.userId !== message.sender)
    return notSent(message, 'no-place')
  const { context } = known
  const draft: Draft = {
    message,
    author,
    visibility: known.visibility,
    addressed: [],
    context,
    isClosed: false,
  }
  return publishDraft(draft, known)
}

function inActorPortal(
  message: Message,
  author: LocalActor,
  known: KnownForFediverse,
): Translation {
  const { account, context, portalPosts } = known
  if (account === undefined) return notSent(message, 'account-gone')
  switch (portalPosts) {
    case 'on':
      return publishDraft(accountDraft(message, author, { account, context }), known)
    case 'ask':
      return holdForConsent(message, account.handle)
    case 'off':
      return notSent(message, 'portal-posts-off')
  }
}

function inDirect(message: Message, author: LocalActor, known: KnownForFediverse): Translation {
  const { participants, blockers, absent, barred = [] } = known
  const [blocked, ...more] = known.blocked ?? []
  if (participants.length === 0 && blocked !== undefined)
    return blockedBySender(message, [blocked, ...more])
  if (participants.length === 0 && barred.length > 0) return barredFromAll(message, barred)
  if (participants.length === 0)
    return blockers.length > 0 ? blockedByAll(message, blockers) : notSent(message, 'alone')
  const published = publishDraft(directDraft(message, author, known), known)
  if ('skip' in published) return published
  const others = [
    ...blockedBySome(message, blockers),
    ...barredFromSome(message, barred),
    ...absentFrom(message, absent),
  ]
  return { actions: [...published.actions, ...others] }
}

/**
 * What a member says in a group. Whoever has agreed to appear there has agreed to everybody reading it;
 * what they write for fewer people elsewhere is in no list here.
 */
function inGroup(message: Message, author: LocalActor, known: KnownForFediverse): Translation {
  const { group, context } = known
  if (group === undefined) return notSent(message, 'no-place')
  const parent = known.target?.object
  const asked: Visibility = known.visibility === 'public' ? 'public' : 'unlisted'
  const draft: Draft =
    parent === undefined
      ? { message, author, visibility: asked, addressed: [], context, isClosed: false }
      : replyDraft(message, author, { parent, asked, known })
  if (!isOpen(draft.visibility)) return notSent(message, 'for-few')
  return publishDraft({ ...draft, group: group.actorId }, known)
}

function inPortal(message: Message, author: LocalActor, known: KnownForFediverse): Translation {
  if (known.portal?.kind === 'direct') return inDirect(message, author, known)
  if (known.isTargetUnknown) return notSent(message, 'unknown-target')
  const parent = known.target?.object
  if (parent?.deletedAt !== undefined) return notSent(message, 'parent-deleted')
  if (known.portal?.kind === 'group') return inGroup(message, author, known)
  if (parent !== undefined) {
    const reply = replyDraft(message, author, { parent, known })
    const isForNobody = reply.visibility === 'direct' && reply.addressed.length === 0
    if (isForNobody) return notSent(message, 'nobody-left')
    return publishDraft(reply, known)
  }
  if (known.portal?.kind === 'home') return notSent(message, 'at-home')
  return known.portal?.kind === 'actor'
    ? inActorPortal(message, author, known)
    : inProfile(message, author, known)
}

export function translateMessage(message: Message, known: KnownForFediverse): Translation {
  if (
    known.portal === undefined ||
    known.portal.kind === 'management' ||
    known.portal.kind === 'moderation' ||
    known.portal.kind === 'space'
  )
    return { skip: 'no-place' }
  if (isMeantForMatrix(message.kind, message.text)) return { skip: 'unwanted' }
  const author = publisherOf(known)
  if (author === undefined) return unknownAuthor(message, known)
  return refusedContent(message) ?? inPortal(message, author, known)
}

/**
 * A post that is asked for by command, wherever that stood: in answer to what the message answers,
 * else to those who read its author. A reply never reaches wider than what it answers.
 */
export function translatePost(
  message: Message,
  wishes: Wishes,
  known: KnownForFediverse,
): Translation {
  const author = publisherOf(known)
  if (author === undefined) return unknownAuthor(message, known)
  const parent = known.target?.object
  if (parent?.deletedAt !== undefined) return notSent(message, 'parent-deleted')
  const { context } = known
  const own = { message, author, addressed: [], context, isClosed: false }
  const asked = wishes.visibility
  const draft: Draft =
    parent === undefined
      ? { ...own, visibility: asked ?? known.visibility }
      : replyDraft(message, author, { parent, asked, known })
  return publishDraft({ ...draft, wishes }, known)
}

/** What was asked says from then on that it is done. */
function sayPublished(actions: readonly Action[], { roomId, promptId }: HeldMessage): Action[] {
  const said = actions.flatMap((action) => (action.do === 'publish' ? action.activity : []))
  const create = said.find(({ type }) => type === 'create')
  if (create === undefined) return []
  const from = noticeId('published', create.id)
  const text = { msgtype: 'm.notice', body: 'Published.', mentions: [] } as const
  return [{ do: 'edit', as: 'bot', roomId, target: promptId, from, part: 0, text }]
}

/** The author's ✅ on the prompt or on the message: the held message goes out as it stands now. */
export function publishHeld(
  reaction: Reaction,
  held: HeldMessage,
  known: KnownForFediverse,
): Translation {
  const message = held.message
  if (reaction.sender !== message.sender) return { skip: 'not-the-owner' }
  const author = publisherOf(known)
  if (author === undefined) return unknownAuthor(message, known)
  const { account, context } = known
  if (account === undefined) return notSent(message, 'account-gone')
  const published = publishDraft(accountDraft(message, author, { account, context }), known)
  // It stays held, for another ✅.
  if ('skip' in published) return published
  return {
    actions: [
      ...published.actions,
      ...sayPublished(published.actions, held),
      { do: 'commit', changes: [{ change: 'unhold', eventId: held.eventId }] },
    ],
  }
}
