import type { Action } from '../model/action.ts'
import type { KnownForMatrix } from './known.ts'
import type { LocalActor } from '../model/actor.ts'

/** Direct rooms that strangers may open with one user in a day; what comes then is a notification. */
export const roomsPerDay = 20
const dayInMs = 86_400_000

/** The day of that time, by UTC. */
export const dayOf = (now: number): number => Math.floor(now / dayInMs)

/** Whether strangers opened enough chats with that user today. */
export const isCrowded =
  ({ crowded }: KnownForMatrix) =>
  ({ id }: LocalActor): boolean =>
    crowded.has(id)

/** Says once a day why private messages of strangers stand among the notifications. */
export const tellCrowded = ({ userId }: LocalActor, { now }: KnownForMatrix): Action => ({
  do: 'tell',
  place: { kind: 'notifications', userId },
  text: `${roomsPerDay} people whom you do not follow have opened chats with you today. Private messages from more of them stand here; a reply here answers them. \`settings dms followed\` keeps strangers away.`,
  key: `crowded ${userId} ${dayOf(now)}`,
})
