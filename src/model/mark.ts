import type { EventId, RoomId } from './ids.ts'

/**
 * How long a mark is kept, which the beginning of its key decides:
 *
 * - `passing`: keeps a job from doing something twice, or counts what a day brought. For as long as
 *   a job of its time can come again.
 * - `mapped`: tells something of one event, `<kind> <room id> <event id>`. Goes with the mapping of
 *   that event.
 * - `lasting`: what is so, or was said once for good: one a room, a person or an account. Never goes.
 */
export type MarkLife = 'passing' | 'mapped' | 'lasting'

/** Stands in every copy of the database that we make, and never in the one it was made of. */
export const copiedMark = 'copied'

/** The first that fits decides. What stands here with a space ends a word. */
const lives: readonly (readonly [beginning: string, life: MarkLife])[] = [
  // Notices that are true of a room or a person, and said there once.
  ['told became ', 'lasting'],
  ['told bridged ', 'lasting'],
  ['told encrypted ', 'lasting'],
  ['told goes on ', 'lasting'],
  ['told unregistered ', 'lasting'],
  ['told unshown reaction ', 'lasting'],
  ['told welcome ', 'lasting'],
  ['told ', 'passing'],
  ['seen ', 'passing'],
  ['decided ', 'passing'],
  ['edited ', 'passing'],
  ['pinned early ', 'passing'],
  ['away ', 'passing'],
  ['exported ', 'passing'],
  ['inviting ', 'passing'],
  ['space due ', 'passing'],
  // Rooms that others of ours are said to go on in.
  ['awaited ', 'passing'],
  // Looked at an hour later.
  ['out of group ', 'passing'],
  ['speaking ', 'passing'],
  ['leaving ', 'passing'],
  ['left ', 'passing'],
  // What waits with an older wish waits for a day.
  ['ended ', 'passing'],
  ['asked ', 'passing'],
  ['undone ', 'passing'],
  ['heard follow ', 'passing'],
  // Which servers take RFC 9421 alone.
  ['signature ', 'passing'],
  ['no shared ', 'passing'],
  ['gone ', 'passing'],
  ['half made ', 'passing'],
  ['begun ', 'passing'],
  ['read back ', 'passing'],
  ['bringing ', 'passing'],
  // Without it, the next Update of the same words is one edit that changes nothing.
  ['shown ', 'passing'],
  ['stranger rooms ', 'passing'],
  ['stranger chat ', 'passing'],
  ['stranger shown ', 'passing'],
  ['stranger held ', 'passing'],
  ['stranger notice ', 'passing'],
  ['forwarded ', 'passing'],
  ['passed on ', 'passing'],
  ['answered ', 'passing'],
  ['groups opened ', 'passing'],
  ['backlog plan ', 'passing'],
  ['backlog ', 'lasting'],
  ['hidden ', 'mapped'],
  ['summary ', 'mapped'],
  ['tally ', 'mapped'],
  ['poll ended ', 'mapped'],
  // Where what a job began may stand.
  ['moved from ', 'passing'],
  ['moved ', 'lasting'],
  // Its readers of before may be in its room for as long.
  ['followed on ', 'lasting'],
  // When somebody of ours first wrote to the bot: they are new no second time.
  ['met ', 'lasting'],
  ['lost ', 'lasting'],
  // Rooms that an admin has closed.
  ['no group ', 'lasting'],
  // What moderators have taken out of groups.
  ['taken out ', 'lasting'],
  // What their people say goes nowhere, whoever of them agreed to what.
  ['was group ', 'lasting'],
  ['readers ', 'lasting'],
  ['alias ', 'lasting'],
  // Of whom rows and rooms are still here, and not for longer.
  ['forgetting ', 'lasting'],
  ['names', 'lasting'],
  ['put out ', 'lasting'],
  // Who wants nothing of us, for as long as they do.
  ['stopped ', 'lasting'],
  // Keys were sealed, and the file not made anew yet.
  ['sealed over', 'lasting'],
  ['barred ', 'lasting'],
  ['alive', 'lasting'],
  [copiedMark, 'lasting'],
  ['restored', 'lasting'],
  // Since when others cannot reach us.
  ['public side', 'lasting'],
]

/** Undefined: a kind that nobody has thought about. It is kept for ever. */
export const lifeOfMark = (key: string): MarkLife | undefined =>
  lives.find(([beginning]) => key.startsWith(beginning))?.[1]

/** Where marks that pass are to be looked for; `lifeOfMark` says which of those found there do. */
export const passingMarks: readonly string[] = lives.flatMap(([beginning, life]) =>
  life === 'passing' ? [beginning] : [],
)

const dayInMs = 86_400_000

/** Begins the marks that count what of that kind somebody did on that day, by UTC; `now`: milliseconds since the epoch. */
export const marksOfDay = (kind: string, by: string, now: number): string =>
  `${kind} ${Math.floor(now / dayInMs)} ${by} `

/** The marks that go with the mapping of that event. */
export const marksOfEvent = (roomId: RoomId, eventId: EventId): readonly string[] =>
  lives.flatMap(([beginning, life]) =>
    life === 'mapped' ? [`${beginning}${roomId} ${eventId}`] : [],
  )
