import { test } from '@jest/globals'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { asActorId, asUserId } from '../../src/model/ids.ts'
import { parseNote } from '../../src/activitypub/parse.ts'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { parseHtml, textOf, type Html } from '../../src/translate/html-tree.ts'
import { toMatrixHtml } from '../../src/translate/html-to-matrix.ts'

/*
 * What goes to the fediverse and comes back keeps its words, links, mentions and code, each in order,
 * whatever it stands in.
 */

const ghost = asUserId('@_ap_bob_social.test:us.test')
const bob = asActorId('https://social.test/users/bob')
const mention = { actorId: bob, handle: '@bob@social.test', url: 'https://social.test/@bob' }
const hashtagUrl = (name: string): string => `https://fedi.test/tags/${encodeURIComponent(name)}`
const pills = new Map([
  [bob, { userId: ghost, name: 'Bob' }],
  [mention.url, { userId: ghost, name: 'Bob' }],
])

type Kept = {
  readonly words: readonly string[]
  readonly links: readonly string[]
  readonly mentions: number
  readonly code: readonly string[]
}
type Piece = Partial<Kept> & { readonly html: string }

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim()

const word = fc.constantFrom('hello', 'wörld', 'a&b', '<b>', '漢字', 'x_y', '*z*', '1.', '“q”', 'é́')
const address = fc.constantFrom(
  ...['https://a.test/x', 'https://a.test/?b=1&c=%22', 'http://[2001:db8::1]/', 'https://ä.test/ö'],
  ...['https://a.test/very/long/path/that/some/shorten?with=parameters#and-more'],
)
/** Words of a link that would be links by themselves. */
const label = fc.constantFrom('#cats', 'see https://b.test/z')
const code = fc.constantFrom(
  'a < b && c',
  '<p>',
  '#define X',
  '@bob@social.test',
  '`',
  'https://a.b/',
)
const lines = fc.constantFrom('a  b\n  c', '# not a tag\n\n@bob@social.test', '<script>\n</script>')

const piece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: word.map((text) => ({ html: escape(text), words: wordsOf(text) })) },
  address.map((href) => ({ html: escape(href), words: wordsOf(href), links: [href] })),
  fc.tuple(address, fc.oneof(word, label)).map(([href, text]) => ({
    ...{ html: `<a href="${escape(href)}">${escape(text)}</a>` },
    ...{ words: wordsOf(text), links: [href] },
  })),
  fc.constantFrom('cats', 'zwölf').map((name) => ({
    ...{ html: `#${name}`, words: [name], links: [hashtagUrl(name)] },
  })),
  fc
    .constantFrom(
      `<a href="https://matrix.to/#/${ghost}">Bob</a>`,
      `<a href="https://matrix.to/#/${encodeURIComponent(ghost)}">@bob</a>`,
      '@bob@social.test',
      'https://matrix.to/#/@_ap_bob_social.test:us.test',
    )
    .map((html) => ({ html, mentions: 1, words: ['Bob'] })),
  code.map((text) => ({
    ...{ html: `<code>${escape(text)}</code>`, words: wordsOf(text), code: [text] },
  })),
)

const join = (pieces: readonly Piece[], html: string): Piece => ({
  html,
  words: pieces.flatMap(({ words = [] }) => words),
  links: pieces.flatMap(({ links = [] }) => links),
  mentions: pieces.reduce((sum, { mentions = 0 }) => sum + mentions, 0),
  code: pieces.flatMap((one) => one.code ?? []),
})

/** Between white space, as people write. */
const run = fc
  .array(piece, { minLength: 1, maxLength: 5 })
  .map((pieces) => join(pieces, pieces.map(({ html }) => html).join(' ')))

const { doc } = fc.letrec<{ doc: Piece; block: Piece }>((tie) => ({
  doc: fc
    .array(tie('block'), { minLength: 1, maxLength: 4 })
    .map((pieces) => join(pieces, pieces.map(({ html }) => html).join(' '))),
  block: fc.oneof(
    { maxDepth: 3 },
    run,
    lines.map((text) => ({
      ...{ html: `<pre><code class="language-x">${escape(text)}</code></pre>` },
      ...{ words: wordsOf(text), code: [text] },
    })),
    fc
      .tuple(
        fc.constantFrom(
          ...['p', 'div', 'b', 'em', 'del', 'h2', 'blockquote', 'u', 'span', 'details', 'font'],
        ),
        tie('doc'),
      )
      .map(([tag, inner]) => join([inner], `<${tag}>${inner.html}</${tag}>`)),
    fc
      .tuple(fc.constantFrom('ul', 'ol'), fc.array(tie('doc'), { minLength: 1, maxLength: 3 }))
      .map(([tag, items]) =>
        join(items, `<${tag}>${items.map(({ html }) => `<li>${html}</li>`).join('')}</${tag}>`),
      ),
    fc
      .array(run, { minLength: 1, maxLength: 3 })
      .map((cells) =>
        join(
          cells,
          `<table><tr>${cells.map(({ html }) => `<td>${html}</td>`).join('')}</tr></table>`,
        ),
      ),
  ),
}))

function backFrom(html: string): string {
  const options = {
    pills: new Map([[ghost, mention]]),
    handles: new Map([['@bob@social.test', mention]]),
    hashtagUrl,
  }
  const there = toFediverseHtml({ body: '', html, ...options })
  const tag = there.mentioned.map(({ actorId, handle }) => ({
    ...{ type: 'Mention', href: actorId, name: handle },
  }))
  const id = 'https://us.test/1'
  const note = parseNote({ id, type: 'Note', attributedTo: id, content: there.html, tag })
  const { body, html: back } = toMatrixHtml(note.content, { pills, mentions: note.mentions })
  return back ?? body.split(/(\s+)/).map(linked).join('')
}

/** Text without HTML: what everybody links by themselves. */
const linked = (text: string): string =>
  /^https?:/.test(text) ? `<a href="${escape(text)}">${escape(text)}</a>` : escape(text)

function collect(nodes: readonly Html[], found: { links: string[]; code: string[] }): void {
  for (const node of nodes) {
    if (typeof node === 'string') continue
    if (node.tag === 'a') found.links.push(node.attributes['href'] ?? '')
    if (node.tag === 'code') found.code.push(textOf(node.children))
    else collect(node.children, found)
  }
}

function keptIn(html: string): Kept {
  const tree = parseHtml(html)
  const found = { links: [], code: [] as string[] }
  collect(tree, found)
  const isPill = (href: string): boolean => href.startsWith('https://matrix.to/#/%40_ap_bob')
  return {
    words: wordsOf(textOf(tree)),
    links: found.links.filter((href) => !isPill(href)),
    mentions: found.links.filter(isPill).length,
    code: found.code.map(squeezed),
  }
}

test('words, links, mentions and code come back', () => {
  const property = fc.property(doc, ({ html, words, links, mentions, code: written = [] }) => {
    const expected = { words, links, mentions, code: written.map(squeezed) }
    const kept = keptIn(backFrom(html))
    if (!isDeepStrictEqual(kept, expected))
      throw new Error(`${html}\n${JSON.stringify(kept)}\n${JSON.stringify(expected)}`)
  })
  fc.assert(property, { numRuns: 5000, seed: 20_261_129 })
})
