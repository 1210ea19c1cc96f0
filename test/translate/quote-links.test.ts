import { describe, expect, test } from '@jest/globals'
import { loneAddresses, withoutAddress } from '../../src/translate/quote-links.ts'

const page = 'https://social.example/@bob/1'
const event = 'https://matrix.to/#/!room:us.example/$event?via=us.example'
const text = (body: string, html?: string) => ({
  body,
  mentions: [],
  ...(html === undefined ? {} : { html }),
})

describe('an address on a line of its own', () => {
  test.each([
    ['a page', text(`Look\n${page}`), [page]],
    ['a page, and nothing else', text(page), [page]],
    ['an event', text(`${event}\nLook`), [event]],
    ['a matrix: URI', text('matrix:roomid/room:us.example/e/event?via=us.example'), undefined],
    ['a matrix: URI by alias', text('Look\n\nmatrix:r/room:us.example/event/event'), undefined],
    ['two', text(`${page}\n${event}`), [page, event]],
    ['a link in HTML', text('x', `Look<br><a href="${page}">${page}</a>`), [page]],
    ['a pill of an event', text('x', `<p>Look</p><p><a href="${event}">Message</a></p>`), [event]],
  ])('%s', (_, given, expected) => {
    expect(loneAddresses(given)).toEqual(expected ?? [given.body.split('\n').at(-1)])
  })

  test.each([
    ['in a sentence', text(`Look at ${page}`)],
    ['under other words', text('x', `<a href="${page}">this</a>`)],
    ['in a quote', text('x', `<blockquote><a href="${page}">${page}</a></blockquote>`)],
    ['of a room', text('https://matrix.to/#/!room:us.example').body],
    ['that is a word', text('matrix:r/room').body],
  ])('is none %s', (_, given) => {
    const one = typeof given === 'string' ? text(`x ${given}`) : given
    expect(loneAddresses(one)).toEqual([])
  })
})

describe('a message without it', () => {
  test.each([
    ['text', text(`Look\n${page}`), text('Look')],
    ['nothing else', text(page), text('')],
    [
      'HTML',
      text(`Look\n${page}`, `<b>Look</b><br><a href="${page}">${page}</a>`),
      text('Look', '<b>Look</b>'),
    ],
    [
      'paragraphs',
      text(`a\n\n${page}\n\nb`, `<p>a</p><p><a href="${page}">${page}</a></p><p>b</p>`),
      text('a\n\nb', '<p>a</p><p>b</p>'),
    ],
  ])('%s', (_, given, expected) => {
    expect(withoutAddress(given, page)).toEqual(expected)
  })
})
