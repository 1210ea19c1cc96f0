import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { idOf } from '../fakes/fediverse-account.ts'
import { reaches, type Arrival, type Shown } from './seen.ts'
import type { Plan } from './storm.ts'
import { ghostOf, type Stage } from './stage.ts'

type Judge = { readonly stage: Stage; readonly plan: Plan }
type Seen = { readonly arrived: readonly Arrival[]; readonly shown: readonly Shown[] }

/** The post that an Announce tells of, by its id or whole. */
function announced({ type, object, activity }: Arrival): string | undefined {
  if (type !== 'Announce') return undefined
  const { object: inner } = activity
  const isWhole = typeof inner === 'object' && inner !== null && 'type' in inner
  if (!isWhole) return object
  return inner.type === 'Create' && 'object' in inner ? idOf(inner.object) : undefined
}

type Told = {
  readonly mark: string
  readonly post: string
  readonly at: number
  /** Of ours. */
  readonly by?: FakeUser
}

/** Each account that followed by then, and has not blocked its author, got the post in one form, once. */
function verifyTold(
  { mark, post, at, by }: Told,
  arrived: readonly Arrival[],
  { stage, plan }: Judge,
): string[] {
  const isOwed = ({ account, id }: { readonly account: Account; readonly id: string }): boolean =>
    account.host !== plan.lost &&
    !stage.ledger.blocks.some((b) => b.account === account && b.user === by) &&
    arrived.some((a) => a.type === 'Accept' && a.object === id && a.at < at)
  return stage.ledger.group.follows.flatMap((follow) => {
    const told = arrived.filter((a) => announced(a) === post && reaches(a, follow.account))
    const isRight = isOwed(follow) ? told.length === 1 : told.length <= 1
    return isRight ? [] : [`${mark}: ${follow.account.handle} heard ${told.length} times of it`]
  })
}

/** What is said in the room of a group, and to it, comes to all who follow it, and nothing of who did not agree. */
export async function verifyGroups({ arrived, shown }: Seen, judge: Judge): Promise<string[]> {
  const { stage, plan } = judge
  const { world, ledger } = stage
  const { roomId, said, named } = ledger.group
  if (roomId === undefined) return []
  const problems: string[] = []
  const all = JSON.stringify(world.fediverse.deliveries.map(({ activity }) => activity))
  for (const { mark, at, by, eventId, isIn } of said) {
    if (isIn === 'no' && all.includes(mark)) problems.push(`${mark}: left the room unasked`)
    const post = (await world.store.findMappingByEvent(roomId, eventId))?.remoteId
    if (isIn === 'yes' && post === undefined) problems.push(`${mark}: was not published`)
    if (post !== undefined) problems.push(...verifyTold({ mark, post, at, by }, arrived, judge))
  }
  for (const { mark, at, by, sent } of named) {
    if (!world.senders.takenAt.has(sent.id) || by.host === plan.lost) continue
    const lines = shown.filter((s) => s.roomId === roomId && s.text.includes(mark))
    if (lines.length !== 1 || lines[0]?.sender !== ghostOf(by))
      problems.push(`${mark}: stands ${lines.length} times in the group`)
    problems.push(...verifyTold({ mark, post: sent.object, at }, arrived, judge))
  }
  return problems
}
