import { expect, test } from '@jest/globals'
import MarkdownIt from 'markdown-it'
import { fromMarkdown } from '../../src/activitypub/markdown.ts'

const usual = new MarkdownIt({ html: false, breaks: true })

const links = [
  'https://example.org/',
  'https://example.org',
  'http://films.example.org/w/abc_1.2~3?start=1m2s&x=%20y',
  'https://films.example.org/w/abc-1?start=1m&end=2',
  'https://example.org:8443/a',
  'https://Example.ORG/A',
  'https://müller.example/straße',
  'https://xn--mller-kva.example/%C3%BC',
  'https://example.org/a%zz',
  'https://example.org/#part',
  'https://user:pw@example.org/a',
  'https://example.org//a/../b/./c',
  'https://a_b.example/',
  'https://-.example/',
  'https://1.2.3.4/a',
  'https://example.org/<b>',
  'https://example.org/"onload=',
  'javascript:alert(1)',
  'mailto:a@example.org',
]

test.each(links)('a link to %s is written as by the reader itself', (link) => {
  for (const text of [`[words](${link})`, `<${link}>`, `![picture](${link} "title")`])
    expect(fromMarkdown(text)).toBe(usual.render(text))
})

test('HTML in it is text', () => {
  expect(fromMarkdown('<b>x</b>')).toBe('<p>&lt;b&gt;x&lt;/b&gt;</p>\n')
})
