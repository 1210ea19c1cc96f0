import { createHash } from 'node:crypto'
import type { As, MatrixAction } from '../model/action.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { FoundMedia } from './fetch-media.ts'
import type { EventId, ObjectId, RoomId, UserId } from '../model/ids.ts'
import type { Mapping } from '../model/note.ts'
import type { MessageContent } from '../model/room.ts'
import { firstEditPart } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import { hiddenMark } from '../translate/own-notes.ts'
import { actorOf, ensureGhost, ensureJoined } from './ghosts.ts'
import { fileContent, reactionContent, textContent, withPictures } from './message-content.ts'
import { noticeHtml } from './notice-html.ts'
import { isOurs, matrixLink, roomOf } from './portals.ts'
import { isShown, shownMark } from './shown.ts'
import { txnIdOf } from './txn.ts'

/** For clients that know no edits. */
const shortBody = 500

type Do<Name> = MatrixAction & { do: Name }

/** The speaker, registered and in the room. */
async function speakerIn(as: As, roomId: RoomId, deps: Deps): Promise<UserId> {
  if (as === 'bot') return deps.identity.bot
  const ghost = await ensureGhost(await actorOf(as, deps), deps)
  await ensureJoined(ghost, roomId, deps)
  return ghost.userId
}

/** The file where it could be had, or the words that say it is missing. */
function contentOf(action: Do<'send'> | Do<'edit'>, found: FoundMedia): MessageContent {
  const { media } = action
  const text = withPictures(action.text, found)
  if (media === undefined) return textContent(text)
  const file = found.get(media.attachment.url)
  const thumbnail = found.get(media.attachment.thumbnail ?? '')
  const files = file && { file, ...(thumbnail === undefined ? {} : { thumbnail }) }
  const content = files && fileContent(text, media, files)
  return content ?? textContent(withPictures(media.fallback, found))
}

type Relation = { readonly threadRoot?: EventId; readonly content: Record<string, unknown> }

/** A reply to the root falls back to the newest event of the thread; a reply to a reply names it (MSC3440). */
async function threadRelation(parent: Mapping, deps: Deps): Promise<Relation> {
  const root = parent.threadRoot ?? parent.eventId
  const isFallback = parent.threadRoot === undefined
  const newest = isFallback ? await deps.store.findNewestInThread(parent.roomId, root) : undefined
  const replyTo = newest?.eventId ?? parent.eventId
  return {
    threadRoot: root,
    content: {
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: isFallback,
      'm.in_reply_to': { event_id: replyTo },
    },
  }
}

/** In a direct portal people just talk: only an answer to something in a thread stays there. */
async function relationTo(
  object: ObjectId,
  roomId: RoomId,
  deps: Deps,
): Promise<Relation | undefined> {
  const parent = (await deps.store.mappingsOf(object)).find(
    (m) => m.roomId === roomId && m.part === 0,
  )
  if (parent === undefined) return undefined
  const portal = await deps.store.findPortalByRoom(roomId)
  if (portal?.kind !== 'direct' || parent.threadRoot !== undefined)
    return threadRelation(parent, deps)
  const newest = await deps.store.findNewestDirect(roomId)
  if (newest === undefined || newest.id === object) return undefined
  return { content: { 'm.in_reply_to': { event_id: parent.eventId } } }
}

/** What follows the text of a post needs to say where it belongs only where there are threads. */
async function relationOf(
  { inReplyTo, part }: Do<'send'>,
  roomId: RoomId,
  deps: Deps,
): Promise<Relation | undefined> {
  const relation = inReplyTo === undefined ? undefined : await relationTo(inReplyTo, roomId, deps)
  return part > 0 && relation?.threadRoot === undefined ? undefined : relation
}

type Outgoing = {
  readonly type: string
  readonly txnId: string
  readonly content: MessageContent
  readonly ts?: number
}

/**
 * Sends once: after a crash or a cut answer the homeserver may have the event although we do not
 * know its id, and it forgets transaction ids when it restarts, so it is looked for first.
 */
async function sendOnce(
  as: UserId,
  roomId: RoomId,
  { message, isRepeated, deps }: { message: Outgoing; isRepeated: boolean; deps: Deps },
): Promise<EventId> {
  const sent = isRepeated ? await deps.homeserver.findSent(as, roomId, message.txnId) : undefined
  if (sent !== undefined) return sent
  try {
    return await deps.homeserver.send(as, roomId, message)
  } catch (error) {
    if (
      !(error instanceof RejectedError) ||
      error.code !== 'M_FORBIDDEN' ||
      as === deps.identity.bot
    )
      throw error
    // Our record of who is in the room was wrong: the ghost comes back once.
    await deps.store.commit([{ change: 'put-membership', roomId, userId: as, membership: 'leave' }])
    const ghost = await deps.store.findGhostByUser(as)
    if (ghost === undefined) throw error
    await ensureJoined(ghost, roomId, deps)
    return deps.homeserver.send(as, roomId, message)
  }
}

/** An attempt, and the files that could be had for it. */
export type Showing = Attempt & { readonly found: FoundMedia }

export async function performSend(
  action: Do<'send'>,
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  const roomId = await roomOf(action.place, deps)
  const isThere = (await deps.store.mappingsOf(action.from)).some(
    (m) => m.roomId === roomId && m.part === action.part,
  )
  if (isThere) return []
  const sender = await speakerIn(action.as, roomId, deps)
  const relation = await relationOf(action, roomId, deps)
  const content = {
    ...contentOf(action, attempt.found),
    ...(relation === undefined ? {} : { 'm.relates_to': relation.content }),
  }
  const cause = action.cause === undefined ? [] : [action.cause]
  const txnId = txnIdOf(sender, roomId, action.from, action.part, ...cause)
  const message = {
    type: 'm.room.message',
    txnId,
    content,
    ...(action.ts === undefined ? {} : { ts: action.ts }),
  }
  const eventId = await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
  const mapping: Mapping = {
    remoteId: action.from,
    roomId,
    part: action.part,
    eventId,
    sender,
    ...(relation?.threadRoot === undefined ? {} : { threadRoot: relation.threadRoot }),
    ...(action.media === undefined ? {} : { media: action.media.attachment.url }),
  }
  const shown = shownMark({ ...action, roomId, target: eventId }, deps)
  await deps.store.commit([{ change: 'add-mapping', mapping }, shown])
  return []
}

/** Who sent it edits it: a boosted post was sent by the ghost of who boosted it. */
async function editorIn({ as, roomId, target }: Do<'edit'>, deps: Deps): Promise<UserId> {
  const mapping = await deps.store.findMappingByEvent(roomId, target)
  const isTheirs = mapping !== undefined && isOurs(mapping.sender, deps)
  const ghost = isTheirs ? await deps.store.findGhostByUser(mapping.sender) : undefined
  return speakerIn(ghost?.actorId ?? as, roomId, deps)
}

export async function performEdit(
  action: Do<'edit'>,
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  const { roomId, target } = action
  if ((await deps.store.findMark(hiddenMark(roomId, target))) !== undefined) return []
  if (await isShown(action, deps)) return []
  const sender = await editorIn(action, deps)
  const edited = contentOf(action, attempt.found)
  // Only a short text outside of the new content: an event has 64 KiB, and the whole would be there twice.
  const content = {
    msgtype: action.text.msgtype,
    body: `* ${String(edited['body']).slice(0, shortBody)}`,
    'm.mentions': edited['m.mentions'],
    'm.new_content': edited,
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
  }
  const txnId = txnIdOf(sender, roomId, action.from, `edit ${target}`)
  const message = { type: 'm.room.message', txnId, content }
  const eventId = await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
  const mappings = await mappingsAfter(action, { eventId, sender }, deps)
  await deps.store.commit([
    ...mappings.map((mapping) => ({ change: 'add-mapping', mapping }) as const),
    shownMark(action, deps),
  ])
  return []
}

/** Each by the activity that made it, and by the event where that has made several. */
function editPart({ from, target, part }: Do<'edit'>): number {
  const name = part === 0 ? from : `${from} ${target}`
  return firstEditPart + createHash('sha256').update(name).digest().readUIntBE(0, 6)
}

/** An edit carries words and file too: when these go, it has to go as well. */
async function mappingsAfter(
  action: Do<'edit'>,
  sent: { readonly eventId: EventId; readonly sender: UserId },
  deps: Deps,
): Promise<readonly Mapping[]> {
  const { roomId, target } = action
  const mapping = await deps.store.findMappingByEvent(roomId, target)
  if (mapping === undefined) return []
  const { media: before, ...kept } = mapping
  const media = action.media === undefined ? {} : { media: action.media.attachment.url }
  const edit = { ...sent, ...media, remoteId: mapping.remoteId, roomId, part: editPart(action) }
  return before === media.media ? [edit] : [edit, { ...kept, ...media }]
}

/**
 * Redacts once: a homeserver forgets transaction ids when it restarts, so after a crash it is asked
 * first. What had words or a key when we sent it, and reads as `other` now, was emptied.
 */
export async function redactOnce(
  { sender, roomId, eventId }: Pick<Mapping, 'sender' | 'roomId' | 'eventId'>,
  txnId: string,
  { isRepeated, deps }: Attempt & { readonly deps: Deps },
): Promise<void> {
  const { homeserver } = deps
  const isEmptied =
    isRepeated && (await homeserver.findEvent(sender, roomId, eventId))?.type === 'other'
  if (!isEmptied) await homeserver.redact(sender, roomId, { eventId, txnId })
}

export async function performRedact(
  action: Do<'redact'>,
  { isRepeated }: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const { roomId, target } = action
  const mapping = await deps.store.findMappingByEvent(roomId, target)
  if (mapping === undefined) return []
  // A note in a Matrix user's own event (theirs to redact) is never touched; ghosts and the bot redact their own.
  if (!isOurs(mapping.sender, deps)) return []
  const txnId = txnIdOf(mapping.sender, roomId, action.from, `redact ${target}`)
  await redactOnce(mapping, txnId, { isRepeated, deps })
  return [{ change: 'remove-mapping', roomId, eventId: target }]
}

export async function performReact(
  action: Do<'react'>,
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  const { roomId, from } = action
  const isThere = (await deps.store.mappingsOf(from)).some((m) => m.roomId === roomId)
  if (isThere) return []
  const sender = await speakerIn(action.as, roomId, deps)
  const picture = attempt.found.get(action.emoji?.url ?? '')?.mxc
  const content = reactionContent(action, picture)
  const message = { type: 'm.reaction', txnId: txnIdOf(sender, roomId, from, 0), content }
  const eventId = await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
  await deps.store.commit([
    { change: 'add-mapping', mapping: { remoteId: from, roomId, part: 0, eventId, sender } },
  ])
  return []
}

/** The bot speaks where it is; in a chat that somebody began with a ghost alone, that ghost does. */
async function noticeSpeaker(roomId: RoomId, deps: Deps): Promise<UserId | undefined> {
  const members = await deps.store.membersOf(roomId, ['join'])
  if (members.includes(deps.identity.bot)) return deps.identity.bot
  return members.find((userId) => isOurs(userId, deps))
}

type Notice = {
  readonly text: string
  readonly html?: string
  readonly replyTo?: EventId
  readonly mentions: readonly UserId[]
  readonly key: string
}

/** Sends a notice and gives its event id; nobody of ours in the room: undefined. */
async function sendNotice(
  roomId: RoomId,
  notice: Notice,
  { attempt, deps }: { attempt: Attempt; deps: Deps },
): Promise<EventId | undefined> {
  const speaker = await noticeSpeaker(roomId, deps)
  if (speaker === undefined) return undefined
  const html = notice.html ?? noticeHtml(notice.text)
  const content = {
    ...textContent({
      msgtype: 'm.notice',
      body: notice.text,
      mentions: notice.mentions,
      ...(html === undefined ? {} : { html }),
    }),
    ...(notice.replyTo === undefined
      ? {}
      : { 'm.relates_to': { 'm.in_reply_to': { event_id: notice.replyTo } } }),
  }
  const message = {
    type: 'm.room.message',
    txnId: txnIdOf(speaker, roomId, notice.key, 'notice'),
    content,
  }
  return sendOnce(speaker, roomId, { message, isRepeated: attempt.isRepeated, deps })
}

export async function performTell(
  action: Do<'tell'>,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const mark = `told ${action.key}`
  if ((await deps.store.findMark(mark)) !== undefined) return []
  const roomId = await roomOf(action.place, deps)
  const link = action.link === undefined ? [] : [matrixLink(await roomOf(action.link, deps))]
  const notice = { ...action, text: [action.text, ...link].join(' ') }
  await sendNotice(roomId, { ...notice, mentions: action.mentions ?? [] }, { attempt, deps })
  return [{ change: 'mark', key: mark, value: '', at: deps.clock.now() }]
}

export async function performHold(
  action: Do<'hold'>,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const { message, text } = action
  const { roomId, eventId, sender } = message
  const notice: Notice = { text, replyTo: eventId, mentions: [sender], key: `hold ${eventId}` }
  const promptId = await sendNotice(roomId, notice, { attempt, deps })
  return promptId === undefined
    ? []
    : [{ change: 'hold', held: { roomId, eventId, promptId, message } }]
}
