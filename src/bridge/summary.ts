import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Mapping } from '../model/note.ts'
import type { ObjectId, RoomId } from '../model/ids.ts'
import { noticeBelow } from './notice-below.ts'

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

/** One notice below a post counts what others did with it. */
async function summariseIn(
  mapping: Mapping,
  object: ObjectId,
  deps: Deps,
): Promise<readonly Change[]> {
  const counts = await countsFor(object, mapping.roomId, deps)
  const said = { text: textFor(counts), isWorthIt: counts.size > 0 }
  return noticeBelow({ kind: 'summary', mapping }, said, deps)
}

/** Brings the summary notices of one post up to date, in every room where it stands. */
export async function summarise(object: ObjectId, deps: Deps): Promise<readonly Change[]> {
  const mappings = (await deps.store.mappingsOf(object)).filter(({ part }) => part === 0)
  const changes: Change[] = []
  for (const mapping of mappings) changes.push(...(await summariseIn(mapping, object, deps)))
  return changes
}
