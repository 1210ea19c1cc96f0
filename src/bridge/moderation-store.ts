import type { ActorId } from '../model/ids.ts'
import type { Blocklist, ListedBlock } from '../model/blocklist.ts'
import type { PersonalRule } from '../model/personal-rule.ts'

/** What lists and single people keep away: a part of `Store`. */
export type ModerationStore = {
  /** In the order of their addresses. */
  blocklists(): Promise<readonly Blocklist[]>
  findBlocklist(url: string): Promise<Blocklist | undefined>
  /** In the order of the domains. */
  blocksOfList(url: string): Promise<readonly ListedBlock[]>
  /** Where accounts are that have rooms, and whose names they go by; each once. */
  hostsWithRooms(): Promise<readonly string[]>
  /** One of those rules of that user of ours that names one of the targets. */
  findPersonalRule(
    owner: ActorId,
    rules: readonly PersonalRule['rule'][],
    targets: readonly string[],
  ): Promise<PersonalRule | undefined>
  /** In the order of rules and targets. */
  personalRules(owner: ActorId): Promise<readonly PersonalRule[]>
}
