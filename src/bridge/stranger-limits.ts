import type { ActorId, RoomId } from '../model/ids.ts'
import type { Reached } from '../translate/known.ts'

/** A day's limits, of one account and in all. A room is there for its threads, so they may be longer. */
const limits = {
  user: { ofAuthor: 20, inAll: 200 },
  room: { ofAuthor: 50, inAll: 500 },
} as const

/** Further ones are not counted: there is a row for each. */
export const mostHeldBack = 1_000

const dayInMs = 86_400_000

export const isRoom = (who: Reached): who is RoomId => who.startsWith('!')
export const limitsOf = (who: Reached) => limits[isRoom(who) ? 'room' : 'user']

export type ReachedDay = { readonly who: Reached; readonly day: number }

/** By UTC. */
export const reachedDay = (who: Reached, now: number): ReachedDay => ({
  who,
  day: Math.floor(now / dayInMs),
})

/** How the marks of what is shown begin; each ends with the post's id. */
export const shownMarks = ({ who, day }: ReachedDay, author?: ActorId): string =>
  `stranger shown ${who} ${day} ${author === undefined ? '' : `${author} `}`

/** The same for what is not. */
export const heldBackMarks = ({ who, day }: ReachedDay): string => `stranger held ${who} ${day} `

/** What the notice says of `count` posts that were not shown. */
export function heldBackText(who: Reached, count: number): string {
  const { ofAuthor, inAll } = limitsOf(who)
  const number = count < mostHeldBack ? String(count) : `At least ${mostHeldBack}`
  const [one, many, people] = isRoom(who)
    ? ['reply', 'replies', 'people whom nobody here follows']
    : ['mention', 'mentions', 'people you do not follow']
  return `${number} more ${count === 1 ? one : many} by ${people} today. I show ${inAll} of them a day, and ${ofAuthor} of one account; accounts that you follow are always shown.`
}
