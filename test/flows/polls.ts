import type { EventId, RoomId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Flow, Line } from './setup.ts'

type Json = Readonly<Record<string, unknown>>

const unstable = 'org.matrix.msc3381.poll'

export type AskOptions = {
  readonly most?: number
  readonly kind?: 'disclosed' | 'undisclosed'
  readonly relation?: Json
}

/** A poll as Element sends it; the id of each answer is its text in lower case. */
function pollStart(
  question: string,
  answers: readonly string[],
  { most = 1, kind = 'disclosed', relation }: AskOptions = {},
): Json {
  const text = (body: string): Json => ({ 'org.matrix.msc1767.text': body })
  return {
    ...text([question, ...answers].join('\n')),
    [`${unstable}.start`]: {
      kind: `${unstable}.${kind}`,
      max_selections: most,
      question: { ...text(question), body: question, msgtype: 'm.text' },
      answers: answers.map((name) => ({ id: name.toLowerCase(), ...text(name) })),
    },
    ...(relation === undefined ? {} : { 'm.relates_to': relation }),
  }
}

export const pollTypes = {
  start: `${unstable}.start`,
  vote: `${unstable}.response`,
  end: `${unstable}.end`,
} as const

const about = (target: EventId): Json => ({
  'm.relates_to': { rel_type: 'm.reference', event_id: target },
})

/** What people do with polls in Element. */
export const polling = (user: FakeUser, room: RoomId) => ({
  ask: (question: string, answers: readonly string[], options?: AskOptions): EventId =>
    user.send(room, pollStart(question, answers, options), pollTypes.start),
  vote: (poll: EventId, ...answers: readonly string[]): EventId =>
    user.send(room, { ...about(poll), [pollTypes.vote]: { answers } }, pollTypes.vote),
  end: (poll: EventId): EventId =>
    user.send(
      room,
      { ...about(poll), [pollTypes.end]: {}, 'org.matrix.msc1767.text': 'Ended' },
      pollTypes.end,
    ),
  edit: (poll: EventId, question: string, answers: readonly string[]): EventId =>
    user.send(
      room,
      {
        ...pollStart(`* ${question}`, answers),
        'm.new_content': pollStart(question, answers),
        'm.relates_to': { rel_type: 'm.replace', event_id: poll },
      },
      pollTypes.start,
    ),
})

/** What stands in a room and reached an account, as far as polls go. */
export function seeingPolls(flow: Flow) {
  const linesOf = (room: RoomId, type: string): readonly Line[] =>
    flow.messages(room).filter((line) => line.type === type)
  return {
    linesOf,
    /** The first poll of a room, as clients read it. */
    pollIn(room: RoomId) {
      const [line] = linesOf(room, pollTypes.start)
      if (line === undefined) throw new Error('no poll')
      const start = line.content[pollTypes.start] as {
        max_selections: number
        question: Json
        answers: readonly { id: string; 'org.matrix.msc1767.text': string }[]
      }
      const idOf = (name: string): string =>
        start.answers.find((answer) => answer['org.matrix.msc1767.text'] === name)?.id ?? 'none'
      return { line, start, idOf }
    },
    /** Every text that a notice had, in order. */
    noticesIn: (room: RoomId): readonly string[] =>
      flow
        .messages(room)
        .filter(({ content }) => content['msgtype'] === 'm.notice')
        .map(({ content }) => {
          const edited = content['m.new_content'] as { body?: string } | undefined
          return String(edited?.body ?? content['body'])
        }),
    createdFor: (account: Account): readonly unknown[] =>
      flow.received(account, 'Create').map(({ object }) => object),
  }
}
