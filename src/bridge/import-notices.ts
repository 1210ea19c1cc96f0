import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Import, ImportCounts, ImportKind } from '../model/import.ts'
import { hour } from '../model/limits.ts'
import { noticeContent, noticeInPlaceOf } from './message-content.ts'
import { sendOnce } from './speak.ts'
import { tellJob } from './tell-job.ts'
import { txnIdOf } from './txn.ts'
import { followsPerHour } from './user-limits.ts'

/** Milliseconds from one account to the next: ten follows a minute. */
export const paces: Readonly<Record<ImportKind, number>> = { follows: 6_000, blocks: 2_000 }

/** As long as one takes where many follow each other: within an hour they are counted. */
async function usualPace({ kind, userId }: Import, deps: Deps): Promise<number> {
  const owner = kind === 'blocks' ? undefined : await deps.store.findLocalActorByUser(userId)
  const most = owner === undefined ? 0 : await followsPerHour(owner, deps)
  return most === 0 ? paces[kind] : Math.max(paces[kind], hour / most)
}

/** Accounts from one change of the notice to the next. */
const every = 10
/** Accounts that are named in the end; of the others, how many there are. */
const mostNamed = 20

const titles: Readonly<Record<ImportKind, string>> = {
  follows: 'Import of follows',
  blocks: 'Import of blocks',
}

function timeFor(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`
  return `${String(Math.round(minutes / 60))} hours`
}

/** `37 of 500, about 46 minutes left`. */
export async function progressText(
  one: Import,
  { all, waiting, away = 0 }: ImportCounts,
  deps: Deps,
): Promise<string> {
  const pace = await usualPace(one, deps)
  const done = `${titles[one.kind]}: ${String(all - waiting - away)} of ${String(all)}`
  const left = waiting === 0 ? '' : `, about ${timeFor(waiting * pace)} left`
  const later = away === 0 ? '' : ` ${String(away)} wait for their servers.`
  return `${done}${left}.${later}`
}

/** One notice that is edited, and rings nobody's phone. */
export async function showProgress(
  one: Import,
  counts: ImportCounts,
  { attempt, deps }: { attempt: Attempt; deps: Deps },
): Promise<void> {
  const done = counts.all - counts.waiting
  const isDue = counts.waiting === 0 || done % every === 0
  if (one.notice !== undefined && !isDue) return
  const { bot } = deps.identity
  const { id, roomId, notice } = one
  const text = await progressText(one, counts, deps)
  const name = notice === undefined ? 'begun' : `${String(done)} ${String(counts.away ?? 0)}`
  const message = {
    type: 'm.room.message',
    txnId: txnIdOf(bot, roomId, `import ${id}`, name),
    content:
      notice === undefined
        ? noticeContent(text)
        : noticeInPlaceOf(notice, noticeContent(text), text),
  }
  const { isRepeated } = attempt
  const sent = await sendOnce(bot, roomId, { message, isRepeated, deps })
  if (notice === undefined) await deps.store.commit([{ change: 'note-import', id, notice: sent }])
}

const verbs: Readonly<Record<ImportKind, string>> = { follows: 'Followed', blocks: 'Blocked' }

/** What came of the whole list, with those of which nothing came. */
export async function importReport(
  { id, kind, userId, roomId }: Import,
  { all, failed }: ImportCounts,
  deps: Deps,
): Promise<Change> {
  const rows = await deps.store.importRows(id, 'failed', mostNamed)
  const names = rows.map(({ account, reason = 'is not known' }) => `${account} ${reason}`)
  const more = failed > names.length ? [`and ${String(failed - names.length)} more`] : []
  const done = `${verbs[kind]} ${String(all - failed)} of ${String(all)} accounts of your list.`
  const asked =
    kind === 'follows' && failed < all ? ' Those that decide themselves may answer later.' : ''
  const missing = failed === 0 ? [] : [`Not these: ${[...names, ...more].join('; ')}.`]
  const text = [`${done}${asked}`, ...missing].join('\n')
  return tellJob({ key: `imported ${id}`, userId, roomId, text })
}
