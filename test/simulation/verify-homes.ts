import type { RoomId } from '../../src/model/ids.ts'
import type { Posted, Reader } from './ledger.ts'
import { marksOf } from './ledger.ts'
import type { Plan } from './storm.ts'
import {
  actorOf,
  followOf,
  ghostOf,
  homeOf,
  isEverAtHome,
  placesSince,
  portalOf,
  type Stage,
} from './stage.ts'
import { peopleIn, type Shown } from './seen.ts'
import { isQuotation } from './verify-quotes.ts'

const says = ({ text, replaces }: Shown, posted: Posted): boolean =>
  replaces === undefined && marksOf(posted).some((mark) => text.includes(mark))

const isBlocked = ({ by }: Posted, { user }: Reader, { ledger }: Stage): boolean =>
  ledger.blocks.some((b) => b.account === by && b.user === user)

/** Where that post may have come to that reader: they move while it is under way. */
async function roomsFor(posted: Posted, { user, places }: Reader, stage: Stage): Promise<RoomId[]> {
  const since = { account: posted.by, at: posted.at }
  const all = new Set([...places, ...placesSince(user, since, stage)])
  const rooms = [...all].map((place) =>
    place === 'home' ? homeOf(user, stage) : portalOf(posted.by, stage),
  )
  return (await Promise.all(rooms)).filter((roomId) => roomId !== undefined)
}

/** Nothing is lost between the two places where an account may be read. */
async function lostOnTheWay(
  posted: Posted,
  all: readonly Shown[],
  stage: Stage,
): Promise<string[]> {
  const problems: string[] = []
  for (const reader of posted.readers) {
    const follow = followOf(reader.user, posted.by, stage)
    const isKept = follow?.wants === true && follow.changedAt <= posted.at
    if (!isKept || isBlocked(posted, reader, stage)) continue
    const rooms = await roomsFor(posted, reader, stage)
    const isThere = rooms.some((roomId) => all.some((s) => s.roomId === roomId && says(s, posted)))
    const wasClosed = all.some(
      ({ roomId, sender }) => stage.ledger.closed.has(roomId) && sender === ghostOf(posted.by),
    )
    if (!isThere && !wasClosed)
      problems.push(`${posted.mark}: never came to ${reader.user.userId}, who reads it`)
  }
  return problems
}

/** What is for followers, or by whoever blocked the owner, is in no home room of others. */
async function leaked(posted: Posted, all: readonly Shown[], stage: Stage): Promise<string[]> {
  const { ledger, world } = stage
  const problems: string[] = []
  for (const user of stage.users) {
    const home = await homeOf(user, stage)
    const shown = all.filter((s) => s.roomId === home && says(s, posted))
    const actor = shown.length > 0 ? await actorOf(user, stage) : undefined
    if (actor === undefined) continue
    const isFor = posted.followers.has(actor.id) || posted.wasOvertaken
    // Its author may quote it later, to who has come to follow them meanwhile (`verify-quotes.ts`).
    const isByItself = shown.some(({ text }) => !isQuotation(text, posted, stage))
    if (posted.visibility === 'followers' && !isFor && isByItself)
      problems.push(`${posted.mark}: is for followers, and leaked to ${user.userId}`)
    const block = ledger.blocks.find((b) => b.account === posted.by && b.user === user)
    const isBarred = block !== undefined && (world.senders.takenAt.get(block.id) ?? Infinity)
    if (isBarred !== false && isBarred < posted.at && !isQuoted(posted, stage))
      problems.push(`${posted.mark}: leaked to ${user.userId}, whom its author blocked`)
  }
  return problems
}

const isQuoted = (posted: Posted, { ledger }: Stage): boolean =>
  ledger.posted.some(({ quotes }) => quotes === posted)

/** Whoever moved an account to one place has left the other. */
async function readTwice(stage: Stage): Promise<string[]> {
  const problems: string[] = []
  for (const { user, account, wants, moves } of stage.ledger.follows) {
    const portal = await portalOf(account, stage)
    const isAtHome = wants && moves.at(-1)?.place === 'home'
    if (!isAtHome || portal === undefined || stage.ledger.closed.has(portal)) continue
    if (stage.ledger.blocks.some((b) => b.account === account && b.user === user)) continue
    if (peopleIn(portal, stage).includes(user.userId))
      problems.push(`${user.userId} reads ${account.handle} at home, and is in its room`)
  }
  return problems
}

/** Home rooms: each post of each account once, whatever moves meanwhile, and nothing of others. */
export async function verifyHomes(
  all: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<string[]> {
  const problems = await readTwice(stage)
  const posts = stage.ledger.posted.filter(({ visibility }) => visibility !== 'direct')
  for (const posted of posts) {
    problems.push(...(await leaked(posted, all, stage)))
    // What a server gave up to bring is read back from it, which is not tried for as long as one is lost.
    const isGone = posted.wasMissed && posted.by.host === plan.lost
    const isOwed = isEverAtHome(posted.by, stage) || posted.wasMissed
    if (isOwed && !isGone && !posted.isDeleted && !posted.isReply)
      problems.push(...(await lostOnTheWay(posted, all, stage)))
  }
  return problems
}
