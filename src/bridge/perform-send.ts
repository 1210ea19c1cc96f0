import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EventId, ObjectId, RoomId, UserId } from '../model/ids.ts'
import type { Mapping } from '../model/note.ts'
import { asUserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { roomsBefore } from './moved.ts'
import { roomOf } from './portals.ts'
import { shownMark } from './shown.ts'
import { contentOf, eventType, sendOnce, speakerIn, type Do, type Showing } from './speak.ts'
import { standingChanges } from './standing.ts'
import { txnIdOf } from './txn.ts'

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

type Sending = { readonly roomId: RoomId; readonly sender: UserId; readonly txnId: string }

/** In a home room whoever comes next has to find what another one sent. */
type Speaking = { readonly roomId: RoomId; readonly sender: UserId; readonly isHome: boolean }

function txnOf(
  { from, part, cause, boost }: Do<'send'>,
  { roomId, sender, isHome }: Speaking,
): string {
  const by = cause ?? (isHome ? undefined : boost)
  return txnIdOf(sender, roomId, from, part, ...(by === undefined ? [] : [by]))
}

/** What is remembered of a message that was sent. */
async function sentChanges(
  action: Do<'send'>,
  { roomId, sender, eventId, threadRoot }: Omit<Mapping, 'remoteId' | 'part'>,
  deps: Deps,
): Promise<Change[]> {
  const mapping: Mapping = {
    ...{ remoteId: action.from, roomId, part: action.part, eventId, sender },
    ...(threadRoot === undefined ? {} : { threadRoot }),
    ...(action.media === undefined ? {} : { media: action.media.attachment.url }),
    ...(action.poll === undefined ? {} : { isPoll: true }),
  }
  return [
    { change: 'add-mapping', mapping },
    ...standingChanges(action, roomId, deps),
    shownMark({ ...action, roomId, target: eventId }, deps),
  ]
}

async function sendAndKeep(
  action: Do<'send'>,
  { roomId, sender, txnId }: Sending,
  { attempt, deps }: { readonly attempt: Showing; readonly deps: Deps },
): Promise<Change[]> {
  const relation = await relationOf(action, roomId, deps)
  const content = {
    ...contentOf(action, attempt.found),
    ...(relation === undefined ? {} : { 'm.relates_to': relation.content }),
  }
  // What claims to be from the future would stay the newest of its room for as long.
  const dated = action.ts === undefined ? {} : { ts: Math.min(action.ts, deps.clock.now()) }
  const message = { type: eventType(action), txnId, content, ...dated }
  const eventId = await sendOnce(sender, roomId, { message, isRepeated: attempt.isRepeated, deps })
  const thread = relation?.threadRoot === undefined ? {} : { threadRoot: relation.threadRoot }
  return sentChanges(action, { roomId, sender, eventId, ...thread }, deps)
}

const speakingMark = (roomId: RoomId, { from, part }: Do<'send'>): string =>
  `speaking ${roomId} ${part} ${from}`

/**
 * Into a home room its author and everybody who boosts it may bring the same post, at the same moment:
 * who begins is noted before, so that after a crash another one finds what was sent already.
 */
async function sendByOne(
  action: Do<'send'>,
  sending: Sending,
  { attempt, deps }: { readonly attempt: Showing; readonly deps: Deps },
): Promise<readonly Change[]> {
  const { roomId, sender } = sending
  const there = (await deps.store.mappingsOf(action.from)).filter((m) => m.roomId === roomId)
  const isTheirs = there.some((m) => m.part === 0 && m.sender !== sender)
  if (isTheirs || there.some((m) => m.part === action.part)) return []
  const key = speakingMark(roomId, action)
  const end: Change = { change: 'unmark', key }
  const begun = await deps.store.findMark(key)
  if (begun !== undefined && begun !== sender) {
    const other = asUserId(begun)
    const eventId = await deps.homeserver.findSent(
      other,
      roomId,
      txnOf(action, { roomId, sender: other, isHome: true }),
    )
    if (eventId !== undefined)
      return [...(await sentChanges(action, { roomId, sender: other, eventId }, deps)), end]
  }
  if (begun !== sender)
    await deps.store.commit([{ change: 'mark', key, value: sender, at: deps.clock.now() }])
  return [...(await sendAndKeep(action, sending, { attempt, deps })), end]
}

async function isMapped({ from, part }: Do<'send'>, roomId: RoomId, deps: Deps): Promise<boolean> {
  const mappings = await deps.store.mappingsOf(from)
  return mappings.some((m) => m.roomId === roomId && m.part === part)
}

/** Nobody reads back a room that lets its ghost in no more. */
async function wasSentIn(action: Do<'send'>, speaking: Speaking, deps: Deps): Promise<boolean> {
  const { roomId, sender } = speaking
  try {
    const txnId = txnOf(action, speaking)
    return (await deps.homeserver.findSent(sender, roomId, txnId)) !== undefined
  } catch (error) {
    if (error instanceof RejectedError) return false
    throw error
  }
}

/** A chat may have gone on in another room since an earlier run sent this: then it stands where it was sent. */
async function roomFor(action: Do<'send'>, { isRepeated }: Showing, deps: Deps): Promise<RoomId> {
  const now = await roomOf(action.place, deps)
  if (!isRepeated || action.place.kind !== 'direct') return now
  const sender = await speakerIn(action.as, now, deps)
  for (const roomId of await roomsBefore(now, deps)) {
    const isThere = await isMapped(action, roomId, deps)
    if (isThere || (await wasSentIn(action, { roomId, sender, isHome: false }, deps))) return roomId
  }
  return now
}

export async function performSend(
  action: Do<'send'>,
  attempt: Showing,
  deps: Deps,
): Promise<readonly Change[]> {
  const { cause } = action
  const roomId = await roomFor(action, attempt, deps)
  const isThere = await isMapped(action, roomId, deps)
  // The post may have lost what came after this part since it was begun.
  if (isThere) return action.isMoreToCome === true ? [] : standingChanges(action, roomId, deps)
  const sender = await speakerIn(action.as, roomId, deps)
  const isHome = (await deps.store.findPortalByRoom(roomId))?.kind === 'home'
  const sending = { roomId, sender, txnId: txnOf(action, { roomId, sender, isHome }) }
  if (!isHome || cause !== undefined)
    await deps.store.commit(await sendAndKeep(action, sending, { attempt, deps }))
  else
    await deps.locks(`speaking ${roomId} ${action.from}`, async () => {
      await deps.store.commit(await sendByOne(action, sending, { attempt, deps }))
    })
  return []
}
