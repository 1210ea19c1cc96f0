import { expect, test } from '@jest/globals'
import { splitWarning } from '../../src/translate/warnings.ts'

const said = (body: string, html?: string) => ({
  body,
  mentions: [],
  ...(html === undefined ? {} : { html }),
})

test.each([
  ['a first line', said('CW: spiders\nA big one'), 'spiders', said('A big one')],
  [
    'the line above a gap, in both forms',
    said('cw: spiders\n\nA **big** one', '<p>cw: spiders</p>\n<p>A <strong>big</strong> one</p>'),
    'spiders',
    said('A **big** one', '<p>A <strong>big</strong> one</p>'),
  ],
  [
    'a line break in a paragraph',
    said('tw: spiders\nA big one', '<p>tw: spiders<br>A <em>big</em> one</p>'),
    'spiders',
    said('A big one', '<p>A <em>big</em> one</p>'),
  ],
  [
    'a line break without a paragraph',
    said('Content warning: x\ny', 'Content warning: x<br />y'),
    'x',
    said('y', 'y'),
  ],
  [
    'a whole spoiler with its reason',
    said('[Spoiler for the end](x)', '<span data-mx-spoiler="the end">He <b>dies</b></span>'),
    'the end',
    said('He dies', 'He <b>dies</b>'),
  ],
  [
    'a whole spoiler without a reason, in a paragraph',
    said('[Spoiler](x)', '<p><span data-mx-spoiler>He dies</span></p>'),
    'Spoiler',
    said('He dies', 'He dies'),
  ],
])('%s is a warning', (...[, text, summary, rest]) => {
  expect(splitWarning(text)).toEqual({ summary, text: rest })
})

test.each([
  ['a warning of nothing', said('cw: spiders')],
  ['no words after the colon', said('cw:\nspiders')],
  ['a line in the middle', said('Look\ncw: spiders\nthere')],
  ['another word', said('cwx: spiders\nthere')],
  ['a spoiler among other words', said('x', 'He <span data-mx-spoiler>dies</span>')],
  ['an empty spoiler', said('x', '<span data-mx-spoiler> </span>')],
])('%s is none', (_, text) => {
  expect(splitWarning(text)).toEqual({ text })
})

test('above a file a warning may stand alone', () => {
  expect(splitWarning(said('cw: nude'), true)).toEqual({ summary: 'nude', text: said('') })
})
