import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { allowedInPosts } from '../../src/translate/html-to-matrix.ts'
import { allowedInMessages } from '../../src/translate/mentions.ts'
import { fromMarkdown } from '../../src/activitypub/markdown.ts'
import { readPlain } from '../../src/translate/plain-html.ts'
import { sanitized } from '../../src/translate/sanitize.ts'
import { documentsIn } from '../corpus/documents.ts'

const link = 'https://a.test/x'

/** What most servers and clients write; the sanitiser is spared. */
const plain = [
  'no markup at all',
  '<p>one<br>two<br />three</p>\n<p>four &amp; five &lt;b&gt; &quot;six&quot; &#39;7&#39; &nbsp;8</p>',
  `<p><span class="h-card" translate="no"><a href="${link}" class="u-url mention">@<span>bob</span></a></span> hello</p>`,
  `<p><a href="${link}?a=1&amp;b=2" target="_blank" rel="nofollow noopener noreferrer"><span class="invisible">https://</span><span class="ellipsis">a.test</span></a></p>`,
  '<ul><li>one</li><li><p>two</p><ol start="3"><li>three</li></ol></li></ul><hr><blockquote><p>x</p></blockquote>',
  '<pre><code class="language-js">a  &lt;  b\n\n  c</code></pre>',
  '<h1>Title</h1><div><b>a</b> <i>b</i> <u>c</u> <del>d</del> <s>e</s> <sup>f</sup></div>',
  '<p style="display:none">x</p><p hidden="hidden">y</p>',
  'a > b\t c\u0000 d\ud800',
  `<a href="${link}\u0001y">x</a>`,
  '<p class="">empty <span class="" hidden="">x</span></p>',
  '<!-- wp:paragraph {"dropCap":true} -->\n<p>one<!-- two --> three</p>\n<!----><!-- /wp:paragraph -->\n\n',
  '<pre>a<!-- - b -->\n</pre>',
  '<blockquote><p>it&apos;s</p></blockquote>',
]

/** What parsers may understand differently, what one of them mends, or what nobody promised. */
const others = [
  'a < b',
  'a & b',
  '&copy;',
  '&amp',
  '&#60;b&#62;',
  '<p>never closed',
  '<b>wrong</i>',
  '<b><i>crossed</b></i>',
  '</p>',
  '<p>one<p>two</p></p>',
  '<p>a<div>b</div></p>',
  '<h1>a<h2>b</h2></h1>',
  '<ul><li>a<li>b</li></li></ul>',
  `<a href="${link}">a<b><a href="${link}">b</a></b></a>`,
  '<P>capitals</P>',
  '<p class=x>bare</p>',
  "<p class='x'>single</p>",
  '<p  class="x">two spaces</p>',
  '<p hidden>no value</p>',
  `<a href="${link}" href="http://b.test/">twice</a>`,
  '<p class="a<b">x</p>',
  '<p/>self-closing',
  '<br></br>',
  '<!--> comment -->',
  '<!-- a -- b -->',
  '<!-- a --!> b -->',
  '<!-- <b>x</b> -->',
  '<!-- never closed',
  '<a href="">x</a>',
  '<p class="" class="x">twice</p>',
  '<![CDATA[x]]>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" https://a.test/">x</a>',
  '<a href="HTTPS://a.test/">x</a>',
  '<a href="mailto:a@b.test">x</a>',
  '<a href="/x">x</a>',
  '<p href="javascript:alert(1)">x</p>',
  '<img src="https://a.test/i" alt="x">',
  '<script>alert(1)</script>',
  '<style>p{}</style>',
  '<svg><p>x</p></svg>',
  '<math><mi>x</mi></math>',
  '<table><tr><td>x</td></tr></table>',
  '<font color="red">x</font>',
  '<textarea><b>x</b></textarea>',
  '<title><b>x</b></title>',
  '<mx-reply>x</mx-reply>',
  '<iframe src="https://a.test/"></iframe>',
  '<b>'.repeat(60) + '</b>'.repeat(60),
]

const sets = { posts: allowedInPosts, messages: allowedInMessages }

describe.each(Object.entries(sets))('HTML in %s', (_, allowed) => {
  test.each(plain)('%j is read without the sanitiser, and as with it', (html) => {
    expect(readPlain(html, allowed)).toEqual(sanitized(html, allowed))
  })

  test.each(others)('%j is left to the sanitiser', (html) => {
    expect(readPlain(html, allowed)).toBeUndefined()
  })
})

test('who wrote what is quoted is read without the sanitiser, and as with it', () => {
  const html = '<blockquote><p>a</p><cite>who</cite></blockquote><p><ins>b</ins> <kbd>c</kbd></p>'
  expect(readPlain(html, allowedInPosts)).toEqual(sanitized(html, allowedInPosts))
})

const tag = fc.constantFrom(
  ...(
    'p p div a a span b i em strong u s del ins kbd cite code pre blockquote ul ol li h1 h2 h6 br hr sup sub ' +
    'table tr td th tbody dl dt dd details summary center font img script style title textarea ' +
    'select option svg math q ruby rt section iframe mx-reply form button P image xmp'
  ).split(' '),
)
const attribute = fc.constantFrom(
  ...[`href="${link}"`, `href="${link}?a&amp;b=%22&quot;&#39;&lt;"`, 'href="http://x\n\ty"'],
  ...['href="javascript:x"', 'href="https:x"', 'href="//x"', 'href="https://<!--x-->"'],
  ...['class="a b"', 'class=" "', 'class="a&nbsp;b"', 'rel="tag"', 'target="_blank"', 'start="3"'],
  ...['style="display:none"', 'hidden="x"', 'hidden', 'onclick="x"', 'data-mx-spoiler="x"'],
  ...['data-mx-maths="x"', 'id="x"', 'title="&amp;amp;"', 'src="https://x/"', 'alt=""'],
  ...[
    'srcset="https://x 1x"',
    'class=""',
    'href=""',
    'hidden=""',
    'xmlns="x"',
    'class="\u0000\ud800"',
    'lang="de"',
    'constructor="x"',
  ],
)
const text = fc.oneof(
  fc.constantFrom(
    ...[
      'a',
      ' ',
      '\n',
      ' b  c ',
      '&amp;',
      '&amp;lt;',
      '&lt;',
      '&#39;',
      '&nbsp;',
      '&quot;',
      '>',
      '"',
    ],
    ...['&', '&copy', '<', '\u0000', '\ud83d', '\ude00', '\u202e', '\r\n', '\f', '&#38;lt;', ']]>'],
    ...['&apos;', '<!-- x -->', '<!---->', '<!-- - > -->', '<!--->', '<!--a--->'],
  ),
  fc.string(),
)
const tags = fc
  .tuple(tag, fc.array(attribute, { maxLength: 2 }), fc.constantFrom('', '', '', '/', ' /'))
  .map(([name, list, end]) => ({ name, open: `<${[name, ...list].join(' ')}${end}>` }))

/** Mostly whole, now and then with a tag too many or too few. */
const { html } = fc.letrec<{ html: string; node: string }>((tie) => ({
  html: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
  node: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    text,
    tags.map(({ open }) => open),
    fc.tuple(tags, tie('html')).map(([{ name, open }, inner]) => `${open}${inner}</${name}>`),
    fc.tuple(tags, tie('html')).map(([{ name, open }, inner]) => `${open}${inner}</${name}>`),
    tag.map((name) => `</${name}>`),
  ),
}))

describe('HTML that is read without the sanitiser', () => {
  test('says what the sanitiser leaves of it, whatever it is', () => {
    let read = 0
    fc.assert(
      fc.property(html, fc.constantFrom(...Object.values(sets)), (input, allowed) => {
        const tree = readPlain(input, allowed)
        if (tree === undefined) return
        read += 1
        expect(tree).toEqual(sanitized(input, allowed))
      }),
      { numRuns: 20_000 },
    )
    // Or it would have proven nothing.
    expect(read).toBeGreaterThan(4_000)
  })

  test('is what our Markdown becomes', () => {
    const words = fc.constantFrom(
      'a',
      '*a*',
      '**b**',
      '_c_',
      '`d`',
      `[e](${link})`,
      `<${link}>`,
      '&',
    )
    const starts = fc.constantFrom('', '- ', '1. ', '> ', '## ', '    ', '```\n')
    const line = fc
      .tuple(starts, fc.array(words, { minLength: 1, maxLength: 4 }))
      .map(([start, said]) => start + said.join(' '))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const output = fromMarkdown(lines.join('\n'))
        const tree = readPlain(output, allowedInPosts)
        expect(tree).toBeDefined()
        expect(tree).toEqual(sanitized(output, allowedInPosts))
      }),
      { numRuns: 500 },
    )
  })

  test('is most of what servers send', () => {
    const texts: string[] = []
    const gather = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      for (const [name, member] of Object.entries(value))
        if (typeof member !== 'string') gather(member)
        else if (/^(?:content|summary)$/.test(name)) texts.push(member)
    }
    const folder = new URL('../fixtures/documents', import.meta.url).pathname
    for (const { value } of documentsIn(folder)) gather(value)
    const trees = texts.map((one) => readPlain(one, allowedInPosts))
    for (const [at, tree] of trees.entries())
      if (tree !== undefined) expect(tree).toEqual(sanitized(texts[at] ?? '', allowedInPosts))
    const count = trees.filter((tree) => tree !== undefined).length
    expect(count / texts.length).toBeGreaterThan(0.6)
  })
})
