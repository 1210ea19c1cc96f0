import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { hiddenAlias } from '../../src/model/room.ts'
import { lifeOfMark } from '../../src/model/mark.ts'
import type { Account } from '../fakes/fediverse.ts'
import { arrivals, everythingShown, peopleIn, reaches, type Arrival, type Shown } from './seen.ts'
import { bot, isOurs } from './world.ts'
import type { Plan } from './storm.ts'
import { ghostOf, type Stage } from './stage.ts'
import { verifyBoosts } from './verify-boosts.ts'
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
    ...verifyNames(arrived, { stage, plan }),
    ...(await verifyQueue(stage, plan)),
    ...verifyMarks(stage),
    ...(await verifyRooms(stage)),
    ...(await verifyFollowers(stage)),
    ...(await verifyLikesIn(shown, stage)),
    ...(await verifyBoosts(shown, { stage, plan })),
    ...(await verifyQuotes(shown, stage)),
    ...stage.world.senders.refused.map((line) => `the bridge refused ${line}`),
    ...stage.world.fediverse.refusals.map(({ inbox, wrong }) => `${inbox} refused: ${wrong}`),
  ]
  for (const posted of ledger.posted)
    problems.push(...(await verifyPosted(posted, shown, { stage, plan })))
  for (const account of accounts) {
    problems.push(...(await verifyOrder(account, shown, stage)))
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
    const got = arrived.filter((a) => a.type === 'Create' && a.content.includes(written.mark))
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

/**
 * One Like for each reaction, and its Undo when it was taken back. What is taken back before the
 * homeserver tells us comes empty: then nothing is told.
 */
function verifyLikesOut(
  arrived: readonly Arrival[],
  { stage, plan }: { stage: Stage; plan: Plan },
): string[] {
  const { likesOut, blocks } = stage.ledger
  return [...new Set(likesOut.map(({ of }) => of))].flatMap((of) => {
    const mine = likesOut.filter((like) => like.of === of)
    if (of.by.host === plan.lost || of.isDeleted) return []
    if (mine.some(({ by }) => blocks.some((b) => b.account === of.by && b.user === by))) return []
    const likes = arrived.filter((a) => a.type === 'Like' && a.object === of.object)
    const undone = arrived.filter(
      (a) => a.type === 'Undo' && JSON.stringify(a.activity).includes(`"${of.object}"`),
    )
    const standing = mine.filter(({ isUndone }) => !isUndone).length
    return [
      ...(likes.length - undone.length === standing && likes.length <= mine.length
        ? []
        : [`${of.mark}: ${standing} likes stand; ${likes.length} told, ${undone.length} undone`]),
      ...(likes.every((a) => a.account === of.by) ? [] : [`${of.mark}: a like leaked`]),
    ]
  })
}

/** Reactions of ghosts and the number in the summary are together the likes that stand. */
async function verifyLikesIn(shown: readonly Shown[], { ledger, world }: Stage): Promise<string[]> {
  const problems: string[] = []
  for (const written of new Set(ledger.likesIn.map(({ of }) => of))) {
    if (written.isDeleted) continue
    const standing = ledger.likesIn.filter((l) => l.of === written && l.undoId === undefined)
    if (standing.some((l) => ledger.blocks.some((b) => b.account === l.account))) continue
    const reactions = world.homeserver
      .timeline(written.roomId)
      .filter(
        (event) =>
          event['type'] === 'm.reaction' &&
          JSON.stringify(event['content']).includes(written.eventId),
      )
    const notices = shown.filter((s) => s.sender === bot && /^(?:❤️ \d+|No reactions)/.test(s.text))
    const isBelow = (s: Shown): boolean => {
      const event = world.homeserver.timeline(s.roomId)[s.index]
      return (
        s.replaces === undefined && JSON.stringify(event?.['content']).includes(written.eventId)
      )
    }
    const below = notices.filter(isBelow)
    if (below.length > 1) problems.push(`${written.mark}: ${below.length} summaries`)
    const [first] = below
    const last = first && (notices.findLast((s) => s.replaces === first.eventId) ?? first)
    const counted = Number(/\d+/.exec(last?.text ?? '')?.[0] ?? 0)
    if (counted + reactions.length !== standing.length)
      problems.push(
        `${written.mark}: ${standing.length} likes stand, ${counted} counted and ${reactions.length} shown`,
      )
  }
  return problems
}

/** The newest name of everybody is the last one that is told. */
function verifyNames(
  arrived: readonly Arrival[],
  { stage, plan }: { stage: Stage; plan: Plan },
): string[] {
  const { ledger, world, accounts } = stage
  const ghosts = accounts.flatMap((account) => {
    const name = ledger.accountNames.get(account.id)?.name
    const shown = world.homeserver.profile(ghostOf(account))?.displayname
    const isRight = name === undefined || shown === undefined || shown === name
    return isRight ? [] : [`the ghost of ${account.handle} is called ${shown}, not ${name}`]
  })
  const people = ledger.followers.flatMap(({ account, user, actor, undoId }) => {
    const isBlocked = ledger.blocks.some((b) => b.account === account && b.user === user)
    const wanted = ledger.names.get(user.userId)
    const told = arrived.findLast(
      (a) => a.type === 'Update' && a.object === actor && reaches(a, account),
    )
    const isBack = ledger.followers.some((f) => f.account === account && f.undoId !== undefined)
    if (account.host === plan.lost) return []
    if (undoId !== undefined || isBack || isBlocked || wanted === undefined || told === undefined)
      return []
    const { name } = told.activity['object'] as { name?: unknown }
    return name === wanted ? [] : [`${account.handle} knows ${String(name)}, who is ${wanted}`]
  })
  return [...ghosts, ...people]
}
