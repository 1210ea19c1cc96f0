import type { Document } from '../fakes/fediverse.ts'
import { pollTypes } from '../flows/polls.ts'
import { options } from './acts-polls.ts'
import type { Posted, Written } from './ledger.ts'
import { noticesBelow } from './verify-reactions.ts'
import type { Arrival, Shown } from './seen.ts'
import type { Plan } from './storm.ts'
import { actorOf, ghostOf, type Stage } from './stage.ts'
import { isOurs } from './world.ts'

type Seen = { readonly arrived: readonly Arrival[]; readonly shown: readonly Shown[] }
type Judge = { readonly stage: Stage; readonly plan: Plan }

const tallyForm = /^(?:Votes|Final votes): /

const tallyText = (counts: readonly number[], voters: number, isEnded: boolean): string => {
  const each = options.map((name, index) => `${name} ${counts[index] ?? 0}`).join(' · ')
  return `${isEnded ? 'Final votes' : 'Votes'}: ${each} · ${voters} ${voters === 1 ? 'person' : 'people'}`
}

/** Each voter once: of accounts the first choice, of the author the last one. */
function votesFor(of: Written, { ledger }: Stage): readonly number[] {
  const choices = new Map<string, string>()
  for (const { account, of: poll, choice } of ledger.votesIn)
    if (poll === of && !choices.has(account.id)) choices.set(account.id, choice)
  for (const { by, of: poll, choice } of ledger.votesOut)
    if (poll === of) choices.set(by.userId, choice)
  return options.map((name) => [...choices.values()].filter((choice) => choice === name).length)
}

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0)

type Question = {
  readonly votersCount?: number
  readonly closed?: unknown
  readonly oneOf?: readonly { readonly replies?: { readonly totalItems?: number } }[]
}

/** What each inbox that got a poll of ours was told of it in the end. */
function verifyTold(of: Written, { arrived, shown }: Seen, { stage, plan }: Judge): string[] {
  const { ledger } = stage
  const isAbout = (a: Arrival): boolean => a.content.includes(of.mark)
  const wanted = votesFor(of, stage)
  const isEnded = of.poll?.isEnded === true
  const isBlocked = ledger.blocks.some((b) => b.user === of.by)
  const inboxes = arrived.filter((a) => a.type === 'Create' && isAbout(a) && a.host !== plan.lost)
  const told = inboxes.flatMap(({ inbox }) => {
    const last = arrived.findLast((a) => a.inbox === inbox && isAbout(a))
    const { oneOf = [], votersCount, closed } = (last?.activity['object'] ?? {}) as Question
    const counts = oneOf.map(({ replies }) => replies?.totalItems ?? 0)
    const isFair = sum(counts) === votersCount && counts.every((n, i) => n <= (wanted[i] ?? 0))
    const isRight = isEnded || isBlocked ? isFair : isFair && counts.join() === wanted.join()
    return [
      ...(isRight
        ? []
        : [`${inbox} counts ${counts.join()} of ${votersCount}, not ${wanted.join()}`]),
      ...(isEnded && closed === undefined && !isBlocked ? [`never ended at ${inbox}`] : []),
    ]
  })
  const { count, text } = noticesBelow(of, tallyForm, { shown, stage })
  const isWorthIt = ledger.votesIn.some((v) => v.of === of) && !isEnded && !isBlocked
  const expected = tallyText(wanted, sum(wanted), false)
  return [
    ...told,
    ...(count > 1 ? [`${count} tallies`] : []),
    ...(isWorthIt && text !== expected ? [`the room reads "${text}", not "${expected}"`] : []),
  ]
}

/** Votes of ours in a poll of an account: the first of each person, to who asks alone. */
async function verifyCast(
  of: Posted,
  { arrived }: Seen,
  { stage, plan }: Judge,
): Promise<string[]> {
  const { ledger } = stage
  const cast = arrived.filter((a) => {
    const { inReplyTo, name } = (a.activity['object'] ?? {}) as Document
    return a.type === 'Create' && inReplyTo === of.object && name !== undefined
  })
  const problems = cast
    .filter(({ account, activity }) => {
      const { to, cc } = activity
      const isToOne = JSON.stringify([to, cc ?? []]) === JSON.stringify([[of.by.id], []])
      return account !== of.by || !isToOne
    })
    .map(({ inbox }) => `a vote leaked to ${inbox}`)
  for (const user of stage.users) {
    const given = ledger.votesOut.filter((vote) => vote.of === of && vote.by === user)
    const actor = await actorOf(user, stage)
    const names = cast
      .filter(({ activity }) => activity['actor'] === actor?.id)
      .map(({ activity }) => (activity['object'] as Document)['name'])
    const [first] = given
    const isMurky =
      of.isDeleted ||
      of.poll?.isEnded === true ||
      of.by.host === plan.lost ||
      ledger.blocks.some((b) => b.account === of.by && b.user === user) ||
      given.some(({ roomId }) => ledger.closed.has(roomId))
    const isRight = first === undefined ? names.length === 0 : names.join() === first.choice
    if (isMurky ? names.length > 1 : !isRight)
      problems.push(`${user.userId} voted ${first?.choice ?? 'nothing'}, told ${names.join()}`)
  }
  return problems
}

/** What rooms tell of a poll of an account: its last counts once, and its end once. */
function verifyCounted(of: Posted, { shown }: Seen, { stage }: Judge): string[] {
  const { ledger, world } = stage
  const isEnded = of.poll?.isEnded === true
  const isMurky = ledger.blocks.some((b) => b.account === of.by)
  const there = shown.filter(
    ({ text, replaces, sender, roomId }) =>
      replaces === undefined &&
      sender === ghostOf(of.by) &&
      text.includes(of.mark) &&
      !ledger.closed.has(roomId),
  )
  return there.flatMap((event) => {
    const { roomId, eventId, index } = event
    const timeline = world.homeserver.timeline(roomId)
    if (timeline[index]?.['type'] !== pollTypes.start) return []
    const ends = timeline.filter(
      ({ type, content }) =>
        type === pollTypes.end && JSON.stringify(content).includes(`"${eventId}"`),
    )
    const { count, text } = noticesBelow(event, tallyForm, { shown, stage })
    const counts = of.counts ?? []
    const expected = sum(counts) === 0 ? '' : tallyText(counts, sum(counts), isEnded)
    return [
      ...(ends.length === (isEnded ? 1 : 0) ? [] : [`has ${ends.length} ends in ${roomId}`]),
      ...(count > 1 ? [`${count} tallies in ${roomId}`] : []),
      ...(isMurky || text === expected ? [] : [`${roomId} reads "${text}", not "${expected}"`]),
    ]
  })
}

/** How somebody on the fediverse voted is in no room. */
const verifySecrets = ({ world }: Stage): string[] =>
  world.homeserver.rooms().flatMap((roomId) =>
    world.homeserver
      .timeline(roomId)
      .filter(({ type, sender, content }) => {
        const { body } = content as { body?: unknown }
        return isOurs(String(sender)) && (type === pollTypes.vote || options.includes(String(body)))
      })
      .map(({ sender }) => `${roomId}: the vote of ${String(sender)} is shown`),
  )

export async function verifyPolls(seen: Seen, judge: Judge): Promise<string[]> {
  const { ledger } = judge.stage
  const problems = verifySecrets(judge.stage)
  for (const of of ledger.written)
    if (of.poll !== undefined && !of.isDeleted)
      problems.push(...verifyTold(of, seen, judge).map((line) => `${of.mark}: ${line}`))
  for (const of of ledger.posted) {
    if (of.poll === undefined) continue
    const lines = await verifyCast(of, seen, judge)
    if (!of.isDeleted) lines.push(...verifyCounted(of, seen, judge))
    problems.push(...lines.map((line) => `${of.mark}: ${line}`))
  }
  return problems
}
