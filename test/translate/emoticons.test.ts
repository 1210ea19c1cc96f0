import { describe, expect, test } from '@jest/globals'
import { emoticonsIn, moveEmoticons, withEmoticons } from '../../src/translate/emoticons.ts'
import { toMatrixTree } from '../../src/translate/html-to-matrix.ts'
import { renderHtml } from '../../src/translate/html-tree.ts'
import { toPlainText } from '../../src/translate/plain-text.ts'

const blob = { shortcode: 'blob', url: 'https://a.test/blob.png' }
const cat = { shortcode: 'blob_cat', url: 'https://a.test/cat.png?a=1&b="2"' }
const odd = { shortcode: '++|(猫', url: 'https://a.test/odd.png' }

const img = (name: string, src: string) =>
  `<img data-mx-emoticon="" src="${src}" alt=":${name}:" title=":${name}:" height="32">`
const blobImg = img('blob', blob.url)

const shown = (html: string, emojis = [blob, cat, odd]) => {
  const tree = withEmoticons(toMatrixTree(html), emojis)
  return { body: toPlainText(tree), html: renderHtml(tree) }
}

describe('names of custom emoji in a text', () => {
  test.each<[string, string, string]>([
    ['become pictures', 'a :blob: b', `a ${blobImg} b`],
    ['in any number, side by side', ':blob::blob:', blobImg + blobImg],
    ['wherever they stand', '<p><b>x:blob:</b></p>', `<p><b>x${blobImg}</b></p>`],
    [
      'are whole ones',
      ':blob_cat: :blo: :blobs: blob:',
      `${img('blob_cat', 'https://a.test/cat.png?a=1&amp;b=&quot;2&quot;')} :blo: :blobs: blob:`,
    ],
    ['may look like patterns', ':++|(猫:', img('++|(猫', odd.url)],
    [
      'stay in code',
      '<code>:blob:</code><pre>:blob:</pre>',
      '<code>:blob:</code><pre>:blob:</pre>',
    ],
    [
      'stay in addresses and handles',
      '<a href="https://a.test/:blob:80">https://a.test/:blob:</a> <a href="https://a.test/@b">@:blob:</a>',
      '<a href="https://a.test/:blob:80">https://a.test/:blob:</a> <a href="https://a.test/@b">@:blob:</a>',
    ],
    [
      'show in the words of a link',
      '<a href="https://a.test/">a :blob:</a>',
      `<a href="https://a.test/">a ${blobImg}</a>`,
    ],
    ['were pictures of the post perhaps', '<img src="https://a.test/x" alt=":blob:">', blobImg],
  ])('%s', (_, html, expected) => {
    expect(shown(html).html).toBe(expected)
  })

  test('stand as names where nothing shows pictures', () => {
    expect(shown('<p>a :blob:</p><ul><li>:blob_cat: b</li></ul>').body).toBe(
      'a :blob:\n\n• :blob_cat: b',
    )
  })

  test('may be images of the text, which count', () => {
    const image = (name: string, src: string) => `<img class="emoji" src="${src}" alt="${name}">`
    const read = (html: string) =>
      renderHtml(withEmoticons(toMatrixTree(html, { hasEmoticons: true }), [cat]))
    expect(read(`${image(':blob:', blob.url)} x`)).toBe(`${blobImg} x`)
    expect(read(image(':blob:', 'data:x') + image(':a b:', blob.url))).toBe(
      ':blob:<a href="https://a.test/blob.png">[image: :a b:]</a>',
    )
    expect(read(image(':blob:', blob.url).repeat(60))).toBe(
      blobImg.repeat(50) + ':blob:'.repeat(10),
    )
  })

  test('are pictures up to a number, and with addresses up to a length', () => {
    expect(shown(':blob:'.repeat(80)).html).toBe(blobImg.repeat(50) + ':blob:'.repeat(30))
    const long = { shortcode: 'long', url: `https://a.test/${'x'.repeat(500)}` }
    expect(shown(':long:', [long]).html).toBe(':long:')
  })
})

describe('pictures that were brought elsewhere', () => {
  const { html } = shown('<p>:blob: and :blob_cat: and :blob:</p>')

  test('are known by the HTML', () => {
    expect(emoticonsIn(html)).toEqual([blob, cat])
    expect(emoticonsIn('<p>data-mx-emoticon :blob:</p>')).toEqual([])
  })

  test('are shown from there, or named', () => {
    const moved = moveEmoticons(html, [cat, blob], ({ shortcode }) =>
      shortcode === 'blob' ? 'mxc://hs.test/$&' : undefined,
    )
    const there = img('blob', 'mxc://hs.test/$&amp;')
    expect(moved).toBe(`<p>${there} and :blob_cat: and ${there}</p>`)
  })
})
