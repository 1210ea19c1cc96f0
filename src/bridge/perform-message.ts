import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { Mapping } from '../model/note.ts'
import { RejectedError } from '../model/errors.ts'
import { hiddenMark } from '../translate/own-notes.ts'
import { mindPutOut } from './banned-ghosts.ts'
import { isShut } from './closed-rooms.ts'
import { wasGroup } from './lost-marks.ts'
import { reactionContent, textContent } from './message-content.ts'
import { noticeHtml } from './notice-html.ts'
import { isOurs, matrixLink, roomOf } from './portals.ts'
import { laterPart } from './later-part.ts'
import { isShown, shownMark } from './shown.ts'
import { contentOf, eventType, sendOnce, speakerIn, type Do, type Showing } from './speak.ts'
import { txnIdOf } from './txn.ts'
import { unbridgeWork } from './unbridge-job.ts'

/** For clients that know no edits. */
const shortBody = 500

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
    ...(action.poll === undefined ? { msgtype: action.text.msgtype } : {}),
    body: `* ${String(edited['body']).slice(0, shortBody)}`,
    'm.mentions': edited['m.mentions'],
    'm.new_content': edited,
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
  }
  const txnId = txnIdOf(sender, roomId, action.from, `edit ${target}`)
  const message = { type: eventType(action), txnId, content }
  const eventId = await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
  const mappings = await mappingsAfter(action, { eventId, sender }, deps)
  await deps.store.commit([
    ...mappings.map((mapping) => ({ change: 'add-mapping', mapping }) as const),
    shownMark(action, deps),
  ])
  return []
}

/** Each by the activity that made it, and by the event where that has made several. */
const editPart = ({ from, target, part }: Do<'edit'>): number =>
  laterPart(part === 0 ? from : `${from} ${target}`)

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
  { sender, roomId, eventId }: Own,
  txnId: string,
  { isRepeated, deps }: Attempt & { readonly deps: Deps },
): Promise<void> {
  const { homeserver } = deps
  const isEmptied =
    isRepeated && (await homeserver.findEvent(sender, roomId, eventId))?.type === 'other'
  if (isEmptied) return
  try {
    await homeserver.redact(sender, roomId, { eventId, txnId })
  } catch (error) {
    const { bot } = deps.identity
    // Whoever has no voice there any more, as after an upgrade of the room: what it runs, the bot takes away.
    if (!isShut(error) || sender === bot) throw error
    await redactAsBot({ sender, roomId, eventId }, txnId, { error, deps })
  }
}

type Own = Pick<Mapping, 'sender' | 'roomId' | 'eventId'>
type Refused = { readonly error: unknown; readonly deps: Deps }

/** The first refusal stands where nobody else may. */
async function redactAsBot(own: Own, txnId: string, { error, deps }: Refused): Promise<void> {
  const { roomId, eventId } = own
  try {
    await deps.homeserver.redact(deps.identity.bot, roomId, { eventId, txnId })
  } catch (again) {
    if (!isShut(again)) throw again
    if (!(await wasGroup(roomId, deps))) throw error
    await redactAsGuest(own, txnId, { error, deps })
  }
}

const minute = 60_000

/**
 * In a room that is no group any more the bot has no power, and the ghosts have left. Whose words are taken
 * back comes in for that, and leaves a little later: there may be more of it.
 */
async function redactAsGuest(
  { sender, roomId, eventId }: Own,
  txnId: string,
  { error, deps }: Refused,
): Promise<void> {
  await mindPutOut(roomId, sender, deps)
  const now = Math.floor(deps.clock.now() / minute)
  const key = `vacate again ${roomId} ${String(now)}`
  const work = { type: 'vacate', roomId, isTheirs: true } as const
  await deps.store.commit([unbridgeWork(work, key, (now + 2) * minute)])
  try {
    await deps.homeserver.join(sender, roomId)
  } catch (refusal) {
    throw refusal instanceof RejectedError ? error : refusal
  }
  await deps.store.commit([
    { change: 'put-membership', roomId, userId: sender, membership: 'join' },
  ])
  await deps.homeserver.redact(sender, roomId, { eventId, txnId })
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
export async function noticeSpeaker(roomId: RoomId, deps: Deps): Promise<UserId | undefined> {
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

type Told = { readonly roomId: RoomId; readonly eventId: EventId | undefined }

async function mappingOfNotice(
  { from }: Do<'tell'>,
  { roomId, eventId }: Told,
  deps: Deps,
): Promise<readonly Change[]> {
  const sender = await noticeSpeaker(roomId, deps)
  if (from === undefined || eventId === undefined || sender === undefined) return []
  return [{ change: 'add-mapping', mapping: { remoteId: from, roomId, part: 0, eventId, sender } }]
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
  const eventId = await sendNotice(
    roomId,
    { ...notice, mentions: action.mentions ?? [] },
    { attempt, deps },
  )
  const mapping = await mappingOfNotice(action, { roomId, eventId }, deps)
  return [...mapping, { change: 'mark', key: mark, value: '', at: deps.clock.now() }]
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
