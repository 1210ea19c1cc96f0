import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Reaction } from '../model/relation.ts'
import type { Mapping } from '../model/note.ts'
import type { ObjectId, RoomId } from '../model/ids.ts'
import { asEventId } from '../model/ids.ts'
import { txnIdOf } from './txn.ts'

/**
 * How many gave each emoji, of those whose reaction nothing shows: their ghosts were not in the room
 * when it came.
 */
async function countsUnseen(
  reactions: readonly Reaction[],
  roomId: RoomId,
  deps: Deps,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const { actor, activityId, key } of reactions) {
    const isOurs = (await deps.store.findLocalActor(actor)) !== undefined
    const shown = isOurs ? [] : await deps.store.mappingsOf(activityId)
    if (isOurs || shown.some((mapping) => mapping.roomId === roomId)) continue
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

const mostKeys = 20

/** `❤️ 3 · 🔁 2 · 🎉 1`, most first. */
function textFor(counts: ReadonlyMap<string, number>): string {
  const shown = [...counts].sort(([, a], [, b]) => b - a).slice(0, mostKeys)
  const text = shown.map(([key, count]) => `${key} ${count}`).join(' · ')
  return text === '' ? 'No reactions any more.' : text
}

function contentFor(
  mapping: Mapping,
  text: string,
  edited: string | undefined,
): Record<string, unknown> {
  const notice = { msgtype: 'm.notice', body: text, 'm.mentions': {} }
  if (edited !== undefined) {
    return {
      ...notice,
      body: `* ${text}`,
      'm.new_content': notice,
      'm.relates_to': { rel_type: 'm.replace', event_id: edited },
    }
  }
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

/** The job that writes: `key` names this edit, so that a second try of it is the same edit. */
type Run = { readonly key: string; readonly isRepeated: boolean }

type Written = { readonly eventId: string; readonly text: string }

/** One notice below a post counts what others did with it; it is edited, never repeated. */
async function summariseIn(
  mapping: Mapping,
  { reactions, run, deps }: { reactions: readonly Reaction[]; run: Run; deps: Deps },
): Promise<readonly Change[]> {
  const { bot } = deps.identity
  const { roomId } = mapping
  const members = await deps.store.membersOf(roomId, ['join'])
  if (!members.includes(bot)) return []
  const mark = `summary ${roomId} ${mapping.eventId}`
  const before = await deps.store.findMark(mark)
  const written = before === undefined ? undefined : (JSON.parse(before) as Written)
  const counts = await countsUnseen(reactions, roomId, deps)
  const text = textFor(counts)
  if (written?.text === text || (written === undefined && counts.size === 0)) return []
  const txnId = txnIdOf(bot, roomId, mark, text, written?.eventId ?? '', run.key)
  const stable = run.isRepeated ? await deps.homeserver.findSent(bot, roomId, txnId) : undefined
  const content = contentFor(mapping, text, written?.eventId)
  const sent =
    stable ?? (await deps.homeserver.send(bot, roomId, { type: 'm.room.message', txnId, content }))
  const value: Written = { eventId: written?.eventId ?? asEventId(sent), text }
  return [{ change: 'mark', key: mark, value: JSON.stringify(value), at: deps.clock.now() }]
}

/** Brings the summary notices of one post up to date, in every room where it stands. */
export async function summarise(
  object: ObjectId,
  run: Run,
  deps: Deps,
): Promise<readonly Change[]> {
  const reactions = await deps.store.reactionsTo(object)
  const mappings = (await deps.store.mappingsOf(object)).filter(({ part }) => part === 0)
  const changes: Change[] = []
  for (const mapping of mappings)
    changes.push(...(await summariseIn(mapping, { reactions, run, deps })))
  return changes
}
