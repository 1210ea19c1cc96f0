import { expect, test } from '@jest/globals'
import { bareEmoji, isEmoji, qualifiedEmoji, shortcodeOf } from '../../src/model/emoji.ts'

const vs = '\u{FE0F}'
const zwj = '\u{200D}'

test.each([
  ['a heart', '❤', `❤${vs}`],
  ['what is an emoji anyway', '🎉', '🎉'],
  ['what has the selector and needs none', `🎉${vs}`, '🎉'],
  ['a key cap', '1\u{20E3}', `1${vs}\u{20E3}`],
  ['a sequence', `❤${zwj}🔥`, `❤${vs}${zwj}🔥`],
  ['a sequence that ends with a sign', `🤷${zwj}♀`, `🤷${zwj}♀${vs}`],
  ['a rainbow flag', `🏳${zwj}🌈`, `🏳${vs}${zwj}🌈`],
  ['a flag of two letters', '🇩🇪', '🇩🇪'],
  ['a hand with a skin', '☝🏽', '☝🏽'],
])('%s has the selector where clients send it', (_, key, qualified) => {
  expect(qualifiedEmoji(key)).toBe(qualified)
  expect(qualifiedEmoji(qualified)).toBe(qualified)
  expect(bareEmoji(qualified)).toBe(bareEmoji(key))
  expect(isEmoji(qualified)).toBe(true)
})

test.each(['', 'lol', '1', 'a🎉', '🎉 🎉', '🎉'.repeat(40), '👍\n', '<b>'])(
  '%j is no emoji',
  (text) => {
    expect(isEmoji(text)).toBe(false)
  },
)

test.each([
  [':blob:', 'blob'],
  [':blob@host.test:', 'blob'],
  ['blob', undefined],
  [':a b:', undefined],
  [':<b>:', undefined],
  ['::', undefined],
])('%j is the short code %j', (key, shortcode) => {
  expect(shortcodeOf(key)).toBe(shortcode)
})
