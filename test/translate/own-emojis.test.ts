import { describe, expect, test } from '@jest/globals'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { findEmojis, nameEmojis, plainShortcode } from '../../src/translate/own-emojis.ts'

const emoji = (shortcode: string) => ({ shortcode, url: `https://us.test/media/${shortcode}` })
const known = new Map([
  ['mxc://us.test/blob', emoji('blob_2')],
  ['mxc://us.test/cat', emoji('cat')],
  [':blob:', emoji('blob_2')],
])

const img = (id: string, more = 'data-mx-emoticon') =>
  `<img ${more} src="mxc://us.test/${id}" alt=":${id}:" title=":${id}:" height="32">`

describe('custom emoji of a message', () => {
  test.each<[string, string, readonly string[], readonly string[]]>([
    ['are images that say so', img('blob'), ['blob'], []],
    ['or that have such a name', img('blob', ''), ['blob'], []],
    ['each once', img('blob') + img('cat') + img('blob'), ['blob', 'cat'], []],
    ['not of the web', '<img data-mx-emoticon src="https://a.test/b" alt=":b:">', [], []],
    ['not of an odd address', '<img data-mx-emoticon src="mxc://us.test/../b" alt=":b:">', [], []],
    ['and no other images', '<img src="mxc://us.test/a" alt="A cat">', [], []],
    ['may be names in the text', 'a :blob: :b::c: 12:30:45', [], ['blob', 'b', 'c']],
    ['but not in code', `<code>:blob:${img('cat')}</code><pre>:blob:</pre>`, [], []],
  ])('%s', (...[, html, pictures, names]) => {
    const found = findEmojis({ body: '', html })
    expect(found.pictures.map(({ shortcode }) => shortcode)).toEqual(pictures)
    expect(found.names).toEqual(names)
  })

  test('without a name have none, and are found up to a number', () => {
    const html = '<img data-mx-emoticon src="mxc://us.test/blob">'
    expect(findEmojis({ body: '', html }).pictures).toEqual([
      { mxc: 'mxc://us.test/blob', shortcode: '' },
    ])
    const many = Array.from({ length: 200 }, (_, index) => `:e${index}: ${img(`p${index}`)}`)
    const { pictures, names } = findEmojis({ body: '', html: many.join(' ') })
    expect([pictures.length, names.length]).toEqual([50, 50])
  })
})

describe('on the fediverse', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['images are names', `a ${img('cat')} b`, '<p>a :cat: b</p>', ['cat']],
    ['names are those that they have there', 'a :blob: b', '<p>a :blob_2: b</p>', ['blob_2']],
    [
      'nothing touches a name',
      `a${img('cat')}${img('blob')}b`,
      '<p>a\u200B:cat:\u200B:blob_2:\u200Bb</p>',
      ['cat', 'blob_2'],
    ],
    ['code stays as it is', '<code>:blob:</code>', '<p><code>:blob:</code></p>', []],
    ['what nobody knows stays as it is', `:c: ${img('c')}`, '<p>:c: :c:</p>', []],
    [
      'links have names too',
      `<a href="https://a.test/">x ${img('cat')}</a>`,
      '<p><a href="https://a.test/">x :cat:</a></p>',
      ['cat'],
    ],
    ['of a message that is one there is one', img('cat'), '<p>:cat:</p>', ['cat']],
  ])('%s', (...[, html, content, used]) => {
    const rendered = toFediverseHtml({ body: 'x', html, emojis: known })
    expect(rendered.html).toBe(content)
    expect(rendered.emojis.map(({ shortcode }) => shortcode)).toEqual(used)
  })

  test('names of plain text are whole ones, from left to right', () => {
    expect(nameEmojis(':blob:blob: x:blob: :blob::blob: blob:', known)).toEqual({
      text: ':blob_2:blob: x:blob: :blob_2:\u200B:blob_2: blob:',
      emojis: [emoji('blob_2')],
    })
    expect(nameEmojis('12:30', known)).toEqual({ text: '12:30', emojis: [] })
  })
})

test.each<[string, string | undefined]>([
  ['blob_cat2', 'blob_cat2'],
  ['blob-cat', 'blob_cat'],
  ['Ünïcode+', 'U_ni_code'],
  ['猫', undefined],
  ['a', undefined],
  ['', undefined],
  ['x'.repeat(200), 'x'.repeat(50)],
])('the name %s is %s everywhere', (name, plain) => {
  expect(plainShortcode(name)).toBe(plain)
})
