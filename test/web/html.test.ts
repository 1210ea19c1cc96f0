import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { cleanHtml, plainText, withEmojis } from '../../src/web/pages/clean-html.ts'
import { html, toText, webLink } from '../../src/web/pages/html.ts'

const publicUrl = 'https://fedi.hs.test'

test('what is put into a template is escaped, templates in templates are not', () => {
  const inner = html`<b>${'<i>'}</b>`
  const part = html`<p title="${`"'&`}">${inner}${[inner, 'a & b', 7]}${undefined}${false}</p>`
  expect(toText(part)).toBe(
    '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>a &amp; b7</p>',
  )
})

test('what only looks like markup that is safe is not', () => {
  const forged = JSON.parse('{"markup":"<b>","text":"<b>"}') as never
  expect(() => toText(html`${forged}`)).toThrow(TypeError)
})

test('what no document may hold is left out', () => {
  expect(toText(html`${'a\0b\x08c\ud800d\uffffe\nf'}`)).toBe('abc\ufffdde\nf')
})

test.each([
  ['https://a.example/x?y=1', 'https://a.example/x?y=1'],
  ['javascript:alert(1)', undefined],
  [' java\nscript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['/relative', undefined],
  [undefined, undefined],
])('a link to %s leads to %s', (url, expected) => {
  expect(webLink(url)).toBe(expected)
})

/** An attribute without quotes would end at the first space of what is put in. */
test('every attribute that a template fills stands in double quotes', () => {
  const folder = new URL('../../src/web/pages/', import.meta.url)
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const filled = sources.flatMap((source) => source.match(/\s[\w-]+=["']?\$\{/g) ?? [])
  expect(filled.length).toBeGreaterThan(30)
  expect(filled.filter((one) => !one.includes('"'))).toEqual([])
})

const emojis = [
  { shortcode: 'cat', url: `${publicUrl}/media/cat` },
  { shortcode: 'far', url: 'https://elsewhere.example/spy.png' },
  { shortcode: 'evil', url: `${publicUrl}/"><script>x</script>` },
]
const clean = (source: string) => toText(cleanHtml(source, { publicUrl, emojis }))

test.each<[string, string]>([
  ['<p>one <em>two</em><br>three</p>', '<p>one <em>two</em><br />three</p>'],
  ['<script>alert(1)</script>x', 'x'],
  ['<img src=x onerror=alert(1)>', ''],
  ['<p onclick="x" style="color:red" id="content">y</p>', '<p>y</p>'],
  ['<iframe src="https://x"></iframe><svg><script>1</script></svg>', ''],
  ['<a href="javascript:alert(1)">x</a>', '<a rel="nofollow noopener ugc">x</a>'],
  ['<a href="//evil.example">x</a>', '<a rel="nofollow noopener ugc">x</a>'],
  [
    '<a href="https://me.example/" rel="me opener" target="_blank">x</a>',
    '<a href="https://me.example/" rel="me nofollow noopener ugc">x</a>',
  ],
  ['<form action="https://evil.example"><input name="account"></form>z', 'z'],
  ['<p class="card problem">x</p>', '<p>x</p>'],
  ['<style>body{display:none}</style><p>x</p>', '<p>x</p>'],
  ['<p>&lt;script&gt;</p>', '<p>&lt;script&gt;</p>'],
  ['<code>:cat:</code> :far: :nobody:', '<code>:cat:</code> :far: :nobody:'],
])('%s becomes %s', (source, expected) => {
  expect(clean(source)).toBe(expected)
})

test('a custom emoji of ours is a picture, and its address is no markup', () => {
  expect(clean('<p>a :cat:</p>').replace(/\s+/g, ' ')).toContain(
    `<img class="emoji" src="${publicUrl}/media/cat" alt=":cat:"`,
  )
  expect(clean(':evil:')).not.toContain('<script')
  expect(toText(withEmojis('<b>:cat:', { publicUrl, emojis }))).toMatch(/^&lt;b&gt;<img\s/)
})

test('words alone are words, however they were written', () => {
  expect(plainText('<p>a &lt;b&gt; &amp;amp;</p><p>c<br>d</p><script>x</script>', 99)).toBe(
    'a <b> &amp; c d',
  )
  expect(plainText('<p>one two three</p>', 8)).toBe('one two…')
})
