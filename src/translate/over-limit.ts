import type { ActorId } from '../model/ids.ts'
import type { KnownForFediverse, KnownLimits } from './known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { Translation } from '../model/action.ts'
import { hour, inHours, inMinutes, numbered } from '../model/limits.ts'

/** Said behind a number that is smaller than that of others, and until when it is. */
export const whileNew = (newUntil: number | undefined, now: number): string =>
  newUntil === undefined
    ? ''
    : ` You are new here: in ${inHours(newUntil, now)} you may do as much as everybody else.`

type Refused = { readonly text: string; readonly key: string }

const refuse = (event: MatrixEvent, { text, key }: Refused): Translation => ({
  skip: 'over-limit',
  actions: [
    {
      ...{ do: 'tell', place: { kind: 'room', roomId: event.roomId }, text },
      ...{ replyTo: event.eventId, key },
    },
  ],
})

/** Told once for the time that it lasts, not for each message. */
function tooMany(
  { roomId }: MatrixEvent,
  { most, nextAt, newUntil }: KnownLimits['posts'] & { readonly nextAt: number },
  { now, author }: KnownForFediverse,
): Refused {
  const wait = inMinutes(nextAt, now)
  return {
    text: `Not sent: you have written ${numbered(most, 'post or message', 'posts and messages')} within an hour, which is as many as this server allows. What you write in the next ${wait} is not sent either. After that you can send it again.${whileNew(newUntil, now)}`,
    key: `too often ${roomId} ${author?.id ?? ''} ${nextAt}`,
  }
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

function tooManyPeople(
  { eventId }: MatrixEvent,
  mentioned: ReadonlySet<ActorId>,
  { people, now }: { readonly people: KnownLimits['people']; readonly now: number },
): Refused | undefined {
  const { most, newUntil } = people
  const key = `too many ${eventId}`
  const rest = whileNew(newUntil, now)
  if (mentioned.size > most)
    return {
      text: `Not sent: it is for ${mentioned.size} people, and this server lets you name ${most} within an hour. Name fewer of them, and send it again.${rest}`,
      key,
    }
  const nextAt = freeAt(mentioned, people)
  if (nextAt === undefined) return undefined
  return {
    text: `Not sent: with these you would have named more than ${numbered(most, 'person', 'people')} within an hour, which is as many as this server allows. You can send it again in ${inMinutes(nextAt, now)}.${rest}`,
    key,
  }
}

/** What is over a limit of this server, and until when. Who is named again within the hour counts once. */
export function overLimit(
  event: MatrixEvent,
  mentioned: ReadonlySet<ActorId>,
  known: KnownForFediverse,
): Translation | undefined {
  if (known.limits === undefined) return undefined
  const { posts, perPost, people } = known.limits
  const { nextAt } = posts
  if (nextAt !== undefined) return refuse(event, tooMany(event, { ...posts, nextAt }, known))
  if (mentioned.size === 0) return undefined
  if (mentioned.size > perPost) {
    const text = `Not sent: it is for ${mentioned.size} people, and this server lets one message name ${perPost}. Name fewer of them, and send it again.`
    return refuse(event, { text, key: `too many ${event.eventId}` })
  }
  const refused = tooManyPeople(event, mentioned, { people, now: known.now })
  return refused === undefined ? undefined : refuse(event, refused)
}
