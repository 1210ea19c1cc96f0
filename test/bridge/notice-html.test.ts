import { expect, test } from '@jest/globals'
import { noticeHtml } from '../../src/bridge/notice-html.ts'

test.each([
  ['Nothing to format, not even <b> or *.', undefined],
  ['Type `help <command>`.', 'Type <code>help &lt;command&gt;</code>.'],
  ['One line.\nAnother, by A & B.', 'One line.<br>Another, by A &amp; B.'],
  ['A name with ` alone.', 'A name with ` alone.'],
])('%j', (text, html) => {
  expect(noticeHtml(text)).toBe(html)
})
