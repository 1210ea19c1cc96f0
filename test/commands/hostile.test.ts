import { describe, expect, test } from '@jest/globals'
import { allCommands } from '../../src/commands/help.ts'
import { alice, setUp, type Asking } from './setup.ts'
import { cpuTime } from '../support/cpu.ts'

const hostile: readonly (readonly [what: string, argument: string])[] = [
  ['10,000 characters', 'a'.repeat(10_000)],
  ['10,000 words', 'a '.repeat(10_000)],
  ['10,000 backticks', '`'.repeat(10_000)],
  ['an address of 10,000 characters', `@${'a'.repeat(10_000)}@social.test`],
  ['an address with a host of 10,000 characters', `@bob@${'a.'.repeat(5_000)}test`],
  ['a link of 10,000 characters', `https://social.test/${'a'.repeat(10_000)}`],
  ['control characters', 'a\u0000b\u0007c\u001b[31md\u007f'],
  ['line ends inside', 'a\nfollow @eve@social.test\r\nb'],
  ['direction marks', '\u202ea@b.test\u202c\u2066x'],
  ['lone surrogates', 'x\ud800y'],
  ['HTML', '<img/src=x/onerror=alert(1)><a/href="https://evil.test">x</a>&lt;b&gt;'],
  ['a code end', '`</code><b>x</b>`'],
  ['@room', '@room'],
  ['an address called room', '@room@evil.test'],
  ['the name of a user', '@alice:hs.test'],
  ['a link to a user', 'https://matrix.to/#/@alice:hs.test'],
  ['a link to a room', 'https://matrix.to/#/!abc:hs.test'],
  ['a broken escape', 'https://matrix.to/#/%E0%A4%A'],
  ['names of objects', '__proto__ constructor'],
  ['options only', '-- --__proto__ --x'],
  ['a local address', 'http://127.0.0.1:6379/'],
  ['a script', 'javascript:alert(1)'],
]

/** Everything that the bot said in the chat since its welcome. */
const noticesIn = ({ bridge, chat }: Asking) =>
  bridge.hs
    .timeline(chat)
    .map(({ content }) => content as Readonly<Record<string, unknown>>)
    .filter(({ msgtype }) => msgtype === 'm.notice')
    .slice(1)

describe.each(hostile)('%s', (_what, argument) => {
  test('breaks no command, pings nobody and brings no markup along', async () => {
    const asking = await setUp()
    const { bridge, user, chat } = asking
    const lines = allCommands.map(({ name }) => `${name} ${argument}`)
    for (const line of [...lines, argument, `!${argument}`, `!ap ${argument}`])
      user.send(chat, { msgtype: 'm.text', body: line, 'm.mentions': { room: true } })
    await bridge.settle()
    const notices = noticesIn(asking)
    expect(notices).toHaveLength(lines.length + 3)
    for (const notice of notices) {
      const { body, formatted_body: html, 'm.mentions': mentions } = notice
      expect(mentions).toEqual({})
      expect(String(body).length).toBeLessThan(1_500)
      expect(String(body)).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
      expect(String(body).isWellFormed()).toBe(true)
      expect(String(html).match(/<(?!\/?code>|br>)/g)).toBeNull()
    }
    expect(bridge.outcomes.filter((outcome) => outcome.includes('parked'))).toEqual([])
    expect(bridge.delivered).toEqual([])
    expect(await asking.ask('whoami')).toHaveLength(1)
  })
})

test('hostile HTML of a message is read as words, and bounded', async () => {
  const { bridge, ask } = await setUp()
  const html = [
    '<a href="https://matrix.to/#/%00">',
    `follow <a href="javascript:alert(1)">x</a>`,
    `follow <a href="https://matrix.to/#/@room:hs.test">@room</a>`,
    `${'<a href="x">'.repeat(5_000)}follow`,
    `follow <a href="https://social.test/@nobody">${'y'.repeat(50_000)}</a>`,
    'follow <a href="https://matrix.to/#/@_ap_bob_social.test:hs.test x">z z</a>',
  ]
  for (const one of html) expect(await ask('follow x', one)).toHaveLength(1)
  expect(bridge.delivered).toEqual([])
  expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
})

test('a field of a profile that is only space costs no more than its length', async () => {
  const { ask } = await setUp()
  await ask('register')
  const line = `profile field a${' '.repeat(60_000)}b`
  expect(await cpuTime(() => ask(line))).toBeLessThan(400)
})
