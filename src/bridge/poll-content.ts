import type { MessagePoll, MessageText } from '../model/action.ts'
import type { MessageContent } from '../model/room.ts'
import { textContent } from './message-content.ts'

/** What today's clients send and show; the names of MSC3381 as it will be are not shown yet. */
export const pollStartType = 'org.matrix.msc3381.poll.start'
export const pollEndType = 'org.matrix.msc3381.poll.end'

/** Text of extensible events (MSC1767) under both names. */
const textBlock = (body: string): MessageContent => ({
  'org.matrix.msc1767.text': body,
  'm.text': [{ body }],
})

/** Content of a poll (MSC3381). Counts are open: what is told beside it tells them anyway. */
export function pollContent(text: MessageText, poll: MessagePoll): MessageContent {
  const { question, answers, isMultiple } = poll
  const { msgtype, ...around } = textContent(text)
  return {
    ...around,
    ...textBlock(text.body),
    [pollStartType]: {
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: isMultiple ? answers.length : 1,
      question: { msgtype, body: question, ...textBlock(question) },
      answers: answers.map(({ id, name }) => ({ id, ...textBlock(name) })),
    },
  }
}

export const pollEndContent = (pollId: string, text: string): MessageContent => ({
  [pollEndType]: {},
  body: text,
  ...textBlock(text),
  'm.mentions': {},
  'm.relates_to': { rel_type: 'm.reference', event_id: pollId },
})
