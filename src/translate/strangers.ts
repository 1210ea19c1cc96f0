import type { Change } from '../model/change.ts'
import type { KnownForMatrix } from './known.ts'
import type { LocalActor } from '../model/actor.ts'
import type { UserId } from '../model/ids.ts'

/** Direct rooms that strangers may open with one user in a day; what comes then is a notification. */
const roomsPerDay = 20
const dayInMs = 86_400_000

/** The mark that counts them. */
export const strangerRoomsMark = (userId: UserId, now: number): string =>
  `stranger rooms ${userId} ${Math.floor(now / dayInMs)}`

/** Whether strangers have opened enough rooms with that user today. */
export const isCrowded = ({ id }: LocalActor, known: KnownForMatrix): boolean =>
  (known.strangerRooms?.get(id) ?? 0) >= roomsPerDay

/** What a stranger's private note uses up with each of the users that it opens a room with. */
export function countStrangerRooms(locals: readonly LocalActor[], known: KnownForMatrix): Change[] {
  return locals.flatMap((actor): Change[] => {
    const opened = known.strangerRooms?.get(actor.id)
    if (opened === undefined || isCrowded(actor, known)) return []
    const key = strangerRoomsMark(actor.userId, known.now)
    return [{ change: 'mark', key, value: String(opened + 1), at: known.now }]
  })
}
