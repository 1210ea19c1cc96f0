import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import type { ObjectId, RoomId } from '../model/ids.ts'
import { txnIdOf } from './txn.ts'

/** Of what others are counted, nobody reads all. */
const mostKeys = 20

/** `❤️ 3 · 🔁 2 · 🎉 1`, most first. */
function textFor(counts: ReadonlyMap<string, number>): string {
  const text = [...counts].map(([key, count]) => `${key} ${count}`).join(' · ')
  return text === '' ? 'No reactions any more.' : text
}

/** What others quote it in stands elsewhere, if it stands in Matrix at all. */
async function countsFor(
  object: ObjectId,
  roomId: RoomId,
  { store }: Deps,
): Promise<ReadonlyMap<string, number>> {
  const counts = await store.countReactions(object, roomId, mostKeys)
  const quotes = await store.countStamps(object)
  return quotes === 0 ? counts : new Map([...counts, ['💬', quotes]])
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

/** What stands below the post, and what was about to be written when it was last thought of. */
type Written = {
  /** Absent: no notice was sent yet. */
  readonly eventId?: string
  readonly text: string
  /** Decided, and perhaps sent: nothing else is written before it is. */
  readonly next?: Next
}

type Next = { readonly text: string; readonly txnId: string }

type Summary = { readonly mapping: Mapping; readonly deps: Deps }

function remember({ mapping, deps }: Summary, value: Written): Change {
  const key = `summary ${mapping.roomId} ${mapping.eventId}`
  return { change: 'mark', key, value: JSON.stringify(value), at: deps.clock.now() }
}

async function recall({ mapping, deps }: Summary): Promise<Written> {
  const value = await deps.store.findMark(`summary ${mapping.roomId} ${mapping.eventId}`)
  return value === undefined ? { text: '' } : (JSON.parse(value) as Written)
}

/** What an earlier run decided and may have sent is looked for first: by now the count may be another one. */
async function write(
  { eventId }: Written,
  { text, txnId, isRepeated }: Next & { readonly isRepeated: boolean },
  { mapping, deps }: Summary,
): Promise<Written> {
  const { bot } = deps.identity
  const { roomId } = mapping
  const sent = isRepeated ? await deps.homeserver.findSent(bot, roomId, txnId) : undefined
  const content = contentFor(mapping, text, eventId)
  const message = { type: 'm.room.message', txnId, content }
  const written = sent ?? (await deps.homeserver.send(bot, roomId, message))
  return { eventId: eventId ?? written, text }
}

/** One notice below a post counts what others did with it; it is edited, never repeated. */
async function summariseIn(
  mapping: Mapping,
  object: ObjectId,
  deps: Deps,
): Promise<readonly Change[]> {
  const { bot } = deps.identity
  const { roomId } = mapping
  const members = await deps.store.membersOf(roomId, ['join'])
  if (!members.includes(bot)) return []
  const summary = { mapping, deps }
  const before = await recall(summary)
  const shown =
    before.next === undefined
      ? before
      : await write(before, { ...before.next, isRepeated: true }, summary)
  const counts = await countsFor(object, roomId, deps)
  const text = textFor(counts)
  if (shown.text === text || (shown.eventId === undefined && counts.size === 0))
    return shown === before ? [] : [remember(summary, shown)]
  const next: Next = { text, txnId: txnIdOf(bot, roomId, mapping.eventId, deps.random.id()) }
  await deps.store.commit([remember(summary, { ...shown, next })])
  return [remember(summary, await write(shown, { ...next, isRepeated: false }, summary))]
}

/** Brings the summary notices of one post up to date, in every room where it stands. */
export async function summarise(object: ObjectId, deps: Deps): Promise<readonly Change[]> {
  const mappings = (await deps.store.mappingsOf(object)).filter(({ part }) => part === 0)
  const changes: Change[] = []
  for (const mapping of mappings) changes.push(...(await summariseIn(mapping, object, deps)))
  return changes
}
