import { ghostOf, portalOf, type Stage } from './stage.ts'
import { marksOf, type Boost, type Posted } from './ledger.ts'
import { isQuotation } from './verify-quotes.ts'
import type { Plan } from './storm.ts'
import type { Shown } from './seen.ts'

/** Whether an event shows that post because somebody boosted it. */
export const isCard = (shown: Shown, posted: Posted, { ledger }: Stage): boolean =>
  ledger.boosts.some(({ account, of }) => of === posted && shown.sender === ghostOf(account))

/** Somebody followed the account from the boost on, and nothing came between them. */
const isRead = ({ account, of, at, readers }: Boost, { ledger }: Stage): boolean =>
  readers.some((user) => {
    const follow = ledger.follows.find((f) => f.user === user && f.account === account)
    const isSteady = follow === undefined || (follow.wants && follow.changedAt <= at)
    return isSteady && !ledger.blocks.some((b) => b.user === user && b.account === account)
  }) && !of.isDeleted

/** Each boost is one card in the room of who boosted, and none once it was taken back. */
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
        marksOf(of).some((mark) => text.includes(mark)) &&
        !isQuotation(text, of, stage) &&
        !stage.ledger.closed.has(roomId),
    )
    const portal = await portalOf(account, stage)
    const say = (what: string): void =>
      void problems.push(`${of.mark}: ${what} by ${account.handle}`)
    if (cards.some(({ roomId }) => roomId !== portal)) say('a boost stands elsewhere,')
    if (cards.length > 1) say(`is shown ${cards.length} times as a boost`)
    if (isUndone && cards.length > 0) say('is shown, though no longer boosted')
    const isOwed = !isUndone && isRead(boost, stage) && of.by.host !== plan.lost
    const wasClosed = all.some(
      ({ roomId, sender }) => stage.ledger.closed.has(roomId) && sender === ghostOf(account),
    )
    if (isOwed && cards.length === 0 && !wasClosed) say('the boost is not shown,')
  }
  return problems
}
