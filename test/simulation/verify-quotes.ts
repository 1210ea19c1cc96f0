import type { RoomId } from '../../src/model/ids.ts'
import { actorOf, homeOf, portalOf, type Stage } from './stage.ts'
import { marksOf, type Posted } from './ledger.ts'
import type { Shown } from './seen.ts'

const says = (text: string, posted: Posted): boolean =>
  marksOf(posted).some((mark) => text.includes(mark))

/** Whether a text holds that post only because another one quotes it. */
export const isQuotation = (text: string, posted: Posted, { ledger }: Stage): boolean =>
  ledger.posted.some((other) => other.quotes === posted && says(text, other))

/** Of followers, where somebody quotes themselves. */
async function homesFor(
  { by, quotes, followers }: Posted,
  stage: Stage,
): Promise<(RoomId | undefined)[]> {
  if (quotes?.by !== by) return []
  const homes = stage.users.map(async (user) => {
    const actor = await actorOf(user, stage)
    return actor !== undefined && followers.has(actor.id) ? homeOf(user, stage) : undefined
  })
  return Promise.all(homes)
}

/** The words of a post for some reach nobody else by being quoted, and go with the post itself. */
export async function verifyQuotes(all: readonly Shown[], stage: Stage): Promise<string[]> {
  const problems: string[] = []
  for (const quoting of stage.ledger.posted) {
    const { quotes: quoted } = quoting
    if (quoted === undefined) continue
    const portal = await portalOf(quoted.by, stage)
    const homes = await homesFor(quoting, stage)
    const open = all.filter(({ roomId }) => !stage.ledger.closed.has(roomId))
    for (const shown of open.filter(({ text }) => says(text, quoting) && says(text, quoted))) {
      const { roomId, eventId } = shown
      const isPublic = quoted.visibility === 'public' || quoted.visibility === 'unlisted'
      const isAmongThem =
        quoted.visibility === 'followers' && (roomId === portal || homes.includes(roomId))
      if (!isPublic && !isAmongThem)
        problems.push(`${quoted.mark} (${quoted.visibility}): is quoted in ${roomId}`)
      const newest = all.findLast(({ replaces }) => replaces === (shown.replaces ?? eventId))
      if (quoted.isDeleted && says((newest ?? shown).text, quoted))
        problems.push(`${quoted.mark}: is quoted in ${roomId} although it was deleted`)
    }
  }
  return problems
}
