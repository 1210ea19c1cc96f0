import type { ActorId, EventId, RoomId } from '../model/ids.ts'
import type { HeldMessage } from '../model/change.ts'
import type { KnownForFediverse } from './known.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import type { Action, Translation } from '../model/action.ts'
import { editedFiles, forgetFiles, linksToMore } from './attachments.ts'
import { orderOf } from './audience.ts'
import { composeNote } from './compose.ts'
import { placeText } from './places.ts'
import { splitWarning } from './warnings.ts'
import { isMeantForMatrix, publisherOf, refusedContent } from './not-sent.ts'

type Edit = MatrixEvent & { type: 'edit' }
type Redaction = MatrixEvent & { type: 'redaction' }

/** What an edit of the words leaves as it was. */
function kept(note: OutgoingNote | undefined): Partial<OutgoingNote> {
  if (note === undefined) return {}
  const { language, quote, place, poll } = note
  return {
    ...(language === undefined ? {} : { language }),
    ...(quote === undefined ? {} : { quote }),
    ...(place === undefined ? {} : { place }),
    ...(poll === undefined ? {} : { poll }),
  }
}

function editHeld(event: Edit, held: HeldMessage): Translation {
  if (held.message.sender !== event.sender) return { skip: 'not-the-owner' }
  const unfit = refusedContent(event)
  if (unfit !== undefined) return unfit
  const { kind, text, media } = event
  const edited = { ...held, message: { ...held.message, kind, text, media } }
  return { actions: [{ do: 'commit', changes: [{ change: 'hold', held: edited }] }] }
}

/** Words and their mentions change; audience, id, thread and date stay. */
export function translateEdit(event: Edit, known: KnownForFediverse): Translation {
  // A line to the bot is no text of a post, whatever became of it.
  const isCommand = known.portal?.kind === 'management'
  if (isCommand || isMeantForMatrix(event.kind, event.text)) return { skip: 'unwanted' }
  if (known.held !== undefined) return editHeld(event, known.held)
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  if (known.author === undefined || object.author !== known.author.id)
    return { skip: 'not-the-owner' }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  const author = publisherOf(known)
  if (author === undefined) return { skip: known.isPermitted ? 'not-an-actor' : 'not-permitted' }
  const refused = refusedContent(event)
  if (refused !== undefined) return refused
  const also = object.mentions.map(({ actorId, name }) => ({ actorId, handle: name, url: actorId }))
  const { text, summary: warning } = splitWarning(placeText(event), event.media.length > 0)
  const composed = composeNote(text, event.kind === 'emote' ? author : undefined, {
    known,
    also,
    isClosed: true,
    summary: warning,
  })
  const { summary } = composed
  const audience = { to: object.to, cc: object.cc }
  const files = editedFiles(event, object, known)
  const note: OutgoingNote = {
    ...audience,
    id: object.id,
    author: author.id,
    content: composed.content + linksToMore(files.attachments),
    source: text.body,
    published: object.published,
    updated: known.now,
    url: object.url ?? object.id,
    context: object.context ?? known.context,
    mentions: composed.mentions,
    hashtags: composed.hashtags,
    sensitive: summary !== undefined,
    emojis: composed.emojis,
    ...kept(object.note),
    ...(summary === undefined ? {} : { summary }),
    attachments: files.attachments,
    ...(object.inReplyTo === undefined ? {} : { inReplyTo: object.inReplyTo }),
  }
  return {
    actions: [
      {
        do: 'publish',
        activity: { type: 'update', id: known.ids.activity, actor: author.id, note, ...audience },
        recipients: composed.mentions
          .map(({ actorId }) => actorId)
          .filter((id) => id !== author.id),
        toFollowers: object.visibility !== 'direct',
        inboxes: known.target?.inboxes ?? [],
        order: orderOf(object),
      },
      ...(files.changes.length === 0 ? [] : [{ do: 'commit', changes: files.changes } as const]),
    ],
  }
}

/** Names a message that somebody else took out of a room: later edits must not bring its words back. */
export const hiddenMark = (roomId: RoomId, eventId: EventId): string =>
  `hidden ${roomId} ${eventId}`

const hideFromEdits = (event: Redaction, at: number): Action => ({
  do: 'commit',
  changes: [{ change: 'mark', key: hiddenMark(event.roomId, event.target), value: '', at }],
})

/** Only the author's own redaction leaves Matrix; a moderator's stays here. */
export function translateDelete(event: Redaction, known: KnownForFediverse): Translation {
  const object = known.target?.object
  if (object === undefined) return { skip: 'unknown-target' }
  if (known.author === undefined || object.author !== known.author.id)
    return { skip: 'not-the-owner', actions: [hideFromEdits(event, known.now)] }
  if (object.deletedAt !== undefined) return { skip: 'deleted' }
  const recipients = object.mentions
    .map(({ actorId }): ActorId => actorId)
    .filter((id) => id !== object.author)
  return {
    actions: [
      {
        do: 'publish',
        activity: {
          type: 'delete',
          id: known.ids.activity,
          actor: known.author.id,
          object: object.id,
          at: known.now,
          to: object.to,
          cc: object.cc,
        },
        recipients,
        toFollowers: object.visibility !== 'direct',
        inboxes: known.target?.inboxes ?? [],
        order: orderOf(object),
      },
      {
        do: 'commit',
        changes: [
          { change: 'delete-object', id: object.id, author: object.author, at: known.now },
          { change: 'remove-mapping', roomId: event.roomId, eventId: event.target },
          ...forgetFiles(known.target?.media.map(({ id }) => id) ?? [], known.ids.activity),
        ],
      },
    ],
  }
}
