import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import type { EventId, UserId } from '../model/ids.ts'
import { laterPart } from './later-part.ts'
import { noticeContent, noticeInPlaceOf } from './message-content.ts'
import { noticeSpeaker } from './perform-message.ts'
import { txnIdOf } from './txn.ts'

function contentFor(
  mapping: Mapping,
  text: string,
  edited: EventId | undefined,
): Readonly<Record<string, unknown>> {
  const notice = noticeContent(text)
  if (edited !== undefined) return noticeInPlaceOf(edited, notice, text)
  const root = mapping.threadRoot ?? mapping.eventId
  return {
    ...notice,
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: true,
      'm.in_reply_to': { event_id: mapping.eventId },
    },
  }
}

/** What stands below the post, and what was about to be written when it was last thought of. */
type Written = {
  /** Absent: no notice was sent yet. */
  readonly eventId?: EventId
  /** Who sent it, and edits it. */
  readonly by?: UserId
  readonly text: string
  /** Decided, and perhaps sent: nothing else is written before it is. */
  readonly next?: Next
}

type Next = { readonly text: string; readonly txnId: string }

/** One notice in the thread of a post, which is edited and never repeated. */
export type NoticeBelow = {
  /** What it tells: the beginning of its mark. */
  readonly kind: 'summary' | 'tally'
  readonly mapping: Mapping
}

type Notice = NoticeBelow & { readonly deps: Deps }

const markOf = ({ kind, mapping }: NoticeBelow): string =>
  `${kind} ${mapping.roomId} ${mapping.eventId}`

const remember = (notice: Notice, value: Written): Change => ({
  change: 'mark',
  key: markOf(notice),
  value: JSON.stringify(value),
  at: notice.deps.clock.now(),
})

async function recall(notice: Notice): Promise<Written> {
  const value = await notice.deps.store.findMark(markOf(notice))
  return value === undefined ? { text: '' } : (JSON.parse(value) as Written)
}

/** What tells words of a post goes with the post. */
function keep(eventId: EventId, by: UserId, { kind, mapping, deps }: Notice): Promise<void> {
  const { remoteId, roomId } = mapping
  const part = laterPart(`${kind} ${eventId}`)
  const kept = { remoteId, roomId, part, eventId, sender: by }
  const changes: Change[] = kind === 'tally' ? [{ change: 'add-mapping', mapping: kept }] : []
  return deps.store.commit(changes)
}

/** What an earlier run decided and may have sent is looked for first: by now the text may be another one. */
async function write(
  { eventId }: Written,
  { by, text, txnId, isRepeated }: Next & { readonly by: UserId; readonly isRepeated: boolean },
  notice: Notice,
): Promise<Written> {
  const { mapping, deps } = notice
  const { roomId } = mapping
  const sent = isRepeated ? await deps.homeserver.findSent(by, roomId, txnId) : undefined
  const content = contentFor(mapping, text, eventId)
  const message = { type: 'm.room.message', txnId, content }
  const written = sent ?? (await deps.homeserver.send(by, roomId, message))
  await keep(written, by, notice)
  return { eventId: eventId ?? written, by, text }
}

/** Brings the notice to that text; `isWorthIt`: there is enough to say to begin one. */
export async function noticeBelow(
  which: NoticeBelow,
  { text, isWorthIt }: { readonly text: string; readonly isWorthIt: boolean },
  deps: Deps,
): Promise<readonly Change[]> {
  const { roomId, eventId } = which.mapping
  const notice = { ...which, deps }
  const before = await recall(notice)
  const by = before.by ?? (await noticeSpeaker(roomId, deps))
  if (by === undefined || !(await deps.store.membersOf(roomId, ['join'])).includes(by)) return []
  const shown =
    before.next === undefined
      ? before
      : await write(before, { by, ...before.next, isRepeated: true }, notice)
  if (shown.text === text || (shown.eventId === undefined && !isWorthIt))
    return shown === before ? [] : [remember(notice, shown)]
  const next: Next = { text, txnId: txnIdOf(by, roomId, eventId, deps.random.id()) }
  await deps.store.commit([remember(notice, { ...shown, by, next })])
  return [remember(notice, await write(shown, { by, ...next, isRepeated: false }, notice))]
}
