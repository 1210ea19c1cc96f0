import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Like } from '../model/relation.ts'
import type { Mapping } from '../model/note.ts'
import type { ObjectId, RoomId } from '../model/ids.ts'
import { asEventId } from '../model/ids.ts'
import { txnIdOf } from './txn.ts'

/** Likes that no reaction shows: their authors' ghosts were not in the room when they came. */
async function likesWithoutReaction(
  likes: readonly Like[],
  roomId: RoomId,
  deps: Deps,
): Promise<number> {
  let count = 0
  for (const { actor, activityId } of likes) {
    const isOurs = (await deps.store.findLocalActor(actor)) !== undefined
    const reactions = isOurs ? [] : await deps.store.mappingsOf(activityId)
    if (!isOurs && !reactions.some((mapping) => mapping.roomId === roomId)) count += 1
  }
  return count
}

const textFor = (count: number): string => (count === 1 ? '❤️ 1 like' : `❤️ ${count} likes`)

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
  { likes, run, deps }: { likes: readonly Like[]; run: Run; deps: Deps },
): Promise<readonly Change[]> {
  const { bot } = deps.identity
  const { roomId } = mapping
  const members = await deps.store.membersOf(roomId, ['join'])
  if (!members.includes(bot)) return []
  const mark = `summary ${roomId} ${mapping.eventId}`
  const before = await deps.store.findMark(mark)
  const written = before === undefined ? undefined : (JSON.parse(before) as Written)
  const count = await likesWithoutReaction(likes, roomId, deps)
  const text = textFor(count)
  if (written?.text === text || (written === undefined && count === 0)) return []
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
  const likes = await deps.store.likesOf(object)
  const mappings = (await deps.store.mappingsOf(object)).filter(({ part }) => part === 0)
  const changes: Change[] = []
  for (const mapping of mappings)
    changes.push(...(await summariseIn(mapping, { likes, run, deps })))
  return changes
}
