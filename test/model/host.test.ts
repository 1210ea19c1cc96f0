import { expect, test } from '@jest/globals'
import { plainHostOf } from '../../src/model/host.ts'

test.each(['/users/bob#main-key', '', '/', '?x', '#x', '/ü %zz \t @a:b@c'])(
  'a host that is spelt plainly is known without parsing, before "%s"',
  (tail) => {
    for (const scheme of ['https', 'http'])
      expect(plainHostOf(`${scheme}://fedi-1.social.example${tail}`)).toBe('fedi-1.social.example')
  },
)

const starts = ['https://', 'http://', 'HTTPS://', 'https:/', 'https:', ' https://', 'ftp://', '//']
const hosts = [
  ...['a.example', 'A.example', 'a', 'localhost', 'a..example', '.a.example', 'a.example.', '-a.b'],
  ...[
    'a-.b-',
    'a--b.c',
    'xn--a.example',
    'a.xn--a',
    'xn--mnchen-3ya.de',
    'ü.example',
    'a_b.example',
  ],
  ...['1.2.3.4', '1.2.3', '0x7f.1', 'a.1', 'a.0x1', 'a.0xg', '1.a', '127.0.0.1.a', '[::1]', 'a.b1'],
  ...[
    'a%2eb.example',
    'a b.example',
    'a\t.example',
    'user@a.example',
    'u:p@a.example',
    'a.example@',
  ],
  ...[
    'a.example:443',
    'a.example:80',
    'a.example:8443',
    'a.example:',
    'a。example',
    'a\u00AD.example',
  ],
  ...[`${'a'.repeat(64)}.example`, `${'a.'.repeat(200)}example`, '', 'a.example\\@b.example'],
]
const tails = [
  '',
  '/',
  '?',
  '#',
  '/a',
  '\\',
  '\\b',
  '@b.example/',
  ':',
  ' ',
  '\t/',
  '\n',
  '/\n',
  '%00',
]

const letters = 'aB1-.:/@%?#x\\ \tü0n'
let state = 7
const pick = (text: string): string => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return text.charAt((state >>> 8) % text.length)
}
const made = Array.from(
  { length: 20_000 },
  (_, n) => `https://${Array.from({ length: n % 24 }, () => pick(letters)).join('')}`,
)

test('where it is known without parsing, it is what parsing says', () => {
  const known: string[] = []
  const urls = starts.flatMap((start) =>
    hosts.flatMap((host) => tails.map((tail) => `${start}${host}${tail}`)),
  )
  for (const url of [...urls, ...made]) {
    const host = plainHostOf(url)
    if (host === undefined) continue
    known.push(url)
    const { host: parsed, username, password } = new URL(url)
    expect([url, parsed, username, password]).toEqual([url, host, '', ''])
  }
  expect(known.length).toBeGreaterThan(100)
})
