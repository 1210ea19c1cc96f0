import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { readPlainMarkdown } from '../../src/activitypub/plain-markdown.ts'

const usual = new MarkdownIt({ html: false, breaks: true })
const link = '[words](https://a.test/x_y?z=1&w=2)'

/** Paragraphs of words, links and stressed words; the reader of all Markdown is spared. */
const plain = [
  '',
  ' \n\n',
  'words',
  'one\ntwo\r\nthree\rfour',
  'one \ntwo   \n\n\n\nthree\n',
  `${link} and ${link}, ${link}`,
  `**Sponsored by** ${link}\r\n*Directed by* Somebody\r\n**Licence**: ${link}`,
  `**Look! ${link}**\n*a ${link} b*`,
  'Q & A > "quotes" &',
  'snake_case and a__b, https://a.test/x_y/~user',
  '2019 was a year – 😀! (really) {yes} 5% #tag @user@a.test = + - ^ $',
  '½ — „x“ \u00a0 y\u3000z',
  '\ud83d and \udc00',
  '[ two words ](http://a.test)',
]

/** What means something else, or might. */
const others = [
  '# heading',
  '> quotation',
  '- item',
  '+ item',
  '* item',
  '1. item',
  '1) item',
  '***',
  'heading\n===',
  'heading\n---',
  'a|b\n-|-\nc|d',
  'a\n:-:\n',
  '    code',
  '\tcode',
  '\u3000wide',
  'wide\u3000',
  '`code`',
  '```\ncode\n```',
  '~~~\ncode\n~~~',
  '~~gone~~',
  '_stressed_',
  'a_ b',
  '***both***',
  '**open',
  'closed**',
  '*a **b** c*',
  '**a*',
  'a*b*c',
  '*a*b',
  '*a.*,',
  '* a*',
  '*a\nb*',
  '2 * 3',
  'back\\slash',
  '&amp;',
  '&copy',
  'AT&T',
  '<b>',
  '<https://a.test/>',
  '![picture](https://a.test/x)',
  '[name]',
  '[name]: https://a.test/',
  '[a][b]',
  '[a](/b)',
  '[a](https://a.test "title")',
  '[a](https://A.test/)',
  '[a](https://a.test/(b))',
  '[a](<https://a.test>)',
  '[](https://a.test)',
  '[*a*](https://a.test)',
  '[a\nb](https://a.test)',
  'x\0y',
]

describe('Markdown', () => {
  test.each(plain)('%j is read at once, and as by a reader of all Markdown', (text) => {
    expect(readPlainMarkdown(text)).toBe(usual.render(text))
  })

  test.each(others)('%j is left to a reader of all Markdown', (text) => {
    expect(readPlainMarkdown(text)).toBeUndefined()
  })

  test('that is read at once says what a reader of all Markdown says, whatever it is', () => {
    const signs = fc.constantFrom(
      ...Array.from('\\`*_~[]!<>&()#+-.,:;|="\'\t\r\n\0\f\v9Zé—😀\u00a0\u3000\u2028'),
    )
    const stress = fc.constantFrom('*', '**', ' *', ' **', '* ', '** ', '***', ' *a* ', ' **b c**')
    const words = fc.constantFrom('a', 'b c', ' ', '\n', '\n\n', link, 'a_b', '.', '!')
    const pieces = fc.oneof(words, words, stress, signs, fc.string({ maxLength: 3 }))
    let read = 0
    let stressed = 0
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
        const text = all.join('')
        const html = readPlainMarkdown(text)
        if (html === undefined) return
        read += 1
        if (/<(?:em|strong)>/.test(html)) stressed += 1
        expect(html).toBe(usual.render(text))
      }),
      { numRuns: 30_000 },
    )
    // Or it would have proven nothing.
    expect(read).toBeGreaterThan(2_000)
    expect(stressed).toBeGreaterThan(200)
  })
})
