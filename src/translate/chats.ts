import type { KnownForFediverse } from './known.ts'
import type { ObjectRecord } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import { linksToFiles } from './attachments.ts'

/** What its server told of it stands in a conversation, as chat messages never do. */
const isNote = ({ isLocal, note, context }: ObjectRecord): boolean =>
  isLocal ? note?.isChat !== true : context !== undefined

/** Chat messages have one file, at most, and no warning. */
const fits = ({ summary, attachments }: OutgoingNote): boolean =>
  summary === undefined && attachments.length <= 1

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** What a chat message cannot carry stands in its words. */
function inWords(note: OutgoingNote): OutgoingNote {
  const { summary } = note
  const warning = summary === undefined ? '' : `<p>CW: ${escaped(summary)}</p>`
  return { ...note, content: warning + note.content + linksToFiles(note.attachments) }
}

/**
 * A private message to one person as their server keeps those: as a chat message where it has chats,
 * unless a conversation of notes goes on. What answers it says so nowhere.
 */
export function asChat(
  note: OutgoingNote,
  answered: ObjectRecord | undefined,
  { chats }: KnownForFediverse,
): OutgoingNote {
  const { inReplyTo, ...rest } = note
  if (chats === undefined || note.poll !== undefined || note.to.length !== 1) return note
  if (chats === 'only') return { ...inWords(rest), isChat: true }
  const isConversation = inReplyTo !== undefined && answered !== undefined && isNote(answered)
  return isConversation || !fits(note) ? note : { ...rest, isChat: true }
}
