import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { Document } from '../fakes/fediverse.ts'
import type { Posted, Written } from './ledger.ts'
import { polling, pollTypes } from '../flows/polls.ts'
import { isBlocking, objectOf, readersOf, say, someAccount, strictRooms } from './acts-fediverse.ts'
import { record, someUser, visibleRooms } from './acts-matrix.ts'
import { actorOf, isIn, likelyFollowers, profileOf, type Act, type Stage } from './stage.ts'

export const options = ['Tea', 'Coffee', 'Milk']

const optionId = (event: Document, name: string): string | undefined => {
  const content = event['content'] as Readonly<Record<string, unknown>>
  const start = content[pollTypes.start] as
    { answers?: readonly { id: string; 'org.matrix.msc1767.text': string }[] } | undefined
  return start?.answers?.find((answer) => answer['org.matrix.msc1767.text'] === name)?.id
}

export const askOwn: Act = async (stage) => {
  const user = someUser(stage)
  const profile = user && (await profileOf(user, stage))
  if (user === undefined || profile === undefined || !isIn(user, profile.roomId)) return undefined
  const { sure, possible } = await likelyFollowers(profile.actorId, stage)
  const mark = stage.ledger.nextMark()
  const eventId = polling(user, profile.roomId).ask(`hello ${mark}`, options)
  const poll = { options, isEnded: false }
  const draft = { kind: 'profile', must: sure, may: possible, poll } as const
  await record(user, { mark, eventId, roomId: profile.roomId, draft }, stage)
  return `${user.userId} asks ${mark}`
}

const isOpen = ({ poll, isDeleted }: Written | Posted): boolean =>
  poll?.isEnded === false && !isDeleted

/** The author's own vote, where it is shown; the newest one counts. */
export const voteOwn: Act = async (stage) => {
  const user = someUser(stage)
  const { ledger, chance } = stage
  const of = chance.pick(ledger.written.filter((w) => w.by === user && isOpen(w)))
  const choice = chance.pick(options)
  if (user === undefined || of === undefined || choice === undefined || !isIn(user, of.roomId))
    return undefined
  polling(user, of.roomId).vote(of.eventId, choice.toLowerCase())
  ledger.votesOut.push({ by: user, of, roomId: of.roomId, choice })
  return `${user.userId} votes ${choice} in ${of.mark}`
}

export const endOwn: Act = async (stage) => {
  const user = someUser(stage)
  const { ledger, chance } = stage
  const of = chance.pick(ledger.written.filter((w) => w.by === user && isOpen(w)))
  if (user === undefined || of?.poll === undefined || !isIn(user, of.roomId)) return undefined
  polling(user, of.roomId).end(of.eventId)
  of.poll.isEnded = true
  return `${user.userId} ends ${of.mark}`
}

/** An account's vote in a poll of ours: often a second one, which is none. */
export const voteIn: Act = async (stage) => {
  const { ledger, chance, world } = stage
  const account = someAccount(stage)
  const choice = chance.pick(options)
  if (account === undefined || choice === undefined) return undefined
  const polls = ledger.written.flatMap((of) => {
    const isOffered = isOpen(of) && of.actor !== undefined && !isBlocking(account, of.by, stage)
    const object = isOffered ? objectOf(of, account, stage) : undefined
    return object === undefined ? [] : [{ of, object }]
  })
  const found = chance.pick(polls)
  if (found?.of.actor === undefined) return undefined
  world.senders.send(account.vote(found.object, found.of.actor, choice))
  ledger.votesIn.push({ account, of: found.of, choice })
  return `${account.handle} votes ${choice} in ${found.of.mark}`
}

export const askThere: Act = async (stage) => {
  const account = someAccount(stage)
  if (account === undefined || account.followers.size === 0) return undefined
  const visibility = stage.chance.pick(['public', 'unlisted', 'followers'] as const) ?? 'public'
  const poll = { options, isEnded: false }
  const must = await strictRooms(account, stage)
  const readers = await readersOf(account, stage)
  const draft = { options: { visibility }, must, readers, poll, isSent: true }
  const posted = say(account, draft, stage)
  return `${account.handle} asks ${posted.mark} (${visibility})`
}

type Seen = { readonly roomId: RoomId; readonly eventId: EventId; readonly event: Document }

/** Polls of accounts that stand in that room. */
function pollsIn(roomId: RoomId, { world, ledger }: Stage): (Seen & { of: Posted })[] {
  return world.homeserver.timeline(roomId).flatMap((event) => {
    if (event['type'] !== pollTypes.start) return []
    const { body } = event['content'] as { body?: unknown }
    const of = ledger.posted.find(
      (p) => p.poll !== undefined && typeof body === 'string' && body.includes(p.mark),
    )
    const eventId = String(event['event_id']) as EventId
    return of === undefined ? [] : [{ roomId, eventId, event, of }]
  })
}

/** A user's vote in an account's poll, from one room: often a second one, which is none. */
export const voteThere: Act = async (stage) => {
  const user = someUser(stage)
  const actor = user && (await actorOf(user, stage))
  if (user === undefined || actor === undefined) return undefined
  const { ledger, chance } = stage
  const rooms = await visibleRooms(user, stage)
  const polls = rooms
    .flatMap((roomId) => pollsIn(roomId, stage))
    .filter(({ of, roomId }) => {
      const before = ledger.votesOut.find((v) => v.by === user && v.of === of)
      return isOpen(of) && (before === undefined || before.roomId === roomId)
    })
  const found = chance.pick(polls)
  const choice = chance.pick(options)
  const answer = found && choice && optionId(found.event, choice)
  if (found === undefined || choice === undefined || answer === undefined) return undefined
  polling(user, found.roomId).vote(found.eventId, answer)
  ledger.votesOut.push({ by: user, of: found.of, roomId: found.roomId, choice })
  return `${user.userId} votes ${choice} in ${found.of.mark}`
}

/** What its server has counted so far, and now and then that it is over. */
export const countThere: Act = async (stage) => {
  const { ledger, chance, world, isAway } = stage
  const of = chance.pick(
    ledger.posted.filter((p) => isOpen(p) && !isAway(p.by.host) && p.sentId !== undefined),
  )
  if (of?.poll === undefined) return undefined
  const before = of.counts ?? options.map(() => 0)
  of.counts = before.map((count) => count + chance.int(3))
  const closed = chance.happens(0.3) ? { closed: new Date(world.time.now()).toISOString() } : {}
  of.poll.isEnded = 'closed' in closed
  const oneOf = options.map((name, index) => ({
    ...{ type: 'Note', name },
    replies: { type: 'Collection', totalItems: of.counts?.[index] ?? 0 },
  }))
  const votersCount = of.counts.reduce((sum, count) => sum + count, 0)
  world.senders.send(of.by.amend(of.object, { oneOf, votersCount, ...closed }))
  return `${of.by.handle} counts ${of.counts.join()} in ${of.mark}${of.poll.isEnded ? ', and ends it' : ''}`
}
