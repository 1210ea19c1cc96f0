import type { RoomId, UserId } from './ids.ts'

/** What a rule of a policy list is about: an id of a user, the name of a server, an id or address of a room. */
export type PolicyKind = 'user' | 'server' | 'room'

/** Newest first: of two that have one state key, only the newer counts (MSC2313, and the names it had before). */
const policyPrefixes = ['m.policy.rule.', 'm.room.rule.', 'org.matrix.mjolnir.rule.'] as const
const kinds: readonly PolicyKind[] = ['user', 'server', 'room']

/** Types of state events that are rules; `age` grows with the age of the name. */
export const policyTypes: ReadonlyMap<string, { readonly kind: PolicyKind; readonly age: number }> =
  new Map(
    policyPrefixes.flatMap((prefix, age) =>
      kinds.map((kind) => [`${prefix}${kind}`, { kind, age }] as const),
    ),
  )

/** One rule of a list. Key: the list, `kind`, `stateKey`. */
export type PolicyRule = {
  readonly kind: PolicyKind
  readonly stateKey: string
  /** A name, or a pattern for names: `*` is anything, `?` any one character. Of servers in lower case. */
  readonly entity: string
  readonly reason?: string
  /** Why it does not hold here, in words; absent: it holds. */
  readonly refused?: string
  /** The room that an address led to when it was looked up. */
  readonly roomId?: RoomId
  /** Since when we know it, milliseconds since the epoch. */
  readonly at: number
}

/** A room whose rules an admin follows. Key: `roomId`. */
export type PolicyList = {
  readonly roomId: RoomId
  /** The address or id by which an admin named it. */
  readonly name: string
  readonly by: UserId
  /** Milliseconds since the epoch. */
  readonly addedAt: number
  /** When the look at its state began that we know it by; 0: we have not been in it yet. */
  readonly readAt: number
  /** Rules that ask for something else than a ban, or cannot be read. */
  readonly ignored: number
  /** The room that it is said to go on in, which we could not follow it into. */
  readonly next?: RoomId
  /** Why it was not read, or not followed into `next`, in words. */
  readonly trouble?: string
}

/** A rule that holds, beside the name of its list. */
export type ListedRule = Omit<PolicyRule, 'stateKey' | 'refused'> & { readonly list: string }

/** Whether it stands for more than one name. */
export const isPattern = (entity: string): boolean => /[*?]/.test(entity)
