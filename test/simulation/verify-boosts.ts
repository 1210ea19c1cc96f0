import type { RoomId } from '../../src/model/ids.ts'
import type { Boost, Posted, Reader } from './ledger.ts'
import { marksOf } from './ledger.ts'
import { followOf, ghostOf, homeOf, placesSince, portalOf, type Stage } from './stage.ts'
import { isQuotation } from './verify-quotes.ts'
import type { Plan } from './storm.ts'
import { isBoostLine, type Shown } from './seen.ts'

/** Whether an event shows that post because somebody boosted it. */
export const isCard = (shown: Shown, posted: Posted, { ledger }: Stage): boolean =>
  ledger.boosts.some(({ account, of }) => of === posted && shown.sender === ghostOf(account))

/** Followed the account from the boost on, and nothing came between them, nor the author. */
function isSteady({ user }: Reader, { account, of, at }: Boost, stage: Stage): boolean {
  const follow = followOf(user, account, stage)
  const isKept = follow === undefined || (follow.wants && follow.changedAt <= at)
  const isApart = stage.ledger.blocks.some(
    (b) => b.user === user && (b.account === account || b.account === of.by),
  )
  return isKept && !isApart
}

/** Rooms of which one shows it to that reader. */
async function roomsFor(
  { user, places }: Reader,
  { account, at }: Boost,
  stage: Stage,
): Promise<RoomId[]> {
  const all = new Set([...places, ...placesSince(user, { account, at }, stage)])
  const rooms = [...all].map((place) =>
    place === 'home' ? homeOf(user, stage) : portalOf(account, stage),
  )
  return (await Promise.all(rooms)).filter((roomId) => roomId !== undefined)
}

const says = (text: string, of: Posted): boolean => marksOf(of).some((mark) => text.includes(mark))

/** Whoever was to see the boost and has nothing of the post. */
async function unshown(boost: Boost, all: readonly Shown[], stage: Stage): Promise<string[]> {
  const { of, readers } = boost
  const missing: string[] = []
  for (const reader of readers.filter((one) => isSteady(one, boost, stage))) {
    const rooms = await roomsFor(reader, boost, stage)
    const isClosed = rooms.some((roomId) => stage.ledger.closed.has(roomId))
    const isThere = all.some(({ roomId, text }) => rooms.includes(roomId) && says(text, of))
    if (!isThere && !isClosed) missing.push(`the boost is not shown to ${reader.user.userId},`)
  }
  return missing
}

async function roomsAllowed({ account }: Boost, stage: Stage): Promise<(RoomId | undefined)[]> {
  const followers = stage.users.filter((user) => followOf(user, account, stage) !== undefined)
  const homes = followers.map((user) => homeOf(user, stage))
  return Promise.all([portalOf(account, stage), ...homes])
}

/** Each boost is one card or one line in each room of who boosted, and none once it was taken back. */
export async function verifyBoosts(
  all: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<string[]> {
  const problems: string[] = []
  for (const boost of stage.ledger.boosts) {
    const { account, of, isUndone } = boost
    const cards = all.filter(
      ({ sender, text, replaces, roomId }) =>
        replaces === undefined &&
        sender === ghostOf(account) &&
        says(text, of) &&
        (isBoostLine(text) || !isQuotation(text, of, stage)) &&
        !stage.ledger.closed.has(roomId),
    )
    const rooms = await roomsAllowed(boost, stage)
    const say = (what: string): void =>
      void problems.push(`${of.mark}: ${what} by ${account.handle}`)
    if (cards.some(({ roomId }) => !rooms.includes(roomId))) say('a boost stands elsewhere,')
    // A poll stands below its words.
    if (cards.length > new Set(cards.map(({ roomId, type }) => `${roomId} ${type}`)).size)
      say(`is shown ${cards.length} times as a boost`)
    if (isUndone && cards.length > 0) say('is shown, though no longer boosted')
    const wasClosed = all.some(
      ({ roomId, sender }) => stage.ledger.closed.has(roomId) && sender === ghostOf(account),
    )
    if (isUndone || of.isDeleted || of.by.host === plan.lost || wasClosed) continue
    for (const line of await unshown(boost, all, stage)) say(line)
  }
  return problems
}
