import { expect, test } from '@jest/globals'
import { toMatrixHtml } from '../../src/translate/html-to-matrix.ts'
import { cpuTime } from '../support/cpu.ts'

const url = 'https://other.example/notes/1'
const link = `<a href="${url}">other.example/notes/1</a>`

const body = (html: string): string => toMatrixHtml(html, { quoted: [url] }).body

test.each([
  ['Mastodon', `<p class="quote-inline">RE: ${link}</p><p>Yes</p>`],
  ['Fedibird', `<p>Yes<span class="quote-inline"><br>QT: ${link}</span></p>`],
  ['Akkoma', `Yes<span class="quote-inline"><br/><br/>RE: ${link}</span>`],
  ['Bonfire', `<p>Yes</p><p class="reference-link-inline">RE: ${link}</p>`],
  ['Misskey', `<p><span>Yes<br><br>RE: </span>${link}</p>`],
  ['text', `<p>Yes</p><p>RE: ${url}</p>`],
  ['text with white space behind', `<p>Yes</p>\n<p>RE: ${url}</p>\n`],
  ['a slash more', `<p>Yes<br>RE: <a href="${url}/">there</a></p>`],
])('the line of %s about what is quoted is left out', (_, html) => {
  expect(body(html)).toBe('Yes')
})

test.each([
  ['a link without the word', `<p>Yes ${link}</p>`, `Yes ${url.slice(8)}`],
  ['a link in the middle', `<p>RE: ${link} is right</p>`, `RE: ${url.slice(8)} is right`],
  [
    'a link elsewhere',
    '<p>RE: <a href="https://a.example/">a</a></p>',
    'RE: a (https://a.example/)',
  ],
  ['words that end like it', `<p>care: ${link}</p>`, `care: ${url.slice(8)}`],
  ['a post of no quote', '<p>RE: you</p>', 'RE: you'],
])('%s stays', (_, html, expected) => {
  expect(body(html)).toBe(expected)
})

test('pictures beside it stay', () => {
  expect(body(`<p>Yes <img alt=":blob:" src="x"><br>RE: ${link}</p>`)).toBe('Yes :blob:')
})

test.each([
  ['one long word', 'a'.repeat(200_000)],
  ['white space', 'RE' + '\u00a0'.repeat(200_000)],
  ['many such words', 'RE: '.repeat(50_000)],
])('%s is looked through once', async (_, text) => {
  const html = `<p>${text} end</p>`
  const plain = await cpuTime(() => toMatrixHtml(html))
  const quoting = await cpuTime(() => body(html))
  expect(quoting).toBeLessThan(2 * plain + 300)
})
