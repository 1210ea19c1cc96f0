import { describe, expect, test } from '@jest/globals'
import type { RemoteActor } from '../../src/model/actor.ts'
import { aboutAccount, firstLineOf, marksOf } from '../../src/translate/about-account.ts'
import { remoteOf } from './people.ts'

const account = (more: Partial<RemoteActor>): RemoteActor => ({ ...remoteOf('bob'), ...more })
const bridge = { publicUrl: 'https://fedi.here.example' }
const end =
  ' on the fediverse by Footbridge at fedi.here.example (https://fedi.here.example/). Its owner ends that by writing "stop" to @fedi.here.example@fedi.here.example, or with #nobridge in their profile.'
const endHtml =
  ' on the fediverse by <a href="https://fedi.here.example/">Footbridge at fedi.here.example</a>. Its owner ends that by writing "stop" to @fedi.here.example@fedi.here.example, or with #nobridge in their profile.</p>'
const fields = [
  { name: 'Site', value: '<a href="https://b.test" rel="me"><span>b.test</span></a>' },
  { name: 'Empty', value: '<p></p>' },
  { name: '<b>\u202eOdd', value: '<p>one</p><p>two <script>x</script></p>' },
]

describe('what the profile of a ghost says', () => {
  test('is the text of the account, its table and its marks', () => {
    const summary = '<p>I am &quot;Bob&quot;.</p><p>Hi</p>'
    const details = { fields, isLocked: true }
    expect(aboutAccount(account({ summary, details, kind: 'Service' }), bridge)).toEqual({
      body: `I am "Bob".\n\nHi\n\nSite: b.test\n<b>Odd: one two\n\n🤖 automated · 🔒 approves its followers\n\n🌉 Bridged from @bob@social.test${end}`,
      html: `<p>I am "Bob".</p><p>Hi</p><p><strong>Site</strong>: <a href="https://b.test">b.test</a><br><strong>&lt;b&gt;Odd</strong>: one two  </p><p>🤖 automated · 🔒 approves its followers</p><p>🌉 Bridged from <a href="https://social.test/@bob">@bob@social.test</a>${endHtml}`,
    })
  })

  test('is where it is from, where it says nothing', () => {
    expect(aboutAccount(account({}), bridge).body).toBe(`🌉 Bridged from @bob@social.test${end}`)
    expect(marksOf(account({ details: { fields: [], isLocked: false } }))).toEqual([])
  })

  test('has an end', () => {
    const value = '<p>word</p>'.repeat(1_000)
    const many = Array.from({ length: 20 }, (_, n) => ({ name: `${n}`.repeat(300), value }))
    const summary = 'word '.repeat(5_000)
    const { body, html = '' } = aboutAccount(
      account({ summary, details: { fields: many, isLocked: false } }),
      bridge,
    )
    expect(Buffer.byteLength(body + html)).toBeLessThan(60_000)
  })
})

test.each<[string | undefined, string]>([
  [undefined, ''],
  ['<p>Fish &amp; chips<br>more</p>', 'Fish & chips'],
  ['<p></p><p><b>First</b> line</p><p>Second</p>', 'First line'],
  ['x'.repeat(300), `${'x'.repeat(149)}…`],
])('the first line of %j is %j', (summary, line) => {
  expect(firstLineOf(account(summary === undefined ? {} : { summary }))).toBe(line)
})
