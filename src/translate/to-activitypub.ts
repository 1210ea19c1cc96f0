import type { Action, Translation } from '../model/action.ts'
import type { KnownForFediverse } from './known.ts'
import type { MatrixEvent } from '../model/event.ts'
import { translateDelete, translateEdit } from './own-notes.ts'
import { translateMessage, publishHeld } from './messages.ts'
import { bareEmoji } from '../model/emoji.ts'
import { translatePins } from './pins.ts'
import { publishKeys } from './reaction-keys.ts'
import { unnamedIn } from './unnamed.ts'
import { translatePollEnd, translateUnvote, translateVoteOut } from './own-votes.ts'
import { translateReactionOut, translateUnreact } from './own-reactions.ts'

function translateReaction(
  event: MatrixEvent & { type: 'reaction' },
  known: KnownForFediverse,
): Translation {
  if (publishKeys.has(bareEmoji(event.key)) && known.held !== undefined)
    return publishHeld(event, known.held, known)
  return translateReactionOut(event, known)
}

function translateRedaction(
  event: MatrixEvent & { type: 'redaction' },
  known: KnownForFediverse,
): Translation {
  if (known.held !== undefined) {
    return {
      actions: [{ do: 'commit', changes: [{ change: 'unhold', eventId: known.held.eventId }] }],
    }
  }
  if (known.votedIn !== undefined) return translateUnvote(event, known.votedIn, known)
  if (known.target?.reaction !== undefined)
    return translateUnreact(event, known.target.reaction, known)
  return translateDelete(event, known)
}

const encryptedNotice = (event: MatrixEvent): Action => ({
  do: 'tell',
  place: { kind: 'room', roomId: event.roomId },
  text: 'I cannot read encrypted rooms, and everything sent to the fediverse leaves this server anyway. Please use an unencrypted room.',
  key: `encrypted ${event.roomId}`,
})

/** Where nothing is bridged, nobody asks for what the room offers. */
function keepPack(
  { roomId, pack }: MatrixEvent & { type: 'image-pack' },
  known: KnownForFediverse,
): Translation {
  if (known.portal === undefined) return { skip: 'no-place' }
  return {
    actions: [{ do: 'commit', changes: [{ change: 'put-image-pack', pack: { ...pack, roomId } }] }],
  }
}

/** What says something there. What takes something back goes out whoever has agreed to what since. */
const speaking: ReadonlySet<MatrixEvent['type']> = new Set(['message', 'edit', 'reaction', 'vote'])

/** In a room that is a group, of people who have not agreed to appear there nothing goes out; nor of anybody once it is none. */
const staysThere = ({ type }: MatrixEvent, { group, wasGroup }: KnownForFediverse): boolean =>
  (wasGroup === true || group?.isIn === false) && speaking.has(type)

/**
 * What a Matrix event becomes on the fediverse: the one index of everything we accept from Matrix.
 * Pure; membership and upgrades of rooms are not translated but obeyed
 * (`bridge/receive-membership.ts`, `bridge/room-upgrades.ts`).
 */
export function toActivityPub(given: MatrixEvent, known: KnownForFediverse): Translation {
  if (staysThere(given, known)) return { skip: 'no-consent' }
  const event = unnamedIn(given, known.group?.hidden)
  switch (event.type) {
    case 'message':
      return translateMessage(event, known)
    case 'edit':
      return translateEdit(event, known)
    case 'redaction':
      return translateRedaction(event, known)
    case 'reaction':
      return translateReaction(event, known)
    case 'vote':
      return translateVoteOut(event, known)
    case 'poll-end':
      return translatePollEnd(known)
    case 'image-pack':
      return keepPack(event, known)
    case 'pins':
      return translatePins(event, known)
    case 'encryption':
    case 'encrypted':
      return known.portal === undefined
        ? { skip: 'no-place' }
        : { skip: 'unsupported', actions: [encryptedNotice(event)] }
    case 'member':
    case 'tombstone':
    case 'policy':
    case 'other':
      return { skip: 'unsupported' }
    default:
      return event satisfies never
  }
}
