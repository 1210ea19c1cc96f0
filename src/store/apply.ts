import type { Database } from './database.ts'
import type { Change } from '../model/change.ts'
import type { Clock } from '../model/clock.ts'
import { consentWrites } from './consent.ts'
import { createEnqueue } from '../queue/enqueue.ts'
import { groupWrites } from './groups.ts'
import { domainBlockWrites, type KnownBlocks } from './domain-blocks.ts'
import type { KnownAccounts } from './find-people.ts'
import { moderationWrites } from './moderation.ts'
import { policyWrites, type KnownPolicies } from './policies.ts'
import { emojiWrites } from './emojis.ts'
import { mediaWrites } from './published-media.ts'
import { draftWrites } from './drafts.ts'
import { keyWrites } from './keys.ts'
import { objectWrites } from './write-objects.ts'
import { peopleWrites } from './write-people.ts'
import { quoteWrites } from './quotes.ts'
import { relationWrites } from './write-relations.ts'
import { reportWrites } from './reports.ts'
import { roomWrites } from './write-rooms.ts'
import { uploadWrites } from './uploads.ts'
import { voteWrites } from './votes.ts'

/** Applies changes, synchronously; the caller holds the transaction. */
export type ApplyChanges = (changes: readonly Change[]) => void

/** What is kept in memory of the database, and forgotten when it changes. */
export type Known = {
  readonly blocks: KnownBlocks
  readonly policies: KnownPolicies
  readonly accounts: KnownAccounts
}

/** Every change is one or a few prepared statements, and applying it again changes nothing. */
export function createApplyChanges(database: Database, clock: Clock, known: Known): ApplyChanges {
  const writes = createWrites(database, known)
  return (changes) => {
    for (const change of changes) apply(writes, change, clock.now())
  }
}

const createWrites = (database: Database, known: Known) => ({
  ...objectWrites(database),
  ...relationWrites(database),
  ...groupWrites(database),
  ...domainBlockWrites(database, known.blocks),
  ...moderationWrites(database, known.blocks),
  ...policyWrites(database, known.policies),
  ...quoteWrites(database),
  ...voteWrites(database),
  ...peopleWrites(database, known.accounts),
  ...roomWrites(database),
  ...mediaWrites(database),
  ...uploadWrites(database),
  ...emojiWrites(database),
  ...draftWrites(database),
  ...keyWrites(database),
  ...reportWrites(database),
  ...consentWrites(database),
  ...createEnqueue(database),
})

type Writes = ReturnType<typeof createWrites>

type Writer<Kind extends Change['change']> = (
  to: Writes,
  change: Extract<Change, { change: Kind }>,
  now: number,
) => unknown

/** One line per change: the index of everything that can be written. */
const writers: { readonly [Kind in Change['change']]: Writer<Kind> } = {
  'put-object': (to, { object }) => to.putObject(object),
  'expect-object': (to, { object }) => to.expectObject(object),
  'delete-object': (to, change) => to.deleteObject(change),
  'add-recipients': (to, { id, inboxes }) => to.addRecipients(id, inboxes),
  'put-activity': (to, change) => to.putActivity(change),
  'put-forwarded': (to, change) => to.putForwarded(change),
  'put-media': (to, { media }) => to.putMedia(media),
  'drop-media': (to, { id, at }) => to.dropMedia(id, at),
  'add-mapping': (to, { mapping }) => to.addMapping(mapping),
  'remove-mapping': (to, { roomId, eventId }) => to.removeMapping(roomId, eventId),
  'put-follow': (to, { follow }) => to.putFollow(follow),
  'accept-follow': (to, { activityId }) => to.acceptFollow(activityId),
  'remove-follow': (to, { follower, followed }) => to.removeFollow(follower, followed),
  'read-in': (to, change) => to.readIn(change),
  'read-of': (to, change) => to.readOf(change),
  'put-quotation': (to, { quotation }) => to.putQuotation(quotation),
  'remove-quotation': (to, { quoting }) => to.removeQuotation(quoting),
  'put-stamp': (to, { stamp }) => to.putStamp(stamp),
  'revoke-stamp': (to, { id, at }) => to.revokeStamp(id, at),
  'put-featured': (to, { actor, objects }) => to.putFeatured(actor, objects),
  'put-block': (to, { block }) => to.putBlock(block),
  'remove-block': (to, { blocker, blocked }) => to.removeBlock(blocker, blocked),
  'put-domain-block': (to, { block }) => to.putDomainBlock(block),
  'remove-domain-block': (to, { domain }) => to.removeDomainBlock(domain),
  'put-blocklist': (to, change) => to.putBlocklist(change),
  'remove-blocklist': (to, { url }) => to.removeBlocklist(url),
  'put-policy-list': (to, change) => to.putPolicyList(change),
  'expect-policy-list': (to, { roomId }) => to.expectPolicyList(roomId),
  'place-policy-rule': (to, change) => to.placePolicyRule(change),
  'move-policy-list': (to, change) => to.movePolicyList(change),
  'remove-policy-list': (to, { roomId }) => to.removePolicyList(roomId),
  'put-personal-rule': (to, change) => to.putPersonalRule(change),
  'remove-personal-rule': (to, { rule }) => to.removePersonalRule(rule),
  'put-consent': (to, change) => to.putConsent(change),
  'remove-consent': (to, { roomId, userId }) => to.removeConsent(roomId, userId),
  'remove-consents': (to, { roomId }) => to.removeConsents(roomId),
  'move-consents': (to, { from, to: next }) => to.moveConsents(from, next),
  'put-reaction': (to, { reaction }) => to.putReaction(reaction),
  'remove-reaction': (to, { activityId }) => to.removeReaction(activityId),
  'add-votes': (to, { votes }) => to.addVotes(votes),
  'remove-votes': (to, change) => to.removeVotes(change),
  'put-server': (to, { server }) => to.putServer(server),
  'put-remote-actor': (to, { actor }) => to.putRemoteActor(actor),
  'see-remote-actor': (to, { id, at }) => to.seeRemoteActor(id, at),
  'delete-remote-actor': (to, { id }) => to.deleteRemoteActor(id),
  'put-local-actor': (to, { actor }) => to.putLocalActor(actor),
  'expect-actor': (to, { id }) => to.expectActor(id),
  'add-told': (to, { actor, inboxes }) => to.addTold(actor, inboxes),
  'end-told': (to, change) => to.endTold(change),
  'remove-told': (to, { actor, inbox }) => to.removeTold(actor, inbox),
  'end-actor': (to, change) => to.endActor(change),
  'put-import': (to, change) => to.putImport(change),
  'note-import': (to, { id, notice }) => to.noteImport(id, notice),
  'end-import': (to, { id, at }) => to.endImport(id, at),
  'end-import-row': (to, change) => to.endImportRow(change),
  'put-key-pair': (to, { actorId, pair }) => to.putKeyPair(actorId, pair),
  'rotate-key-pair': (to, { actorId, pair }) => to.rotateKeyPair(actorId, pair),
  'put-ghost': (to, { ghost }) => to.putGhost(ghost),
  'put-portal': (to, { portal }) => to.putPortal(portal),
  'remove-portal': (to, { roomId }) => to.removePortal(roomId),
  'put-membership': (to, change) => to.putMembership(change),
  'put-setting': (to, change) => to.putSetting(change),
  'put-report': (to, { report }) => to.putReport(report),
  'resolve-report': (to, change) => to.resolveReport(change),
  'put-report-deed': (to, change) => to.putReportDeed(change),
  mark: (to, change) => to.mark(change),
  'expect-mark': (to, change) => to.expectMark(change),
  unmark: (to, { key }) => to.unmark(key),
  'put-upload': (to, { upload }) => to.putUpload(upload),
  'put-emoji': (to, { emoji }) => to.putEmoji(emoji),
  'put-image-pack': (to, { pack }) => to.putImagePack(pack),
  hold: (to, { held }) => to.hold(held),
  unhold: (to, { eventId }) => to.unhold(eventId),
  'put-draft': (to, { draft }) => to.putDraft(draft),
  'remove-draft': (to, { eventId }) => to.removeDraft(eventId),
  enqueue: (to, { job }, now) => to.add(job, now),
  release: (to, { waitsFor }, now) => to.release(waitsFor, now),
}

function apply(writes: Writes, change: Change, now: number): void {
  // The writer under the kind of a change is the one for it, which the type cannot say.
  const write = writers[change.change] as Writer<Change['change']>
  write(writes, change, now)
}
