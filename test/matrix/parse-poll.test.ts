import { describe, expect, test } from '@jest/globals'
import { parseEvent } from '../../src/matrix/parse.ts'

const head = { event_id: '$e', room_id: '!r', sender: '@alice:hs.test', origin_server_ts: 1000 }
const raw = (type: string, content: object) => ({ ...head, type, content })

const unstable = {
  'org.matrix.msc1767.text': 'What?\n1. Tea\n2. Coffee',
  'org.matrix.msc3381.poll.start': {
    kind: 'org.matrix.msc3381.poll.disclosed',
    max_selections: 1,
    question: { 'org.matrix.msc1767.text': 'What?', body: 'What?', msgtype: 'm.text' },
    answers: [
      { id: 'a', 'org.matrix.msc1767.text': 'Tea' },
      { id: 'b', 'org.matrix.msc1767.text': 'Coffee' },
    ],
  },
}
const stable = {
  'm.text': [{ body: 'What?' }],
  'm.poll': {
    kind: 'm.disclosed',
    max_selections: 2,
    question: {
      'm.text': [{ mimetype: 'text/html', body: '<b>What?</b>' }, { body: 'What?' }],
    },
    answers: [
      { 'm.id': 'a', 'm.text': [{ body: 'Tea' }] },
      { 'm.id': 'b', 'm.text': [{ mimetype: 'text/plain', body: 'Coffee' }] },
    ],
  },
}
const options = [
  { name: 'Tea', votes: 0, answerId: 'a' },
  { name: 'Coffee', votes: 0, answerId: 'b' },
]
const poll = { options, isMultiple: false, isClosed: false, voters: 0 }

describe('the start of a poll', () => {
  test('by the name that clients use', () => {
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', unstable))).toMatchObject({
      type: 'message',
      kind: 'poll',
      text: { body: 'What?', mentions: [] },
      media: [],
      poll,
      relation: { isFallback: false },
    })
  })

  test('has no half characters', () => {
    const start = { ...unstable['org.matrix.msc3381.poll.start'], question: { body: 'a\ud800' } }
    const content = { ...unstable, 'org.matrix.msc3381.poll.start': start }
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', content))).toMatchObject({
      text: { body: 'a\ufffd' },
    })
  })

  test('by the name of the proposal', () => {
    expect(parseEvent(raw('m.poll.start', stable))).toMatchObject({
      kind: 'poll',
      text: { body: 'What?', html: '<b>What?</b>' },
      poll: { ...poll, isMultiple: true },
    })
  })

  test('keeps how its answers are formatted, in bounds', () => {
    const html = (body: string) => [{ body: ':a:' }, { mimetype: 'text/html', body }]
    const question = { 'm.text': [{ body: 'What?' }] }
    const answers = [
      { 'm.id': 'a', 'm.text': html('<img alt=":a:">') },
      { 'm.id': 'b', 'm.text': [{ body: 'b' }, ...html('x'.repeat(2_001)).slice(1)] },
    ]
    const content = { 'm.poll': { kind: 'm.disclosed', question, answers } }
    expect(parseEvent(raw('m.poll.start', content))).toMatchObject({
      poll: {
        options: [
          { name: ':a:', votes: 0, answerId: 'a', html: '<img alt=":a:">' },
          { name: 'b', votes: 0, answerId: 'b' },
        ],
      },
    })
  })

  test('answers what it names, and an edit has what is new', () => {
    const relation = { rel_type: 'm.thread', event_id: '$root' }
    const content = { ...unstable, 'm.relates_to': relation }
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', content))).toMatchObject({
      relation: { threadRoot: '$root' },
    })
    const edit = {
      ...stable,
      'm.new_content': unstable,
      'm.relates_to': { rel_type: 'm.replace', event_id: '$p' },
    }
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', edit))).toMatchObject({
      type: 'edit',
      kind: 'poll',
      target: '$p',
      poll,
    })
  })

  test.each([
    ['undisclosed', 'org.matrix.msc3381.poll.undisclosed'],
    ['a kind that nobody knows', 'x'],
    ['no kind', undefined],
  ])('%s is secret', (_, kind) => {
    const start = { ...unstable['org.matrix.msc3381.poll.start'], kind }
    const content = { 'org.matrix.msc3381.poll.start': start }
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', content))).toMatchObject({
      poll: { isSecret: true },
    })
  })

  test('has at most 20 answers, one of each name and each id, of bounded length', () => {
    const answer = (id: unknown, text: unknown) => ({ id, 'org.matrix.msc1767.text': text })
    const answers = [
      answer('a', 'Tea'),
      answer('b', 'Tea'),
      answer('a', 'Milk'),
      answer(5, 'Beer'),
      answer('c', '  '),
      null,
      answer('d', 'x'.repeat(5_000)),
      ...Array.from({ length: 50 }, (_, n) => answer(`n${n}`, `Number ${n}`)),
    ]
    const start = { ...unstable['org.matrix.msc3381.poll.start'], answers }
    const event = parseEvent(raw('m.poll.start', { 'org.matrix.msc3381.poll.start': start }))
    const read = 'poll' in event ? event.poll.options : []
    expect(read.slice(0, 2).map(({ name }) => name.length)).toEqual([3, 1_000])
    expect(read).toHaveLength(15)
  })

  test.each<[string, object]>([
    ['nothing', { 'm.poll': 5 }],
    ['no question', { 'm.poll': { ...stable['m.poll'], question: {} } }],
    ['no answers', { 'm.poll': { ...stable['m.poll'], answers: 'many' } }],
    ['an edit of nothing', { ...stable, 'm.relates_to': { rel_type: 'm.replace' } }],
  ])('malformed: %s', (_, content) => {
    expect(parseEvent(raw('m.poll.start', content))).toMatchObject({ skip: 'malformed' })
  })

  test('that was redacted is nothing', () => {
    expect(parseEvent(raw('org.matrix.msc3381.poll.start', {}))).toMatchObject({ type: 'other' })
  })
})

const relation = { 'm.relates_to': { rel_type: 'm.reference', event_id: '$p' } }

test.each<[string, object, object]>([
  [
    'a vote',
    raw('org.matrix.msc3381.poll.response', {
      ...relation,
      'org.matrix.msc3381.poll.response': { answers: ['a', 'b'] },
    }),
    { type: 'vote', target: '$p', answers: ['a', 'b'] },
  ],
  [
    'a vote by the name of the proposal',
    raw('m.poll.response', { ...relation, 'm.selections': ['a'] }),
    { type: 'vote', target: '$p', answers: ['a'] },
  ],
  [
    'a vote for nothing',
    raw('m.poll.response', { ...relation, 'm.selections': [] }),
    { type: 'vote', answers: [] },
  ],
  [
    'a vote for what is no text is for no answer',
    raw('m.poll.response', { ...relation, 'm.selections': [5, 'a'] }),
    { type: 'vote', answers: ['', 'a'] },
  ],
  [
    'the end',
    raw('org.matrix.msc3381.poll.end', { ...relation, 'org.matrix.msc3381.poll.end': {} }),
    { type: 'poll-end', target: '$p' },
  ],
  ['the end by the name of the proposal', raw('m.poll.end', relation), { type: 'poll-end' }],
  ['a vote without answers', raw('m.poll.response', relation), { skip: 'malformed' }],
  ['a vote in nothing', raw('m.poll.response', { 'm.selections': ['a'] }), { skip: 'malformed' }],
  ['an end of nothing', raw('m.poll.end', { 'm.text': [] }), { skip: 'malformed' }],
  [
    'an end that answers',
    raw('m.poll.end', { 'm.relates_to': { rel_type: 'm.thread', event_id: '$p' } }),
    { skip: 'malformed' },
  ],
])('%s', (_, event, expected) => {
  expect(parseEvent(event)).toMatchObject(expected)
})
