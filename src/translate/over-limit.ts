import type { ActorId } from '../model/ids.ts'
import type { KnownForFediverse, KnownLimits } from './known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Translation } from '../model/action.ts'
import { hour, inHours, inMinutes, numbered } from '../model/limits.ts'
import { tell } from './not-sent.ts'

/** Said behind a number that is smaller than that of others, and until when it is. */
export const whileNew = (newUntil: number | undefined, now: number): string =>
  newUntil === undefined
    ? ''
    : ` You are new here: in ${inHours(newUntil, now)} you may do as much as everybody else.`

const refuse = (event: MatrixEvent, key: string, text: string): Translation => ({
  skip: 'over-limit',
  actions: [tell(event, key, text)],
})

/** Told once for the time that it lasts, not for each message. */
function tooMany(
  event: MatrixEvent,
  { most, nextAt, newUntil }: KnownLimits['posts'] & { readonly nextAt: number },
  { now, author }: KnownForFediverse,
): Translation {
  const wait = inMinutes(nextAt, now)
  const text = `Not sent: you have written ${numbered(most, 'post or message', 'posts and messages')} within an hour, which is as many as this server allows. What you write in the next ${wait} is not sent either. After that you can send it again.${whileNew(newUntil, now)}`
  return refuse(event, `too often ${event.roomId} ${author?.id ?? ''} ${nextAt}`, text)
}

/** When enough of those named before are named no more for all of these to be; they are fewer than one may name. */
function freeAt(
  mentioned: ReadonlySet<ActorId>,
  { most, named }: KnownLimits['people'],
): number | undefined {
  const others = [...named].flatMap(([id, at]) => (mentioned.has(id) ? [] : [at]))
  const tooMany = others.length + mentioned.size - most
  if (tooMany <= 0) return undefined
  const last = others.sort((one, other) => one - other)[tooMany - 1]
  return last === undefined ? undefined : last + hour
}

/** Why not all of these may be named; undefined: they may. */
function tooManyPeople(
  mentioned: ReadonlySet<ActorId>,
  { perPost, people }: KnownLimits,
  now: number,
): string | undefined {
  const { most, newUntil } = people
  const count = mentioned.size
  if (count === 0) return undefined
  if (count > perPost)
    return `Not sent: it is for ${count} people, and this server lets one message name ${perPost}. Name fewer of them, and send it again.`
  const rest = whileNew(newUntil, now)
  if (count > most)
    return `Not sent: it is for ${count} people, and this server lets you name ${most} within an hour. Name fewer of them, and send it again.${rest}`
  const nextAt = freeAt(mentioned, people)
  if (nextAt === undefined) return undefined
  return `Not sent: with these you would have named more than ${numbered(most, 'person', 'people')} within an hour, which is as many as this server allows. You can send it again in ${inMinutes(nextAt, now)}.${rest}`
}

/** What is over a limit of this server, and until when. Who is named again within the hour counts once. */
export function overLimit(
  event: MatrixEvent,
  mentioned: ReadonlySet<ActorId>,
  known: KnownForFediverse,
): Translation | undefined {
  const { limits, now } = known
  if (limits === undefined) return undefined
  const { nextAt } = limits.posts
  if (nextAt !== undefined) return tooMany(event, { ...limits.posts, nextAt }, known)
  const text = tooManyPeople(mentioned, limits, now)
  return text === undefined ? undefined : refuse(event, `too many ${event.eventId}`, text)
}
