import { describe, expect, test } from '@jest/globals'
import { fileName, isFileName } from '../../src/translate/file-name.ts'

describe('a file is called', () => {
  const host = 'https://social.test'
  const rows: readonly [string, string, string | undefined, string, string][] = [
    ['by its address', '/media/cat.png?size=1#x', undefined, 'image/png', 'cat.png'],
    ['with an extension that fits', '/media/cat.jpeg', undefined, 'image/jpeg', 'cat.jpeg'],
    ['by what it is, not by what it pretends', '/cat.png', undefined, 'video/mp4', 'cat.png.mp4'],
    ['with an extension where it has none', '/media/7f3a', undefined, 'image/webp', '7f3a.webp'],
    ['in its own letters', '/K%C3%A4se%20%26.png', undefined, 'image/png', 'Käse &.png'],
    [
      'without what file systems refuse',
      '/a%2Fb%3Ac.pdf',
      undefined,
      'application/pdf',
      'a_b_c.pdf',
    ],
    [
      'as its author calls it',
      '/7f3a',
      'Minutes of May.docx',
      'application/zip',
      'Minutes of May.docx',
    ],
    ['not by a description', '/7f3a', 'A cat. It sleeps', 'image/png', '7f3a.png'],
    ['something', '/', undefined, 'application/octet-stream', 'file'],
    ['as it stands where the address is broken', '/%E0%A4%A', undefined, 'text/plain', '%E0%A4%A'],
    [
      'no longer than file systems take',
      `/${'x'.repeat(300)}.png`,
      undefined,
      'image/png',
      `${'x'.repeat(119)}….png`,
    ],
  ]
  test.each(rows)('%s', (...[, path, name, mediaType, expected]) => {
    const file = { url: host + path, ...(name === undefined ? {} : { name }) }
    expect(fileName(file, mediaType)).toBe(expected)
  })
})

test.each<[string, boolean]>([
  ['IMG_2031.jpg', true],
  ['my holiday in 2024.mp4', true],
  ['A cat', false],
  ['We meet at 5.30', false],
  ['a.b', false],
  ['The bridge of which I wrote yesterday in my.blog', false],
  ['folder/cat.png', false],
])('%s is the name of a file: %s', (text, expected) => {
  expect(isFileName(text)).toBe(expected)
})
