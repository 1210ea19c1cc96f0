import type { MessagePoll, MessageText } from '../model/action.ts'
import type { Note } from '../model/note.ts'
import { safeName } from '../model/names.ts'
import { toMatrixTree } from './html-to-matrix.ts'
import { textOf } from './html-tree.ts'
import { isWarned } from './note-text.ts'
import { toMessagePoll } from './polls.ts'

/** A poll of a post as a message, with what clients that know no polls show. */
export type PollMessage = { readonly text: MessageText; readonly poll: MessagePoll }

const longestQuestion = 500
const longestReminder = 120

/** Clients show a question as plain text: what needs more is said by a message before it. */
export const saysAll = (note: Note, { body, html }: MessageText): boolean =>
  html === undefined &&
  body !== '' &&
  body.length <= longestQuestion &&
  !isWarned(note) &&
  !/https?:\/\//i.test(body)

/** Below its post, what a poll is about. */
function reminder(note: Note): string {
  const words = isWarned(note)
    ? `CW: ${note.summary ?? ''}`
    : textOf(toMatrixTree(note.content)) || (note.name ?? '')
  return safeName(words, longestReminder) || 'Poll'
}

/** The poll below, or instead of, the text that says what the post says; undefined: it stands in that text. */
export function pollMessage(note: Note, text: MessageText): PollMessage | undefined {
  if (note.poll === undefined) return undefined
  const question = saysAll(note, text) ? text.body : reminder(note)
  const poll = toMessagePoll(note.poll, question)
  if (poll === undefined) return undefined
  const answers = poll.answers.map(({ name }, index) => `${index + 1}. ${name}`)
  const { mentions, url } = text
  const body = [question, ...answers].join('\n')
  return {
    text: { msgtype: 'm.text', body, mentions, ...(url === undefined ? {} : { url }) },
    poll,
  }
}
