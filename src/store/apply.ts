import type { Database } from './database.ts'
import type { Change } from '../model/change.ts'
import type { Clock } from '../model/clock.ts'
import {
  applyConsent,
  consentWrites,
  isOfConsent,
  type ConsentChange,
  type ConsentWrites,
} from './consent.ts'
import { createEnqueue } from '../queue/enqueue.ts'
import { domainBlockWrites, type KnownBlocks } from './domain-blocks.ts'
import { moderationWrites } from './moderation.ts'
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

/** Every change is one or a few prepared statements, and applying it again changes nothing. */
export function createApplyChanges(
  database: Database,
  clock: Clock,
  knownBlocks: KnownBlocks,
): ApplyChanges {
  const writes = {
    ...objectWrites(database),
    ...relationWrites(database),
    ...domainBlockWrites(database, knownBlocks),
    ...moderationWrites(database, knownBlocks),
    ...quoteWrites(database),
    ...voteWrites(database),
    ...peopleWrites(database),
    ...roomWrites(database),
    ...mediaWrites(database),
    ...uploadWrites(database),
    ...emojiWrites(database),
    ...draftWrites(database),
    ...keyWrites(database),
    ...reportWrites(database),
    ...consentWrites(database),
    ...createEnqueue(database),
  }
  return (changes) => {
    for (const change of changes) apply(writes, change, clock.now())
  }
}

type Writes = ReturnType<typeof objectWrites> &
  ReturnType<typeof quoteWrites> &
  ReturnType<typeof relationWrites> &
  ReturnType<typeof domainBlockWrites> &
  ReturnType<typeof moderationWrites> &
  ReturnType<typeof voteWrites> &
  ReturnType<typeof peopleWrites> &
  ReturnType<typeof roomWrites> &
  ReturnType<typeof mediaWrites> &
  ReturnType<typeof uploadWrites> &
  ReturnType<typeof emojiWrites> &
  ReturnType<typeof draftWrites> &
  ReturnType<typeof keyWrites> &
  ReturnType<typeof reportWrites> &
  ConsentWrites &
  ReturnType<typeof createEnqueue>

// One line per change: the index of everything that can be written.
function apply(writes: Writes, change: Change, now: number): void {
  switch (change.change) {
    case 'put-object':
      writes.putObject(change.object)
      break
    case 'expect-object':
      writes.expectObject(change.object)
      break
    case 'delete-object':
      writes.deleteObject(change)
      break
    case 'add-recipients':
      writes.addRecipients(change.id, change.inboxes)
      break
    case 'put-activity':
      writes.putActivity(change)
      break
    case 'put-media':
      writes.putMedia(change.media)
      break
    case 'drop-media':
      writes.dropMedia(change.id, change.at)
      break
    case 'add-mapping':
      writes.addMapping(change.mapping)
      break
    case 'remove-mapping':
      writes.removeMapping(change.roomId, change.eventId)
      break
    case 'put-follow':
      writes.putFollow(change.follow)
      break
    case 'accept-follow':
      writes.acceptFollow(change.activityId)
      break
    case 'remove-follow':
      writes.removeFollow(change.follower, change.followed)
      break
    case 'put-block':
    case 'remove-block':
    case 'put-domain-block':
    case 'remove-domain-block':
    case 'put-reaction':
    case 'remove-reaction':
    case 'add-votes':
    case 'remove-votes':
      applyDeed(writes, change)
      break
    case 'put-quotation':
    case 'remove-quotation':
    case 'put-stamp':
    case 'revoke-stamp':
    case 'put-featured':
      applyQuote(writes, change)
      break
    default:
      if (isOfConsent(change)) applyConsent(writes, change)
      else applyRest(writes, change, now)
  }
}

type OfQuotes = Extract<Change, { change: `${string}-${'quotation' | 'stamp' | 'featured'}` }>

function applyQuote(writes: Writes, change: OfQuotes): void {
  switch (change.change) {
    case 'put-quotation':
      writes.putQuotation(change.quotation)
      break
    case 'remove-quotation':
      writes.removeQuotation(change.quoting)
      break
    case 'put-stamp':
      writes.putStamp(change.stamp)
      break
    case 'revoke-stamp':
      writes.revokeStamp(change.id, change.at)
      break
    case 'put-featured':
      writes.putFeatured(change.actor, change.objects)
      break
    default:
      change satisfies never
  }
}

type DeedChange = Extract<Change, { change: `${string}-${'block' | 'votes' | 'reaction'}` }>

/** What somebody did with a post, or to others. */
function applyDeed(writes: Writes, change: DeedChange): void {
  switch (change.change) {
    case 'put-block':
      writes.putBlock(change.block)
      break
    case 'remove-block':
      writes.removeBlock(change.blocker, change.blocked)
      break
    case 'put-domain-block':
      writes.putDomainBlock(change.block)
      break
    case 'remove-domain-block':
      writes.removeDomainBlock(change.domain)
      break
    case 'put-reaction':
      writes.putReaction(change.reaction)
      break
    case 'remove-reaction':
      writes.removeReaction(change.activityId)
      break
    case 'add-votes':
      writes.addVotes(change.votes)
      break
    case 'remove-votes':
      writes.removeVotes(change)
      break
    default:
      change satisfies never
  }
}

type RestOfChange = Exclude<
  Change,
  | ConsentChange
  | {
      change: `${string}-${'object' | 'recipients' | 'activity' | 'media' | 'mapping' | 'follow' | 'block' | 'reaction' | 'votes' | 'quotation' | 'stamp' | 'featured'}`
    }
>

function applyRest(writes: Writes, change: RestOfChange, now: number): void {
  switch (change.change) {
    case 'read-in':
      writes.readIn(change)
      break
    case 'read-of':
      writes.readOf(change)
      break
    case 'put-server':
      writes.putServer(change.server)
      break
    case 'put-remote-actor':
      writes.putRemoteActor(change.actor)
      break
    case 'see-remote-actor':
      writes.seeRemoteActor(change.id, change.at)
      break
    case 'delete-remote-actor':
      writes.deleteRemoteActor(change.id)
      break
    case 'put-local-actor':
      writes.putLocalActor(change.actor)
      break
    case 'put-key-pair':
      writes.putKeyPair(change.actorId, change.pair)
      break
    case 'rotate-key-pair':
      writes.rotateKeyPair(change.actorId, change.pair)
      break
    case 'put-ghost':
      writes.putGhost(change.ghost)
      break
    case 'put-portal':
      writes.putPortal(change.portal)
      break
    case 'remove-portal':
      writes.removePortal(change.roomId)
      break
    case 'put-membership':
      writes.putMembership(change)
      break
    case 'enqueue':
      writes.add(change.job, now)
      break
    case 'release':
      writes.release(change.waitsFor, now)
      break
    default:
      applyMemory(writes, change)
  }
}

type Memory = Extract<
  Change,
  {
    change:
      | `put-${'setting' | 'upload' | 'emoji' | 'image-pack' | 'draft' | 'forwarded'}`
      | 'mark'
      | 'expect-mark'
      | 'unmark'
      | 'hold'
      | 'unhold'
      | `${'put' | 'resolve'}-report`
      | `${'put' | 'remove'}-${'blocklist' | 'personal-rule'}`
      | 'remove-draft'
  }
>

/** What is remembered of users, rooms, deeds and files. */
function applyMemory(writes: Writes, change: Memory): void {
  switch (change.change) {
    case 'put-blocklist':
      writes.putBlocklist(change)
      break
    case 'remove-blocklist':
      writes.removeBlocklist(change.url)
      break
    case 'put-personal-rule':
      writes.putPersonalRule(change)
      break
    case 'remove-personal-rule':
      writes.removePersonalRule(change.rule)
      break
    case 'put-setting':
      writes.putSetting(change)
      break
    case 'put-report':
      writes.putReport(change.report)
      break
    case 'resolve-report':
      writes.resolveReport(change)
      break
    case 'mark':
      writes.mark(change)
      break
    case 'expect-mark':
      writes.expectMark(change)
      break
    case 'unmark':
      writes.unmark(change.key)
      break
    case 'put-upload':
      writes.putUpload(change.upload)
      break
    case 'put-emoji':
      writes.putEmoji(change.emoji)
      break
    case 'put-image-pack':
      writes.putImagePack(change.pack)
      break
    case 'hold':
      writes.hold(change.held)
      break
    case 'unhold':
      writes.unhold(change.eventId)
      break
    case 'put-forwarded':
      writes.putForwarded(change)
      break
    case 'put-draft':
      writes.putDraft(change.draft)
      break
    case 'remove-draft':
      writes.removeDraft(change.eventId)
      break
    default:
      change satisfies never
  }
}
