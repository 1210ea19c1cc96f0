import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { hiddenAlias } from '../../src/model/room.ts'
import { lifeOfMark } from '../../src/model/mark.ts'
import type { Account } from '../fakes/fediverse.ts'
import { marksOf } from './ledger.ts'
import { arrivals, everythingShown, peopleIn, reaches, type Shown } from './seen.ts'
import { bot, isOurs } from './world.ts'
import type { Plan } from './storm.ts'
import { ghostOf, type Stage } from './stage.ts'
import { verifyBoosts } from './verify-boosts.ts'
import { verifyChats } from './verify-chats.ts'
import { verifyGroups } from './verify-groups.ts'
import { verifyHomes } from './verify-homes.ts'
import { verifyPins } from './verify-pins.ts'
import { verifyPolls } from './verify-polls.ts'
import { verifyProfiles } from './verify-profiles.ts'
import { verifyLikesIn, verifyLikesOut } from './verify-reactions.ts'
import { verifyQuotes } from './verify-quotes.ts'
import { verifyOrder, verifyPosted, verifyReaders } from './verify-posted.ts'
import { verifyWritten } from './verify-written.ts'

/** Compares what people said with what came of it; each line is one broken promise. */
export async function verify(stage: Stage, plan: Plan): Promise<string[]> {
  const { ledger, accounts } = stage
  const shown = everythingShown(stage)
  const arrived = arrivals(stage)
  const apologies = shown.filter((s) => isOurs(s.sender) && isApology(s.text))
  const unfound = new Set(
    accounts
      .filter((account) => apologies.some(({ text }) => isAbout(text, account)))
      .map(({ id }) => id),
  )
  const problems = [
    ...ledger.written.flatMap((written) =>
      verifyWritten(written, arrived, { stage, plan, unfound, shown }),
    ),
    ...verifyLikesOut(arrived, { stage, plan }),
    ...verifyAnswers(shown, stage),
    ...verifyTold(shown, { stage, plan }),
    ...verifyChats(arrived, { stage, plan }),
    ...(await verifyProfiles(arrived, { stage, plan })),
    ...(await verifyPins({ arrived, shown }, { stage, plan })),
    ...(await verifyPolls({ arrived, shown }, { stage, plan })),
    ...(await verifyGroups({ arrived, shown }, { stage, plan })),
    ...(await verifyHomes(shown, { stage, plan })),
    ...(await verifyQueue(stage, plan)),
    ...verifyMarks(stage),
    ...(await verifyRooms(stage)),
    ...(await verifyFollowers(stage)),
    ...verifyLikesIn(shown, stage),
    ...(await verifyBoosts(shown, { stage, plan })),
    ...(await verifyQuotes(shown, stage)),
    ...stage.world.senders.refused.map((line) => `the bridge refused ${line}`),
    ...stage.world.fediverse.refusals.map(({ inbox, wrong }) => `${inbox} refused: ${wrong}`),
  ]
  for (const posted of ledger.posted)
    problems.push(...(await verifyPosted(posted, shown, { stage, plan })))
  for (const account of accounts) {
    problems.push(...(await verifyOrder(account, shown, { stage, plan })))
    if (account.host !== plan.lost) problems.push(...(await verifyReaders(account, stage)))
  }
  return problems
}

/** Somebody who is meant could not be looked up. */
const isApology = (text: string): boolean =>
  text.startsWith('You invited') || text.includes('what you write here reaches the others alone')

const isAbout = (text: string, account: Account): boolean =>
  text.includes(ghostOf(account)) || text.startsWith(`${account.id} `)

/** Nothing was given up but what went to a server that was away for longer than anybody waits. */
async function verifyQueue({ world }: Stage, plan: Plan): Promise<string[]> {
  const failed = await world.queue.listFailed({ limit: 100 })
  const isOfLost = (text: string | undefined): boolean =>
    plan.lost !== undefined && text?.includes(plan.lost) === true
  return failed
    .filter(({ host, kind, error }) => !isOfLost(kind === 'delivery' ? host : error))
    .map(({ kind, key, error }) => `dead letter: ${kind} ${key}: ${error}`)
}

/** Somebody has thought about how long each kind is kept. */
const verifyMarks = ({ world }: Stage): string[] =>
  world
    .marks()
    .filter((key) => lifeOfMark(key) === undefined)
    .map((key) => `the mark "${key}" is of a kind that model/mark.ts does not know`)

/** Whoever wrote what did not reach a lost server reads so below their message. */
function verifyTold(
  shown: readonly Shown[],
  { stage, plan }: { stage: Stage; plan: Plan },
): string[] {
  const { world, ledger } = stage
  const arrived = arrivals(stage)
  return ledger.written.flatMap((written) => {
    if (plan.lost === undefined || written.isDeleted) return []
    const wanted = stage.accounts.filter((a) => a.host === plan.lost && written.to?.includes(a.id))
    // A Create that was put off tells what the message says by then.
    const marks = marksOf(written)
    const got = arrived.filter(
      (a) => a.type === 'Create' && marks.some((mark) => a.content.includes(mark)),
    )
    if (wanted.every((account) => got.some((a) => reaches(a, account)))) return []
    const isTold = shown.some(({ roomId, index, text }) => {
      if (isApology(text)) return wanted.some((a) => isAbout(text, a))
      const content = JSON.stringify(world.homeserver.timeline(roomId)[index]?.['content'])
      return /^Not (delivered|sent)/.test(text) && content.includes(written.eventId)
    })
    return isTold ? [] : [`${written.mark}: nobody told its author that it did not arrive`]
  })
}

/** Every room that the bot made and somebody sees is in use, and no two of them are for the same people. */
async function verifyRooms(stage: Stage): Promise<string[]> {
  const { world, ledger } = stage
  const { homeserver, store } = world
  const problems: string[] = []
  const aliases = new Map<string, RoomId>()
  for (const roomId of homeserver.rooms()) {
    const create = homeserver.timeline(roomId).find((event) => event['type'] === 'm.room.create')
    if (create?.['sender'] !== bot) continue
    const portal = await store.findPortalByRoom(roomId)
    const names = homeserver.state(roomId, 'm.room.canonical_alias')
    const alias = names?.['alias'] ?? names?.[hiddenAlias]
    // The same people made another room for their chat, and were told so here.
    const isLeft = homeserver
      .timeline(roomId)
      .some((event) => JSON.stringify(event['content']).includes('This chat goes on'))
    // We died while we made it, and what it was for was said elsewhere then: by its alias the next use finds it.
    const isUnseen =
      /^#_ap_==room_[0-9a-f]{32}:/.test(String(alias)) &&
      peopleIn(roomId, stage).length === 0 &&
      !homeserver.timeline(roomId).some((event) => event['type'] === 'm.room.message')
    if (portal === undefined && !isLeft && !isUnseen && !ledger.closed.has(roomId))
      problems.push(`the bot's room ${roomId} (${String(alias)}) is nothing`)
    const before = aliases.get(String(alias))
    if (before !== undefined) problems.push(`${before} and ${roomId} are the same portal`)
    aliases.set(String(alias), roomId)
  }
  return problems
}

/** Each question got one answer. */
function verifyAnswers(shown: readonly Shown[], { ledger }: Stage): string[] {
  return ledger.asked.flatMap(({ roomId, mark }) => {
    const answers = shown.filter((s) => s.sender === bot && s.text.includes(mark))
    return answers.length === 1 && answers[0]?.roomId === roomId
      ? []
      : [`question ${mark} got ${answers.length} answers`]
  })
}

async function verifyFollowers({ ledger, world }: Stage): Promise<string[]> {
  const problems: string[] = []
  for (const { account, user, actor } of ledger.followers) {
    const isBlocked = ledger.blocks.some((b) => b.account === account && b.user === user)
    if (isBlocked) continue
    const newest = ledger.followers.findLast((f) => f.account === account && f.user === user)
    const follow = await world.store.findFollow(asActorId(account.id), actor)
    const isFollowing = follow?.state === 'accepted'
    if (isFollowing !== (newest?.undoId === undefined))
      problems.push(
        `${account.handle} ${isFollowing ? 'still follows' : 'does not follow'} ${user.userId}`,
      )
  }
  return problems
}
