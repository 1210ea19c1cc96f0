import type { Account } from '../fakes/fediverse.ts'
import { reaches, type Arrival, type Shown } from './seen.ts'
import type { Posted, Written } from './ledger.ts'
import type { Plan } from './storm.ts'
import { ghostOf, portalOf, type Stage } from './stage.ts'
import { isQuotation } from './verify-quotes.ts'

type Judge = { readonly stage: Stage; readonly plan: Plan }

/** What the followers of a user were told last of a message that they pinned or unpinned. */
function verifyOwn(
  written: Written,
  arrived: readonly Arrival[],
  { stage, plan }: Judge,
): string[] {
  const { pin, actor, by, mark } = written
  if (pin === undefined || written.isDeleted) return []
  const { ledger } = stage
  const marks = [mark, ...written.edits]
  const object = arrived.find(
    (a) => a.type === 'Create' && marks.some((one) => a.content.includes(one)),
  )?.object
  if (object === undefined) return []
  const isSteady = (account: Account): boolean =>
    account.host !== plan.lost &&
    !ledger.blocks.some((b) => b.account === account && b.user === by) &&
    !ledger.followers.some((f) => f.account === account && f.user === by && f.undoId !== undefined)
  return ledger.followers
    .filter(({ user, account }) => user === by && isSteady(account))
    .flatMap(({ account, id }) => {
      const accepted = arrived.find((a) => a.type === 'Accept' && a.object === id)
      const changes = arrived.filter(
        (a) =>
          (a.type === 'Add' || a.type === 'Remove') && a.object === object && reaches(a, account),
      )
      const isOwed = accepted !== undefined && accepted.at < pin.at
      const isRight = changes.every(({ activity }) => activity['target'] === `${actor}/featured`)
      const last = changes.at(-1)?.type ?? (isOwed ? 'nothing' : undefined)
      const isTold = pin.isPinned ? last === 'Add' : last !== 'Add'
      return [
        ...(isRight ? [] : [`${mark}: is pinned elsewhere`]),
        ...(last === undefined || isTold
          ? []
          : [`${mark}: is ${pin.isPinned ? '' : 'not '}pinned, ${account.handle} heard ${last}`]),
      ]
    })
}

/** What is pinned in the room of an account is what it has pinned, each once. */
async function verifyThere(
  account: Account,
  shown: readonly Shown[],
  { stage, plan }: Judge,
): Promise<string[]> {
  const portal = await portalOf(account, stage)
  if (portal === undefined || stage.ledger.closed.has(portal) || account.host === plan.lost)
    return []
  const state = stage.world.homeserver.state(portal, 'm.room.pinned_events')?.['pinned']
  const pinned: readonly unknown[] = Array.isArray(state) ? state : []
  const eventOf = (posted: Posted): string | undefined =>
    shown.find(
      ({ roomId, sender, replaces, text }) =>
        roomId === portal &&
        replaces === undefined &&
        sender === ghostOf(account) &&
        !isQuotation(text, posted, stage) &&
        [posted.mark, ...posted.edits].some((one) => text.includes(one)),
    )?.eventId
  const own = stage.ledger.posted.filter((p) => p.by === account && !p.isDeleted)
  const problems = own.flatMap((posted) => {
    const event = eventOf(posted)
    const isShown = event !== undefined && pinned.includes(event)
    const isPinned = posted.pin?.isPinned === true
    const isOwed = isPinned && (posted.readers.length > 0 || posted.must.length > 0)
    if (isShown && !isPinned) return [`${posted.mark}: is pinned in ${portal}, not on its profile`]
    return isOwed && !isShown ? [`${posted.mark}: is not pinned in ${portal}`] : []
  })
  const isTwice = new Set(pinned).size < pinned.length
  return [...problems, ...(isTwice ? [`${portal}: something is pinned twice`] : [])]
}

export async function verifyPins(
  { arrived, shown }: { readonly arrived: readonly Arrival[]; readonly shown: readonly Shown[] },
  judge: Judge,
): Promise<string[]> {
  const { ledger, accounts } = judge.stage
  const problems = ledger.written.flatMap((written) => verifyOwn(written, arrived, judge))
  for (const account of accounts) problems.push(...(await verifyThere(account, shown, judge)))
  return problems
}
