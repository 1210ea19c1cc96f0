import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { toMatrixHtml } from '../../src/translate/html-to-matrix.ts'
import { cpuTime } from '../support/cpu.ts'

type Row = { title: string; html: string; body: string; matrix?: string }
const rows = JSON.parse(
  readFileSync(new URL('../fixtures/html-to-matrix.json', import.meta.url), 'utf8'),
) as Row[]

const bob = { userId: asUserId('@_ap_bob_social.test:example.org'), name: 'Bob\u202e  B' }
const options = {
  pills: new Map([
    ['https://social.test/users/bob', bob],
    ['https://social.test/@bob', bob],
  ]),
  mentions: [
    { actorId: asActorId('https://social.test/users/bob'), name: '@bob@social.test' },
    { actorId: asActorId('https://ap.split.test/dan'), name: '@dan@split.test' },
  ],
}

test.each(rows)('$title', ({ html, body, matrix }) => {
  expect(toMatrixHtml(html, options)).toEqual(
    matrix === undefined ? { body } : { body, html: matrix },
  )
})

test.each([
  ['https://bank.example/login', 'https://evil.example/', 'https://evil.example/'],
  ['https://bank.example\u202e', 'https://evil.example/', 'https://evil.example/'],
  ['www.bank.example', 'https://evil.example/', 'https://evil.example/'],
  ['https://bank.example@evil.example/', 'https://bank.example/', 'https://bank.example/'],
  ['https://bank.example/', 'mailto:eve@evil.example', 'mailto:eve@evil.example'],
  ['https://bank.example/', 'https://www.bank.example/login', 'https://bank.example/'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/1', 'https://bücher.example/'],
  ['the bank', 'https://evil.example/', 'the bank'],
])('a link that says %j and leads to %s says %s', (text, href, shown) => {
  const { html = '' } = toMatrixHtml(`<b>x</b> <a href="${href}">${text}</a>`)
  expect(html).toContain(`<a href="${href}">${shown}</a>`)
})

describe('hostile HTML of a megabyte is read in little time', () => {
  const size = 1_000_000
  const fill = (part: string) => part.repeat(size / part.length)
  test.each([
    ['deep', fill('<div>')],
    ['deep quotes', `${'<blockquote>'.repeat(2000)}${fill('<br>x')}`],
    ['opened here, closed there', '<a>'.repeat(140_000) + '</b>'.repeat(140_000)],
    ['wrongly closed', fill('<i></b>')],
    ['only brackets', fill('<')],
    ['comments', fill('<!--')],
    ['attributes', `<a ${fill('x=1 ')}>`],
    ['references', fill('&amp;')],
    ['white space', `<p>${fill(' ')}&nbsp;x`],
    ['breaks', fill('<br> ')],
    ['lists', `${'<ul><li>'.repeat(60)}${fill('x<br>')}`],
    ['one long link', `<a href="${fill('https://')}">x</a>`],
  ])('%s', (_, html) => {
    const before = process.cpuUsage().user
    const { body, html: matrix = '' } = toMatrixHtml(html)
    // Generous for a busy machine: what grows with the square takes minutes.
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(3000)
    expect(body.length + matrix.length).toBeLessThan(4 * size)
    expect(depthOf(matrix)).toBeLessThanOrEqual(100)
  })
})

test.each([
  ['long names', 'x', `@${'A'.repeat(2_000)}`],
  ['long addresses', 'x'.repeat(1_900), '@x'],
])('many links and as many mentions with %s are told apart in little time', async (_, id, name) => {
  const mentions = Array.from({ length: 100 }, (_one, n) => ({
    actorId: asActorId(`https://social.test/${id}/${n}`),
    name: `${name}${n}`,
  }))
  const html = '<a href="https://other.test/z">@</a> '.repeat(5_000)
  const plain = await cpuTime(() => toMatrixHtml(html))
  const mentioned = await cpuTime(() => toMatrixHtml(html, { mentions }))
  expect(mentioned).toBeLessThan(plain + 400)
})

function depthOf(html: string): number {
  let depth = 0
  let most = 0
  for (const [, end, tag] of html.matchAll(/<(\/?)(\w+)/g)) {
    if (tag === 'br' || tag === 'hr') continue
    depth += end === '/' ? -1 : 1
    most = Math.max(most, depth)
  }
  return most
}
