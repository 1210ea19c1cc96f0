import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EventId, RoomId } from '../model/ids.ts'
import { heldBackMarks, heldBackText, isRoom, type ReachedDay } from './stranger-limits.ts'
import { unlessShut } from './closed-rooms.ts'
import { noticeContent, noticeInPlaceOf } from './message-content.ts'
import { roomOf } from './portals.ts'
import { txnIdOf } from './txn.ts'

/** The job that writes: `key` names this edit, so that a second try of it is the same edit. */
type Run = { readonly key: string; readonly isRepeated: boolean }

/** The notice of that day as it stands. */
type Written = { readonly roomId: RoomId; readonly eventId: EventId; readonly text: string }

async function send(
  roomId: RoomId,
  content: Readonly<Record<string, unknown>>,
  { txnId, isRepeated, deps }: { txnId: string; isRepeated: boolean; deps: Deps },
): Promise<{ readonly eventId: EventId; readonly isOld: boolean }> {
  const { bot } = deps.identity
  const sent = isRepeated ? await deps.homeserver.findSent(bot, roomId, txnId) : undefined
  if (sent !== undefined) return { eventId: sent, isOld: true }
  const message = { type: 'm.room.message', txnId, content }
  return { eventId: await deps.homeserver.send(bot, roomId, message), isOld: false }
}

/** The first time of a day. What an earlier try of it wrote may say another number. */
async function begin(
  day: ReachedDay,
  text: string,
  { run, deps }: { readonly run: Run; readonly deps: Deps },
): Promise<Written> {
  const { who } = day
  const roomId = isRoom(who) ? who : await roomOf({ kind: 'notifications', userId: who }, deps)
  const txnId = txnIdOf(deps.identity.bot, roomId, `held back ${day.day}`)
  const { eventId, isOld } = await send(roomId, noticeContent(text), { ...run, txnId, deps })
  return { roomId, eventId, text: isOld ? '' : text }
}

/** Says in one notice, which is edited, how much from strangers was not shown that day. */
export async function tellHeldBack(
  day: ReachedDay,
  run: Run,
  deps: Deps,
): Promise<readonly Change[]> {
  const count = await deps.store.countMarks(heldBackMarks(day))
  if (count === 0) return []
  const text = heldBackText(day.who, count)
  const key = `stranger notice ${day.who} ${day.day}`
  const before = await deps.store.findMark(key)
  return unlessShut(async () => {
    const written =
      before === undefined ? await begin(day, text, { run, deps }) : (JSON.parse(before) as Written)
    if (written.text !== text) {
      const { roomId, eventId } = written
      const txnId = txnIdOf(deps.identity.bot, roomId, eventId, run.key, text)
      const edit = noticeInPlaceOf(eventId, noticeContent(text), text)
      await send(roomId, edit, { ...run, txnId, deps })
    }
    const value: Written = { ...written, text }
    return [{ change: 'mark', key, value: JSON.stringify(value), at: deps.clock.now() }]
  })
}
