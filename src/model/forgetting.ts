import type { ActivityId, ActorId, ObjectId, RoomId, UserId } from './ids.ts'

/** Whether an inbox took the end of an actor: not asked yet, taken, or given up. */
export type ToldState = 'known' | 'reached' | 'missed'

export type Told = { readonly inbox: string; readonly state: ToldState }

/** Whose rows go, and what of them is needed for a little longer. */
export type Forgotten = {
  readonly actorId: ActorId
  readonly userId: UserId
  /** The Delete that is under way. */
  readonly activityId: ActivityId
  /** Rooms that were theirs alone. */
  readonly rooms: readonly RoomId[]
}

/** A post of theirs, with the ids of its files. */
export type OwnObject = { readonly id: ObjectId; readonly media: readonly string[] }

/**
 * Whether a text of ours names them: a key, or JSON. What only begins like one of the names is
 * somebody else.
 */
export function namesPerson({ actorId, userId }: Pick<Forgotten, 'actorId' | 'userId'>) {
  const escaped = [actorId, userId].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const form = new RegExp(`(?<![\\w-])(?:${escaped.join('|')})(?![\\w:-]|\\.\\w)`)
  return (text: string): boolean => form.test(text)
}
