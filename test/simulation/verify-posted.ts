import { asActorId, type RoomId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import { followOf, ghostOf, homeOf, isEverAtHome, portalOf, type Stage } from './stage.ts'
import { marksOf, newestMark, type OutFollow, type Posted } from './ledger.ts'
import { everythingShown, isBoostLine, peopleIn, type Shown } from './seen.ts'
import { pollTypes } from '../flows/polls.ts'
import type { Plan } from './storm.ts'
import { isCard } from './verify-boosts.ts'
import { isQuotation } from './verify-quotes.ts'
import { bot } from './world.ts'

/** What became of one post of an account on Matrix. */
export async function verifyPosted(
  posted: Posted,
  all: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<string[]> {
  const everywhere = all.filter(
    ({ text, replaces }) =>
      replaces === undefined &&
      marksOf(posted).some((mark) => text.includes(mark)) &&
      !isQuotation(text, posted, stage),
  )
  // What stands in a closed room is nobody's to change any more.
  const open = everywhere.filter(({ roomId }) => !stage.ledger.closed.has(roomId))
  const originals = open.filter((shown) => !isCard(shown, posted, stage))
  const whole = open.filter(({ text }) => !isBoostLine(text))
  const allowed = await roomsAllowed(posted, originals, { stage, plan })
  const barred = await barredHomes(posted, stage)
  const heard = open.filter(({ roomId }) => !barred.includes(roomId))
  const problems = [
    ...(everywhere.length === 0 && missing(posted, [], { stage, plan }).length > 0
      ? lost(posted)
      : []),
    ...once(whole),
    ...(posted.isDeleted
      ? open.map(({ roomId }) => `still stands in ${roomId} although it was deleted`)
      : [
          ...missing(posted, originals, { stage, plan }),
          ...newestVersion(posted, heard, { all, stage }),
        ]),
    ...originals
      .filter(({ roomId }) => !allowed.has(roomId))
      .map(
        ({ roomId }) => `stands in ${roomId}, where it may not (${peopleIn(roomId, stage).join()})`,
      ),
    ...originals
      .filter(({ sender }) => sender !== ghostOf(posted.by))
      .map(({ sender }) => `is said by ${sender}`),
  ]
  return problems.map((problem) => `${posted.mark} (${posted.visibility}): ${problem}`)
}

function once(originals: readonly Shown[]): string[] {
  // A poll stands below its words.
  const places = originals.map(
    ({ roomId, type }) => `${type === pollTypes.start ? 'as a poll ' : ''}in ${roomId}`,
  )
  return [...new Set(places)]
    .map((place) => ({ place, count: places.filter((other) => other === place).length }))
    .filter(({ count }) => count > 1)
    .map(({ place, count }) => `stands ${count} times ${place}`)
}

/** What is for followers comes into no room once the last of them has gone. */
const isUnread = (posted: Posted, stage: Stage): boolean =>
  posted.visibility === 'followers' && !isKept(posted, stage)

/** Where its room was closed before it came, it opens the next one. */
const lost = ({ must, answers, isDeleted }: Posted): string[] =>
  must.length === 0 || isDeleted || answers?.isDeleted === true ? [] : ['stands nowhere']

/** Whether anybody who followed then has done so ever since. */
const isKept = ({ readers, by, at }: Posted, stage: Stage): boolean =>
  readers.some(({ user }) => {
    const follow = followOf(user, by, stage)
    return follow?.wants === true && follow.changedAt <= at
  })

function missing(
  posted: Posted,
  originals: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): string[] {
  const isDirect = posted.visibility === 'direct'
  if (isDirect && originals.length !== 1 && !isBlockedFor(posted, stage))
    return [`stands in ${originals.length} rooms, not in one`]
  // What answers a deleted message has no place below it.
  if (posted.answers?.isDeleted === true) return []
  // Whoever moves it home reads it in one of both places.
  const isMoved = isEverAtHome(posted.by, stage) && !posted.isReply
  // While the bridge is away for long, who unfollows and what is posted come in any order.
  const isLeft =
    isUnread(posted, stage) ||
    (plan.blackouts.length > 0 && !posted.isReply && !isKept(posted, stage))
  return (isMoved || isLeft ? [] : posted.must)
    .filter((roomId) => !stage.ledger.closed.has(roomId))
    .filter((roomId) => !originals.some((shown) => shown.roomId === roomId))
    .map((roomId) => `is not in ${roomId}`)
}

/** Nobody of ours hears from an account that blocked them. */
const isBlockedFor = ({ by, users }: Posted, { ledger }: Stage): boolean =>
  ledger.blocks.some((b) => b.account === by && users.includes(b.user.userId))

function newestVersion(
  posted: Posted,
  originals: readonly Shown[],
  { all, stage }: { all: readonly Shown[]; stage: Stage },
): string[] {
  const wanted = newestMark(posted)
  return originals.flatMap((original) => {
    const shown =
      all.findLast(({ replaces }) => replaces === original.eventId)?.text ?? original.text
    const isTold = !isBlockedFor(posted, stage)
    return shown.includes(wanted) || !isTold
      ? []
      : [`ends as "${shown}" in ${original.roomId}, not with ${wanted}`]
  })
}

/** Home rooms of people whom its author blocked: no later version comes there. */
async function barredHomes({ by }: Posted, stage: Stage): Promise<(RoomId | undefined)[]> {
  const barred = stage.ledger.blocks.filter(({ account }) => account === by)
  return Promise.all(barred.map(({ user }) => homeOf(user, stage)))
}

async function notificationsOf(posted: Posted, { world }: Stage): Promise<RoomId[]> {
  const rooms = await Promise.all(
    posted.users.map((userId) => world.store.findPortal({ kind: 'notifications', userId })),
  )
  return rooms.flatMap((portal) => (portal === undefined ? [] : [portal.roomId]))
}

/** By what a room is on the homeserver, and who is in it. */
async function roomsAllowed(
  posted: Posted,
  originals: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<Set<RoomId>> {
  if (posted.visibility === 'direct')
    return new Set(
      originals
        .map(({ roomId }) => roomId)
        .filter((id) => isForExactly(posted, id, { stage, plan })),
    )
  const portal = await portalOf(posted.by, stage)
  const own = portal === undefined ? [] : [portal]
  const named = await notificationsOf(posted, stage)
  const followers = stage.users.filter((user) => followOf(user, posted.by, stage) !== undefined)
  const homes = await Promise.all(followers.map((user) => homeOf(user, stage)))
  const atHome = homes.filter((roomId) => roomId !== undefined)
  const all = [...own, ...named, ...atHome]
  return new Set([...all, ...(posted.visibility === 'followers' ? [] : posted.besides)])
}

/** Whoever is on a lost server is addressed, and may never be found. */
function isForExactly(
  { users, accounts }: Posted,
  roomId: RoomId,
  { stage: { world }, plan }: { readonly stage: Stage; readonly plan: Plan },
): boolean {
  const members = (['join', 'invite'] as const)
    .flatMap((membership) => world.homeserver.members(roomId, membership))
    .filter((userId) => userId !== bot)
  const wanted: readonly string[] = [...users, ...accounts.map(ghostOf)]
  const excused = accounts.filter(({ host }) => host === plan.lost).map(ghostOf)
  return (
    members.every((userId) => wanted.includes(userId)) &&
    wanted.every((userId) => [...members, ...excused].includes(userId))
  )
}

/** Top-level posts stand in their portal as their author sent them. */
export async function verifyOrder(
  account: Account,
  all: readonly Shown[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<string[]> {
  const portal = await portalOf(account, stage)
  // What is read back from an outbox that cannot be had just then comes when it can.
  const isSteady = plan.troubleRate === 0 && plan.absences.length === 0
  const lists = [['public', 'unlisted'], ['followers']].map((visibilities) =>
    stage.ledger.posted
      .filter((p) => p.by === account && visibilities.includes(p.visibility))
      // What quotes another post waits for that one.
      .filter((p) => !p.isReply && !p.isDeleted && !p.wasOvertaken && p.quotes === undefined)
      // A post of long ago comes when it is pinned.
      .filter((p) => p.pin === undefined && (isSteady || !p.wasMissed)),
  )
  return lists.flatMap((posts) => {
    const places = posts.flatMap((posted) => {
      const shown = all.find(
        (s) =>
          s.roomId === portal &&
          s.replaces === undefined &&
          s.text.includes(posted.mark) &&
          !isQuotation(s.text, posted, stage),
      )
      return shown === undefined ? [] : [{ mark: posted.mark, index: shown.index }]
    })
    return places
      .filter(({ index }, n) => index < (places[n - 1]?.index ?? -1))
      .map(({ mark }) => `${mark}: stands before an earlier post of ${account.handle}`)
  })
}

/** Within this time of the closing of a room nobody knows who left it of themselves; milliseconds. */
const atOnce = 10_000

/**
 * They left the room in the moment in which it was closed, where Synapse has all leave in their own
 * name, or nobody can know whether they did: then they still follow, and were told so.
 */
function isToldClosed({ user, account, left, changedAt }: OutFollow, stage: Stage): boolean {
  const closing = left && stage.ledger.closed.get(left)
  if (closing === undefined) return false
  const isSure = !closing.inDoubt.includes(user.userId)
  if (isSure && Math.abs(closing.at - changedAt) > atOnce) return false
  const text = `The room of ${account.handle} was closed on this server. You still follow`
  return everythingShown(stage).some(
    (shown) => shown.text.startsWith(text) && peopleIn(shown.roomId, stage).includes(user.userId),
  )
}

/** Only accepted followers are in a portal, and all of them who still want it. */
export async function verifyReaders(account: Account, stage: Stage): Promise<string[]> {
  const portal = await portalOf(account, stage)
  // Nothing came since the admin closed it.
  if (portal !== undefined && stage.ledger.closed.has(portal)) return []
  const inRoom = portal === undefined ? [] : peopleIn(portal, stage)
  const problems: string[] = []
  for (const user of stage.users) {
    const actor = await stage.world.store.findLocalActorByUser(user.userId)
    const isFollower = actor !== undefined && account.followers.has(actor.id)
    const follow = followOf(user, account, stage)
    const home = await homeOf(user, stage)
    const isAtHome = follow?.moves.at(-1)?.place === 'home'
    const people = isAtHome && home !== undefined ? peopleIn(home, stage) : inRoom
    const isReader = people.includes(user.userId)
    if (inRoom.includes(user.userId) && !isFollower)
      problems.push(`${user.userId} reads ${account.handle}, who did not accept`)
    const isBlocked = stage.ledger.blocks.some((b) => b.user === user && b.account === account)
    if (isBlocked || follow === undefined) continue
    const { wants } = follow
    if (wants !== isFollower && !isToldClosed(follow, stage))
      problems.push(
        `${user.userId} ${wants ? 'wants to follow' : 'unfollowed'} ${account.handle}, who ${isFollower ? 'has' : 'lacks'} that follower`,
      )
    // Of a room that was closed there is another one with the next post.
    const isAnywhere = isAtHome || portal !== undefined
    if (wants && isFollower && !isReader && isAnywhere) {
      const known = await stage.world.store.findFollow(actor.id, asActorId(account.id))
      problems.push(
        `${user.userId} follows ${account.handle} (${known?.state ?? 'forgotten'}) but is not where it is read`,
      )
    }
  }
  return problems
}
