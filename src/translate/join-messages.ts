import type { Draft, MessagePart } from '../model/draft.ts'
import { maxFiles } from './attachments.ts'

type Message = Draft['message']

/** What a post may take from its first message to its last, milliseconds: answers to it wait no longer. */
const longest = 20_000

const hasWords = ({ text }: Message): boolean => text.body.trim() !== ''

const filesIn = (drafts: readonly Draft[]): number =>
  drafts.reduce((sum, { message }) => sum + message.media.length, 0)

const answers = ({ relation }: Message): string =>
  JSON.stringify([relation.isFallback ? undefined : relation.replyTo, relation.threadRoot])

/** Whether it belongs to what its author wrote just before. There is one text to a post. */
function isOneWith(group: readonly Draft[], next: Draft, within: number): boolean {
  const [first, last] = [group[0], group.at(-1)]
  if (first === undefined || last === undefined) return false
  const since = (draft: Draft): number => Math.abs(next.message.ts - draft.message.ts)
  return (
    first.message.sender === next.message.sender &&
    answers(first.message) === answers(next.message) &&
    since(last) <= within &&
    since(first) <= longest &&
    filesIn([...group, next]) <= maxFiles &&
    !(hasWords(next.message) && group.some(({ message }) => hasWords(message)))
  )
}

/** The posts that these messages of one room make, the oldest first. */
export function groupDrafts(
  drafts: readonly Draft[],
  within: number,
): readonly (readonly Draft[])[] {
  const groups: Draft[][] = []
  for (const draft of drafts) {
    const group = groups.findLast(([first]) => first?.message.sender === draft.message.sender)
    if (group !== undefined && isOneWith(group, draft, within)) group.push(draft)
    else groups.push([draft])
  }
  return groups
}

/** One message of them all: the words, and the files in the order in which they came. */
export function joinMessages(drafts: readonly Draft[]): {
  readonly message: Message
  readonly parts: readonly MessagePart[]
} {
  const messages = drafts.map(({ message }) => message)
  const spoken = messages.find(hasWords) ?? messages[0]
  if (spoken === undefined) throw new Error('a post of no messages')
  let further = 0
  const parts = messages.map(({ eventId, media }) => {
    const part = eventId === spoken.eventId ? 0 : (further += 1)
    return { eventId, part, files: media.length }
  })
  return { message: { ...spoken, media: messages.flatMap(({ media }) => media) }, parts }
}
