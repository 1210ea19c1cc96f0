import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import sanitizeHtml from 'sanitize-html'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { emoticonsIn, moveEmoticons, withEmoticons } from '../../src/translate/emoticons.ts'
import { toMatrixHtml, toMatrixTree } from '../../src/translate/html-to-matrix.ts'
import { renderHtml } from '../../src/translate/html-tree.ts'

/** The suggested set of the client-server API, less `font` and images: those we never write. */
const matrixSubset = {
  allowedTags: (
    'del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div ' +
    'table thead tbody tr th td caption pre span details summary'
  ).split(' '),
  allowedAttributes: {
    a: ['href'],
    ol: ['start'],
    span: ['data-mx-spoiler', 'data-mx-maths'],
    div: ['data-mx-maths'],
    code: ['class'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
}
const withPictures = {
  ...matrixSubset,
  allowedTags: [...matrixSubset.allowedTags, 'img'],
  allowedAttributes: {
    ...matrixSubset.allowedAttributes,
    img: ['data-mx-emoticon', 'src', 'alt', 'title', 'height'],
  },
  allowedSchemesByTag: { img: ['mxc'] },
}
const fediverseSubset = {
  allowedTags: 'p br span a del pre code em strong b i u ul ol li blockquote'.split(' '),
  allowedAttributes: { a: ['href', 'class', 'rel'], span: ['class'], ol: ['start'] },
  allowedSchemes: ['http', 'https'],
}

/** What a sanitiser leaves of it: the same, when it is inside the subset. */
const within = (html: string, subset: sanitizeHtml.IOptions): string =>
  sanitizeHtml(html, subset)
    .replace(/<(br|hr|img[^>]*) \/>/g, '<$1>')
    .replaceAll('data-mx-emoticon src', 'data-mx-emoticon="" src')

const word = fc.constantFrom('hello', 'wörld', 'a&b', '<', '"', "it's", '漢字', '😀', '1.', '\n')
const url = fc.constantFrom(
  'https://a.test/x',
  'https://a.test/?a=1&b="2"',
  'javascript:alert(1)',
  'mailto:a@b.test',
  'https://matrix.to/#/@bob:example.org',
  'data:text/html,x',
  '',
)
const tag = fc.constantFrom(
  ...(
    'p div b i em strong u s del code pre blockquote ul ol li h1 h3 table tr td th caption ' +
    'details summary span ruby rt q figure section script style mx-reply font math annotation'
  ).split(' '),
)
const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

const { html } = fc.letrec<{ html: string; node: string }>((tie) => ({
  html: fc.array(tie('node'), { maxLength: 5 }).map((nodes) => nodes.join('')),
  node: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => escape(words.join(' '))),
    fc.constantFrom(
      '<br>',
      '<hr>',
      '<img src="https://a.test/i" alt="x">',
      '<img src="https://a.test/i" alt=":x:">',
      '</p>',
      '<p',
      '&',
      ' ',
    ),
    fc.tuple(tag, tie('html')).map(([name, inner]) => `<${name} class="x y">${inner}</${name}>`),
    fc.tuple(url, tie('html')).map(([href, inner]) => `<a href='${href}'>${inner}</a>`),
  ),
}))
const anyHtml = fc.oneof({ weight: 4, arbitrary: html }, fc.string({ unit: 'binary' }))
const runs = { numRuns: 2000 }

// A red run must be red again: other seeds are for long runs by hand.
fc.configureGlobal({ seed: 20_260_803 })

describe('fediverse HTML in Matrix', () => {
  test('is always inside the subset', () => {
    fc.assert(
      fc.property(anyHtml, (input) => {
        const output = toMatrixHtml(input).html ?? ''
        expect(within(output, matrixSubset)).toBe(output)
      }),
      runs,
    )
  })

  test('is inside the subset with pictures of the homeserver in it', () => {
    const emojis = ['hello', 'a&b', '"', '漢字'].map((shortcode) => ({
      shortcode,
      url: `https://a.test/${shortcode}`,
    }))
    fc.assert(
      fc.property(anyHtml, fc.constantFrom('mxc://hs.test/a', undefined), (input, address) => {
        const named = input.replace(/hello|漢字/g, ':$&:')
        const html = renderHtml(withEmoticons(toMatrixTree(named, { hasEmoticons: true }), emojis))
        const output = moveEmoticons(html, emoticonsIn(html), () => address)
        expect(within(output, withPictures)).toBe(output)
        expect(output.includes('<img')).toBe(html.includes('<img') && address !== undefined)
      }),
      runs,
    )
  })

  test('does not change when it is read again', () => {
    fc.assert(
      fc.property(anyHtml, (input) => {
        const once = toMatrixHtml(input)
        if (once.html !== undefined) expect(toMatrixHtml(once.html)).toEqual(once)
      }),
      runs,
    )
  })
})

describe('Matrix HTML on the fediverse', () => {
  test('is always inside the whitelist, and never empty where there are words', () => {
    fc.assert(
      fc.property(anyHtml, fc.string({ unit: 'grapheme' }), (input, body) => {
        const output = toFediverseHtml({ body, html: input }).html
        expect(within(output, fediverseSubset)).toBe(output)
        expect(output !== '' || !/[\p{L}\p{N}]/u.test(body)).toBe(true)
      }),
      runs,
    )
  })

  test('is the same when it is read again', () => {
    fc.assert(
      fc.property(html, (input) => {
        const once = toFediverseHtml({ body: '', html: input }).html
        expect(toFediverseHtml({ body: '', html: once }).html).toBe(once)
      }),
      runs,
    )
  })
})

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? []
const proseWord = fc.constantFrom(
  'hello',
  'wörld',
  'a&b',
  '<b>',
  '@bob',
  '#tag',
  'x_y',
  '漢字',
  'z.',
)
const prose = fc
  .array(fc.oneof(proseWord, fc.webUrl(), fc.constantFrom('\n', '\n\n', '*', '>')), {
    minLength: 1,
  })
  .map((parts) => parts.join(' '))

describe('words that go to the fediverse and come back', () => {
  test('of plain text are the same words in the same order', () => {
    fc.assert(
      fc.property(prose, (body) => {
        const there = toFediverseHtml({
          body,
          hashtagUrl: (name) => `https://fedi.test/tags/${encodeURIComponent(name)}`,
        })
        expect(wordsOf(toMatrixHtml(there.html).body)).toEqual(wordsOf(body))
      }),
      runs,
    )
  })

  test('of formatted text are the same words in the same order', () => {
    const plainTags = ['p', 'b', 'em', 'ul', 'li', 'blockquote', 'h2', 'pre', 'code', 'div', 'del']
    const { doc } = fc.letrec<{ doc: string; node: string }>((tie) => ({
      doc: fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join(' ')),
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('hello', 'wörld', 'a&amp;b', '漢字', 'https://a.test/x'),
        fc
          .tuple(fc.constantFrom(...plainTags), tie('doc'))
          .map(([name, inner]) => `<${name}>${inner}</${name}>`),
      ),
    }))
    fc.assert(
      fc.property(doc, (input) => {
        const there = toFediverseHtml({ body: '', html: input }).html
        expect(wordsOf(toMatrixHtml(there).body)).toEqual(wordsOf(toMatrixHtml(input).body))
      }),
      runs,
    )
  })
})
