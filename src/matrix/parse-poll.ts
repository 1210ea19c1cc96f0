import type { Poll } from '../model/content.ts'
import type { Text } from '../model/event.ts'
import { isRecord, listAt, recordAt, toText, type Json } from './fields.ts'

/** Event types of MSC3381, as clients send them and as the proposal will call them. */
export const pollTypes = {
  start: ['org.matrix.msc3381.poll.start', 'm.poll.start'],
  vote: ['org.matrix.msc3381.poll.response', 'm.poll.response'],
  end: ['org.matrix.msc3381.poll.end', 'm.poll.end'],
} as const

export type PollContent = {
  readonly question: Pick<Text, 'body' | 'html'>
  readonly poll: Poll
}

/** More answers than these are to be ignored (MSC3381). */
const maxAnswers = 20
const longestQuestion = 10_000
const longestAnswer = 1_000
const longestId = 255

/** Where clients put text (MSC1767, in its versions): a string, or a list of representations. */
const textKeys = ['m.text', 'org.matrix.msc1767.text', 'm.message', 'org.matrix.msc1767.message']

type Representation = { readonly body: string; readonly isHtml: boolean }

function representationsIn(holder: Json): Representation[] {
  const found: Representation[] = []
  const add = (value: unknown, isHtml: boolean): void => {
    if (typeof value === 'string') found.push({ body: value.toWellFormed(), isHtml })
  }
  for (const key of textKeys) {
    const value = holder[key]
    add(value, false)
    for (const one of listAt(holder, key).slice(0, 10)) {
      if (!isRecord(one)) continue
      const type = one['mimetype'] ?? 'text/plain'
      if (type === 'text/plain' || type === 'text/html') add(one['body'], type === 'text/html')
    }
  }
  add(holder['org.matrix.msc1767.html'], true)
  add(holder['body'], false)
  return found
}

const htmlIn = (holder: Json): string | undefined =>
  representationsIn(holder).find(({ isHtml }) => isHtml)?.body

const plainIn = (holder: Json): string =>
  representationsIn(holder).find(({ isHtml, body }) => !isHtml && body.trim() !== '')?.body ?? ''

type Option = Poll['options'][number] & { readonly answerId: string }

/** One of each name: on the fediverse the name is all that tells them apart. */
function optionsIn(start: Json): readonly Option[] {
  const options: Option[] = []
  for (const answer of listAt(start, 'answers').slice(0, maxAnswers)) {
    if (!isRecord(answer)) continue
    const answerId = toText(answer['id'] ?? answer['m.id'], longestId)
    const name = plainIn(answer).slice(0, longestAnswer).toWellFormed().trim()
    if (answerId === undefined || answerId === '' || name === '') continue
    const isTaken = options.some((one) => one.name === name || one.answerId === answerId)
    const html = htmlIn(answer)
    const isUsable = html !== undefined && html.length <= longestAnswer * 2
    if (!isTaken) options.push({ name, votes: 0, answerId, ...(isUsable ? { html } : {}) })
  }
  return options
}

/** What a poll asks; undefined where there is nothing to ask or to answer. */
export function parsePollStart(content: Json): PollContent | undefined {
  const start = ['m.poll', 'org.matrix.msc3381.poll.start', 'm.poll.start']
    .map((key) => recordAt(content, key))
    .find((one) => Object.keys(one).length > 0)
  if (start === undefined) return undefined
  const question = recordAt(start, 'question')
  const body = plainIn(question).slice(0, longestQuestion).trim()
  const html = htmlIn(question)
  const options = optionsIn(start)
  if (body === '' || options.length === 0) return undefined
  const most = start['max_selections']
  const isSecret = !/(?:^|\.)disclosed$/.test(String(start['kind']))
  return {
    question: {
      body,
      ...(html === undefined || html.length > longestQuestion * 2 ? {} : { html }),
    },
    poll: {
      options,
      isMultiple: typeof most === 'number' && most > 1,
      isClosed: false,
      voters: 0,
      ...(isSecret ? { isSecret } : {}),
    },
  }
}

/** The ids that a response names; those that are no text spoil it, as unknown ones do. */
export function parseSelections(content: Json): readonly string[] | undefined {
  const response = recordAt(content, 'org.matrix.msc3381.poll.response')
  const named: unknown =
    content['m.selections'] ??
    response['answers'] ??
    recordAt(content, 'm.poll.response')['answers']
  if (!Array.isArray(named)) return undefined
  return named.slice(0, maxAnswers).map((id: unknown) => toText(id, longestId) ?? '')
}
