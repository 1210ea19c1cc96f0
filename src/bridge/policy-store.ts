import type { ActorId, RoomId, UserId } from '../model/ids.ts'
import type { DomainBlock } from '../model/domain-block.ts'
import type { ListedRule, PolicyList, PolicyRule } from '../model/policy.ts'
import type { PolicyIndex } from '../model/policy-index.ts'

/** The policy lists that admins follow: a part of `Store`. */
export type PolicyStore = {
  /** The rules of all of them that hold. Answered at once, from memory. */
  policies(): PolicyIndex
  /** In the order of their names. */
  policyLists(): Promise<readonly PolicyList[]>
  /** The list of that room, or the one that is said to go on there. */
  findPolicyList(roomId: RoomId): Promise<PolicyList | undefined>
  /** In the order of kinds and state keys, those that do not hold as well. */
  policyRules(roomId: RoomId): Promise<readonly PolicyRule[]>
  /** Accounts that are known, in the order of their ids, behind that one; with their ghosts, where they have one. */
  knownAccounts(
    after: ActorId | undefined,
    limit: number,
  ): Promise<
    readonly {
      readonly id: ActorId
      readonly username: string
      readonly host: string
      readonly ghost?: UserId
    }[]
  >
  /** Rooms of which it is known who is in them, in the order of their ids, behind that one. */
  knownRooms(after: RoomId | undefined, limit: number): Promise<readonly RoomId[]>
  /** What is kept away of that host when those are the rules (`findDomainBlock`: the rules as they are). */
  blockUnder(rules: PolicyIndex, host: string): Promise<DomainBlock | undefined>
  /** The rule that names the account by its ghost, or by the one that it would get. */
  findAccountRule(actorId: ActorId): Promise<ListedRule | undefined>
}
