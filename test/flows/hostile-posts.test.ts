import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account, PostOptions } from '../fakes/fediverse-account.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dangersInMessage } from '../support/dangers.ts'
import { bot, createFlow, type Flow, type Line } from './setup.ts'

const patience = 60_000

let flow: Flow
let alice: FakeUser
let bob: Account
let room: RoomId

beforeAll(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  room = await flow.follow(alice, bob)
}, patience)
afterAll(() => flow.close())

/** Files stand under names of the homeserver's own; nobody else knows one before it is there. */
const isOurs = (mxc: string): boolean => /^mxc:\/\/hs\.test\//.test(mxc) && !mxc.includes('evil')

/** What one thing that bob says brings into the room. */
async function shown(post: PostOptions): Promise<readonly Line[]> {
  const before = flow.messages(room).length
  await flow.tell(bob.post(post))
  await flow.minutes(1)
  return flow.messages(room).slice(before)
}

const dangers = (lines: readonly Line[]) =>
  lines.flatMap(({ type, content }) =>
    dangersInMessage(content, isOurs, !/end$|reaction$/.test(type)),
  )

const html: readonly (readonly [what: string, content: string])[] = [
  ['a script', 'x<script>alert(1)</script>'],
  ['a script that is not closed', 'x<script src=https://evil.test/x.js>'],
  ['half a tag', 'x<img src=x onerror=alert(1)//'],
  ['a nested script', 'x<scr<script>ipt>alert(1)</scr</script>ipt>'],
  ['a handler', '<b onclick="alert(1)">x</b>'],
  ['a handler of an image', 'x<img src="https://evil.test/x.png" onerror="alert(1)">'],
  ['a link that runs', '<a href="javascript:alert(1)">x</a>'],
  ['a link that runs, in disguise', '<a href="java&#9;script:alert(1)">x</a>'],
  ['a link that runs, in capitals', '<a href=" JaVaScRiPt:alert(1)">x</a>'],
  ['a link of data', '<a href="data:text/html,<script>alert(1)</script>">x</a>'],
  ['a link of VBScript', '<a href="vbscript:msgbox(1)">x</a>'],
  ['a link of files', '<a href="file:///etc/passwd">x</a>'],
  ['a link without scheme', '<a href="//evil.test/">x</a>'],
  ['a link of the homeserver', '<a href="/_matrix/client/v3/logout">x</a>'],
  ['a link to a user', '<a href="matrix:u/alice:hs.test?action=chat">x</a>'],
  ['a link to a room', '<a href="matrix:roomid/x:evil.test?action=join&amp;via=evil.test">x</a>'],
  ['a link to media', '<a href="mxc://evil.test/a">x</a>'],
  ['media as an image', 'x<img src="mxc://evil.test/a">'],
  [
    'media as an emoticon',
    'x<img data-mx-emoticon src="mxc://hs.test/evil" alt=":a:" title=":a:">',
  ],
  ['a remote image', 'x<img src="https://evil.test/pixel.gif" width="1" height="1">'],
  [
    'a remote emoticon',
    'x<img data-mx-emoticon src="https://evil.test/p.gif" alt=":a:" height=32>',
  ],
  [
    'an emoticon like ours',
    'x<img data-mx-emoticon="" src="https://evil.test/p.gif" alt=":a:" title=":a:" height="32">',
  ],
  [
    'our emoticon as text',
    '&lt;img data-mx-emoticon="" src="https://evil.test/p.gif" alt=":a:" title=":a:" height="32"&gt;',
  ],
  [
    'a set of images',
    'x<img srcset="https://evil.test/1.png 1x"><picture><source srcset="https://evil.test/2.png"></picture>',
  ],
  [
    'films and sounds',
    'x<video src="https://evil.test/v.mp4" autoplay poster="https://evil.test/p.png"></video><audio src="https://evil.test/a.mp3" autoplay></audio>',
  ],
  [
    'a page inside',
    'x<iframe src="https://evil.test/" srcdoc="<script>alert(1)</script>"></iframe>',
  ],
  [
    'an object',
    'x<object data="https://evil.test/x.swf"></object><embed src="https://evil.test/x">',
  ],
  [
    'a drawing',
    'x<svg onload="alert(1)"><script>alert(1)</script><image href="https://evil.test/x"/></svg>',
  ],
  [
    'a formula that runs',
    'x<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  ],
  ['a formula with a link', 'x<math href="javascript:alert(1)"><mi>y</mi></math>'],
  [
    'TeX with markup',
    'x<math><semantics><mi>y</mi><annotation encoding="application/x-tex">"&gt;&lt;img src=x onerror=alert(1)&gt;</annotation></semantics></math>',
  ],
  [
    'styles',
    'x<style>@import "https://evil.test/x.css"</style><p style="background:url(https://evil.test/x)">y</p>',
  ],
  ['a style that covers all', '<div style="position:fixed;inset:0;z-index:9999">x</div>'],
  [
    'colours',
    '<font color="#ff0000">x</font><span data-mx-color="#fff" data-mx-bg-color="#fff">y</span>',
  ],
  [
    'a form',
    'x<form action="https://evil.test/"><input name="password" autofocus><button>y</button></form>',
  ],
  ['a base', 'x<base href="https://evil.test/"><a href="y">z</a>'],
  ['a refresh', 'x<meta http-equiv="refresh" content="0;url=https://evil.test/">'],
  ['a template', 'x<template><script>alert(1)</script></template><noscript><img src=x></noscript>'],
  ['a comment', 'x<!--><img src=x onerror=alert(1)>-->'],
  ['a conditional comment', 'x<!--[if IE]><script>alert(1)</script><![endif]-->'],
  ['CDATA', 'x<![CDATA[<script>alert(1)</script>]]>'],
  ['an instruction', 'x<?xml version="1.0"?><?php echo 1 ?>'],
  [
    'a reply that was never given',
    '<mx-reply><blockquote><a href="https://matrix.to/#/@alice:hs.test">alice</a> yes</blockquote></mx-reply>x',
  ],
  [
    'ids and names of our own',
    '<p id="mx_app" name="x" class="mx_EventTile" data-mx-spoiler="">x</p>',
  ],
  [
    'classes of a client',
    '<code class="language-js mx_Evil">x</code><code class="language-&quot;&gt;&lt;b&gt;">y</code>',
  ],
  ['attributes that break out', '<a href="https://a.test/&quot; onmouseover=&quot;alert(1)">x</a>'],
  ['a link in a link', '<a href="https://a.test/"><a href="javascript:alert(1)">x</a></a>'],
  ['a list that starts strangely', '<ol start="1&quot; onload=&quot;x"><li>x</li></ol>'],
  ['elements nobody knows', '<x-evil onfoo=1>x</x-evil><portal src="https://evil.test/"></portal>'],
  ['a frame of slots', 'x<slot name="y"></slot><dialog open>z</dialog>'],
  ['the whole room', '@room come here'],
  ['the whole room as a link', '<a href="https://evil.test/@room" class="u-url mention">@room</a>'],
  [
    'a user of ours',
    '@alice:hs.test hello alice <a href="https://matrix.to/#/@alice:hs.test">@alice</a>',
  ],
  ['the bot', '<a href="https://matrix.to/#/@footbridge:hs.test">Footbridge</a> says so'],
  ['text that turns around', 'x\u202e<a href="https://evil.test/">moc.knab</a>\u2066'],
  ['control characters', 'x\u0000\u0007\u001b[31m<b\u0000 onclick=alert(1)>y</b>'],
]

test.each(html)(
  'in a text: %s',
  async (_, content) => {
    const lines = await shown({ content })
    expect(lines.length).toBeGreaterThan(0)
    expect(dangers(lines)).toEqual([])
  },
  patience,
)

const evilIcon = (url: unknown) => ({ type: 'Image', mediaType: 'image/png', url })
const emoji = (name: string, url: unknown) => ({
  content: `hello ${name}`,
  extra: { tag: [{ type: 'Emoji', id: null, name, icon: evilIcon(url) }] },
})
const attached = (member: object) => ({
  extra: { attachment: [{ type: 'Image', mediaType: 'image/png', ...member }] },
})
const members: readonly (readonly [what: string, post: PostOptions])[] = [
  ['a content warning of markup', { summary: '<img src=x onerror=alert(1)>', content: 'x' }],
  ['a content warning for the room', { summary: '@room \u202eevil', content: 'x' }],
  ['a title of markup', { extra: { type: 'Article', name: '<b onclick=x>@room</b>\u202e' } }],
  ['a page that runs', { extra: { url: 'javascript:alert(1)' } }],
  ['a page that is a room', { extra: { url: 'matrix:r/evil:evil.test' } }],
  ['an emoji from nowhere', emoji(':a:', 'https://evil.test/none.png')],
  ['an emoji of media', emoji(':b:', 'mxc://evil.test/a')],
  ['an emoji that runs', emoji(':c:', 'javascript:alert(1)')],
  ['an emoji named by markup', emoji(':"onerror="x:', 'https://evil.test/none.png')],
  ['an emoji named by a tag', emoji(':</b><script>:', 'https://evil.test/none.png')],
  [
    'an emoji with a page as address',
    emoji(':d:', 'https://evil.test/"><script>alert(1)</script>'),
  ],
  ['a file that is media', attached({ url: 'mxc://evil.test/a' })],
  ['a file that runs', attached({ url: 'javascript:alert(1)' })],
  ['a file of data', attached({ url: 'data:text/html,<script>alert(1)</script>' })],
  [
    'a file that cannot be had',
    attached({ url: 'https://evil.test/x.png', name: '<b>@room\u202e' }),
  ],
  ['a language that is none', { extra: { contentMap: { '"><script>': '<p>hello</p>' } } }],
  ['a place of markup', { extra: { location: { type: 'Place', name: '<img src=x>\u202e@room' } } }],
  ['a type of markup', { extra: { type: '<script>alert(1)</script>', name: 'x' } }],
  ['a mention of everybody', { mentions: [{ id: 'https://remote.example/room', name: '@room' }] }],
  [
    'a mention of a user who is not told',
    {
      extra: { tag: [{ type: 'Mention', href: 'matrix:u/alice:hs.test', name: '@alice:hs.test' }] },
    },
  ],
]

test.each(members)(
  'beside the text: %s',
  async (_, post) => {
    const lines = await shown(post)
    expect(lines.length).toBeGreaterThan(0)
    expect(dangers(lines)).toEqual([])
  },
  patience,
)

describe('a poll', () => {
  test.each([
    ['markup', '<img src=x onerror=alert(1)>'],
    ['the whole room', '@room'],
    ['turned text', 'yes\u202e on'],
    ['a link that runs', 'javascript:alert(1)'],
  ])(
    'whose answers are %s',
    async (_, name) => {
      const before = flow.messages(room).length
      await flow.tell(bob.ask([name, 'no'], { content: 'Well?' }))
      const lines = flow.messages(room).slice(before)
      expect(lines.length).toBeGreaterThan(0)
      expect(dangers(lines)).toEqual([])
      expect(JSON.stringify(lines)).not.toMatch(/[\u202a-\u202e]/)
    },
    patience,
  )
})

describe('a reaction', () => {
  test.each([
    ['media', 'mxc://evil.test/a'],
    ['media of our homeserver', 'mxc://hs.test/evil'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['the whole room', '@room'],
    ['words', 'Your session has ended, log in at evil.test'],
  ])(
    'that is %s is none',
    async (_, content) => {
      const said = alice.reply(
        room,
        flow.messages(room)[0]?.eventId ?? ('' as never),
        `to ${content}`,
      )
      await flow.quiet()
      const { id } = flow.received(bob, 'Create').at(-1)?.['object'] as { id: string }
      await flow.tell(bob.emojiReact(id, content))
      const lines = flow.messages(room).filter(({ type }) => type === 'm.reaction')
      expect(said).toBeDefined()
      expect(dangers(lines)).toEqual([])
      expect(JSON.stringify(lines)).not.toContain(content)
    },
    patience,
  )
})

test(
  'what looks like a command in a post is a post',
  async () => {
    const before = flow.messages(await flow.chat(alice)).length
    const [line] = await shown({ content: `!ap unfollow ${bob.handle}` })
    expect(line?.sender).toBe(flow.ghostOf(bob))
    expect(flow.messages(await flow.chat(alice)).length).toBe(before)
    expect(flow.messages(room).filter(({ sender }) => sender === bot)).toEqual([])
    expect(flow.received(bob, 'Undo')).toEqual([])
  },
  patience,
)
