import { describe, expect, test } from '@jest/globals'
import type { Command } from '../../src/commands/command.ts'
import { fits, readText, readWords } from '../../src/commands/read-input.ts'

const command: Command = {
  name: 'post',
  args: '',
  help: '',
  examples: [],
  group: 'Publish',
  permission: 'user',
  takes: [0, 0],
  options: ['--quiet'],
  valueOptions: ['--lang', '--cw'],
  takesText: true,
  doing: () => '',
  run: () => Promise.resolve({ text: '' }),
}

const read = (line: string, more: Partial<Command> = {}) => {
  const { args, options, values, text } = readText({ ...command, ...more }, line)
  return { args, options: [...options], values: Object.fromEntries(values), text }
}

describe('a command that ends in text', () => {
  test.each([
    ['line ends stay', ' one\n\ntwo  three ', { text: 'one\n\ntwo  three' }],
    ['options come first', ' --quiet Hello', { options: ['--quiet'], text: 'Hello' }],
    [
      'values may be quoted',
      ' --cw "two words" --lang de Hallo --quiet',
      { values: { '--cw': 'two words', '--lang': 'de' }, text: 'Hallo --quiet' },
    ],
    [
      'phones write other quotes and dashes',
      ' —cw “a b” c',
      { values: { '--cw': 'a b' }, text: 'c' },
    ],
    ['an option may lack its value', ' --cw', { values: { '--cw': '' } }],
    ['nothing is nothing', '', {}],
  ])('%s', (_, line, expected) => {
    expect(read(line)).toEqual({ args: [], options: [], values: {}, text: '', ...expected })
  })

  test('words that it takes come before the text', () => {
    expect(read(' bio I am\nnew', { takes: [1, 1] })).toMatchObject({
      args: ['bio'],
      text: 'I am\nnew',
    })
  })
})

test('words and options in any order', () => {
  const input = readWords(command, ['a', '--lang', 'de', '–quiet', 'b'])
  expect(input).toEqual({
    args: ['a', 'b'],
    options: new Set(['--quiet']),
    values: new Map([['--lang', 'de']]),
    text: '',
  })
  expect(fits({ ...command, takes: [2, 2] }, input)).toBe(true)
  expect(fits({ ...command, takes: [0, 1] }, input)).toBe(false)
  expect(fits({ ...command, takes: [2, 2], valueOptions: [] }, input)).toBe(false)
})
