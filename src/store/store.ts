import type { Change } from '../model/change.ts'
import { adminFinds } from './admin-page.ts'
import type { Clock } from '../model/clock.ts'
import { createApplyChanges, type Known } from './apply.ts'
import { collections } from './collections.ts'
import type { Database } from './database.ts'
import { domainBlockFinds } from './domain-blocks.ts'
import { moderationFinds } from './moderation.ts'
import { policyFinds } from './policies.ts'
import { draftFinds } from './drafts.ts'
import { forgetting } from './forgetting.ts'
import { consentFinds } from './consent.ts'
import { groupFinds } from './groups.ts'
import { exporting } from './exporting.ts'
import { forgettingPerson } from './forgetting-person.ts'
import { emojiFinds } from './emojis.ts'
import { objectFinds } from './find-objects.ts'
import { keyFinds } from './keys.ts'
import { mediaFinds } from './published-media.ts'
import { peopleFinds } from './find-people.ts'
import { pruning } from './pruning.ts'
import { quoteFinds } from './quotes.ts'
import { relationFinds } from './find-relations.ts'
import { reportFinds } from './reports.ts'
import { roomFinds } from './find-rooms.ts'
import { uploadFinds } from './uploads.ts'
import { voteFinds } from './votes.ts'

export type SqliteStore = ReturnType<typeof createStore>

/**
 * Saves and finds model values. Every operation is one synchronous statement or transaction
 * behind a promise, so that nothing can come between its parts. `onCommit` is told after each
 * commit that added or released jobs.
 */
export function createStore(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly onCommit?: () => void
}) {
  const { database, clock, onCommit } = deps
  const known: Known = { blocks: new Map(), policies: {}, accounts: new Map() }
  const policies = policyFinds(database, known.policies)
  const applyChanges = createApplyChanges(database, clock, known)
  return {
    /** Synchronous, inside the transaction of the caller: for the queue's `finish`. */
    applyChanges,
    async commit(changes: readonly Change[]): Promise<void> {
      await database.commit(() => applyChanges(changes))
      if (onCommit && changes.some(isWork)) onCommit()
    },
    async ping(): Promise<void> {
      database.ping()
    },
    ...objectFinds(database),
    ...relationFinds(database),
    ...groupFinds(database),
    ...domainBlockFinds(database, known.blocks, policies.policies),
    ...moderationFinds(database),
    ...policies,
    ...quoteFinds(database),
    ...voteFinds(database),
    ...peopleFinds(database, known.accounts),
    ...roomFinds(database),
    ...mediaFinds(database),
    ...reportFinds(database),
    ...uploadFinds(database),
    ...emojiFinds(database),
    ...draftFinds(database),
    ...keyFinds(database),
    ...collections(database),
    ...forgetting(database),
    ...pruning(database, known.accounts),
    ...consentFinds(database),
    ...forgettingPerson(database, known.blocks),
    ...exporting(database),
    ...adminFinds(database),
  }
}

const isWork = ({ change }: Change): boolean => change === 'enqueue' || change === 'release'
