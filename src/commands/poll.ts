import type { Command } from './command.ts'
import { preparePollTime } from '../bridge/poll-time.ts'
import { counted, quote } from './words.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const units = [
  { pattern: /^m(in(ute)?s?)?$/i, name: 'minute', ms: minute },
  { pattern: /^h(ours?)?$/i, name: 'hour', ms: hour },
  { pattern: /^d(ays?)?$/i, name: 'day', ms: day },
]

const shortest = 5 * minute
const longest = 30 * day

const refusals: Readonly<Record<string, string>> = {
  'unknown-target': 'Write it as a reply to your poll, in the room where the poll stands.',
  unsupported: 'This is no poll. Write it as a reply to your poll.',
  deleted: 'Not changed: this poll was deleted.',
  'not-the-owner':
    'Not changed: only who asks can end a poll. Write it as a reply to one of yours.',
  'poll-over': 'This poll has ended already. Ask anew in another one.',
}

type Span = { readonly ms: number; readonly words: string }

/** `12h`, `12 hours`; undefined where it is no time, or none that a poll may last. */
function readSpan(text: string): Span | undefined {
  const [, digits = '', letters = ''] = /^(\d{1,5}) ?([a-z]{1,7})$/i.exec(text) ?? []
  const unit = units.find(({ pattern }) => pattern.test(letters))
  const count = Number(digits)
  const ms = count * (unit?.ms ?? 0)
  if (unit === undefined || ms < shortest || ms > longest) return undefined
  return { ms, words: counted(count, unit.name) }
}

const unreadable = (text: string): string =>
  `${quote(text)} is no time that a poll can last. It is a number with \`m\`, \`h\` or \`d\`, from 5 minutes to 30 days: \`poll 30m\`, \`poll 12h\`, \`poll 7d\`.`

export const poll: Command = {
  name: 'poll',
  args: '<how long> | end',
  help: 'Says how long from now your poll goes on, as a reply to it.',
  more: 'A number with `m`, `h` or `d`, from 5 minutes to 30 days; when the time has come, the poll ends by itself and the last count is told. Saying it again moves the end. `poll end` ends it at once.',
  examples: ['poll 12h', 'poll 7d', 'poll end'],
  group: 'Publish',
  permission: 'user',
  takes: [1, 2],
  doing: () => 'Setting the end of your poll.',
  run: async ({ args }, { message, deps }) => {
    const text = args.join(' ')
    const isNow = text.toLowerCase() === 'end'
    const span = isNow ? { ms: 0, words: '' } : readSpan(text)
    if (span === undefined) return { text: unreadable(text) }
    const prepared = await preparePollTime(message, deps.clock.now() + span.ms, deps)
    if (typeof prepared === 'string')
      return { text: refusals[prepared] ?? 'Not changed: I do not know this poll.' }
    return {
      text: isNow ? 'The poll ends now.' : `The poll ends in ${span.words}.`,
      actions: prepared,
    }
  },
}
