import { expect, test } from '@jest/globals'
import { accountName } from '../../src/model/display-name.ts'
import { safeName } from '../../src/model/names.ts'

const eve = { username: 'eve', host: 'evil.example' }
const handle = '@eve@evil.example'
const named = (name: string): string => accountName({ ...eve, name }, { commandPrefix: '!ap' })

test.each([
  ['the bot', 'Footbridge'],
  ['the bot in capitals', 'FOOTBRIDGE'],
  ['the bot with spaces', 'F o o t b r i d g e'],
  ['the bot with signs', '[ Foot-bridge ]'],
  ['the bot with more words', 'Footbridge admin'],
  ['the bot behind a picture', '🤖 Footbridge'],
  ['the bot in Cyrillic and Latin', 'Fооtbridgе'],
  ['the bot in Greek and Latin', 'Fοοtbrιdge'],
  ['the bot in digits', 'F00tbr1dge'],
  ['the bot in wide letters', 'Ｆｏｏｔｂｒｉｄｇｅ'],
  ['the bot in letters of formulas', '𝐅𝐨𝐨𝐭𝐛𝐫𝐢𝐝𝐠𝐞'],
  ['the bot with marks', 'F\u0323oot\u0301bridge'],
  ['the bot with nothing between', 'Foot\u200b\u00ad\u2060bridge'],
  ['the bot with a joiner', 'Foot\u200dbridge'],
  ['the bot with selectors', 'Foot\ufe0f\u{e0101}bridge'],
  ['a user of ours', '@alice:hs.test'],
  ['a user of ours with a name', 'Alice (@alice:hs.test)'],
  ['a user of ours in wide signs', '＠alice：hs.test'],
  ['a user of ours with nothing between', '@ali\u200bce:hs.test'],
  ['a room', '#announcements:hs.test'],
  ['the id of a room', '!abc:hs.test'],
  ['the whole room', '@room'],
  ['the whole room with words', ' @room  Important'],
  ['the whole room with a space', '@ room'],
  ['a command', '!ap follow @eve@evil.example'],
  ['a command in capitals', '!AP help'],
  ['a command in wide signs', '！ap help'],
  ['a command behind nothing', '\u200b!ap help'],
])('who calls themselves %s has their handle as name', (_, name) => {
  expect(named(name)).toBe(handle)
})

test.each([
  ['a turned end', 'moc.knab\u202e Eve', 'moc.knab Eve'],
  [
    'every mark of direction',
    '\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069Eve',
    'Eve',
  ],
  ['old marks of shape', 'E\u206av\u206fe', 'Eve'],
  ['hyphens that do not show', 'E\u00adv\u00ade', 'Eve'],
  ['fillers', 'E\u115fv\u1160e\u3164\uffa0', 'Eve'],
  ['line ends', 'Eve\r\n@\u2028admin\u2029\u0085x', 'Eve @ admin x'],
  ['control characters', 'E\u0000v\u0007e\u001b[31m', 'E v e [31m'],
  ['tags', 'Eve\u{e0041}\u{e0042}', 'Eve'],
  ['half characters', 'Eve\ud800', 'Eve\ufffd'],
  ['a heap of marks', `E${'\u0336'.repeat(500)}ve`, `E${'\u0336'.repeat(4)}ve`],
  ['joiners', '\u200dE\u200dv\u200c\u200ce', 'Eve'],
  ['nothing', '\u3164\u200b\u2800', 'eve'],
  ['only joiners and marks', '\u200c\u200d\ufe0f\u0301', 'eve'],
  ['only space', ' \t\n', 'eve'],
  ['nothing at all', '', 'eve'],
  ['much', 'E'.repeat(5_000), `${'E'.repeat(99)}…`],
])('a name with %s is cleaned', (_, name, shown) => {
  expect(named(name)).toBe(shown)
})

test.each([
  'Eve 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️',
  'می‌خواهم',
  'क्‍ष',
  'Việt Ngữ',
  'Eve @ work',
  'eve@evil.example',
  'Bridget Foot',
  'She/her: Eve',
  'מַזָּל',
  'All of us',
])('%s is a name like others', (name) => {
  expect(named(name)).toBe(name)
})

test('what hides text is found in little time', () => {
  const hard = ['\u200c', '\u0301', '\u{e0041}', '\u{1f3f4}\u{e0061}', '@a', '\u2800']
  for (const part of hard)
    expect(Array.from(safeName(part.repeat(100_000), 2_000)).length).toBeLessThanOrEqual(2_000)
})
