import { isDeepStrictEqual } from 'node:util'
import { Parser } from 'htmlparser2'
import { showsNothing } from '../../src/translate/html-tree.ts'
import { toFediverseHtml } from '../../src/translate/html-to-fediverse.ts'
import { allowedInMessages, messageTree } from '../../src/translate/mentions.ts'
import { allowedInPosts, toMatrixHtml } from '../../src/translate/html-to-matrix.ts'
import { readPlain, type Allowed } from '../../src/translate/plain-html.ts'
import { sanitized } from '../../src/translate/sanitize.ts'
import { dangersInMessage } from '../support/dangers.ts'
import { mentionOf, publicUrl, userIdOf } from '../translate/people.ts'
import { markup } from './markup.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { oddText, pickFrom } from './values.ts'

const bob = mentionOf('bob')
const pills = new Map([
  [userIdOf('alice'), mentionOf('alice')],
  [userIdOf('@bob'), bob],
])
const ghosts = new Map([[bob.actorId, { userId: userIdOf('@bob'), name: 'Bob' }]])
const mentions = [{ actorId: bob.actorId, name: bob.handle }]

const wordsOf = (text: string): string => (text.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')

/** What a note of ours may hold, and the attributes that each element may have. */
const plainTags = 'p br span del pre code em strong b i u ul ol li blockquote'.split(' ')
const written: ReadonlyMap<string, readonly string[]> = new Map([
  ...plainTags.map((tag): [string, readonly string[]] => [tag, ['class']]),
  ['a', ['href', 'class', 'rel']],
  ['ol', ['start']],
])

function dangersInNote(html: string): readonly string[] {
  const found: string[] = []
  const parser = new Parser({
    onopentag(tag, attributes) {
      for (const [name, value] of Object.entries(attributes)) {
        if (written.get(tag)?.includes(name) !== true) found.push(`<${tag} ${name}>`)
        if (name === 'href' && !/^https?:\/\//i.test(value)) found.push(`link to ${value}`)
      }
      if (!written.has(tag)) found.push(`<${tag}>`)
    },
    oncomment: () => void found.push('a comment'),
    onprocessinginstruction: () => void found.push('an instruction'),
  })
  parser.end(html)
  return found
}

/** Who spares the sanitiser must not be spared what it would have done. */
function checkSpared(html: string, allowed: Allowed): void {
  const tree = readPlain(html, allowed)
  const isSame = tree === undefined || isDeepStrictEqual(tree, sanitized(html, allowed))
  promise(isSame, 'read without the sanitiser it says something else')
}

function checkForMatrix(html: string, measure: Measure): void {
  const shown = measure(() => toMatrixHtml(html, { pills: ghosts, mentions }))
  const { body, html: formatted } = shown
  promise(body.isWellFormed() && formatted?.isWellFormed() !== false, 'half characters')
  if (formatted === undefined) return
  const content = { body, formatted_body: formatted, 'm.mentions': {} }
  const dangers = dangersInMessage(content, () => false)
  promise(dangers.length === 0, `for Matrix: ${dangers.join(', ')}`)
  promise(
    body !== '' || showsNothing(formatted.replace(/<[^>]*>/g, '')),
    'the plain body says less',
  )
}

/** Longer HTML may be cut, and be cut again where it became longer. */
const longestWhole = 20_000

/** What was made harmless is left as it is: mentions apart, which are links for those who do not know them. */
function checkFixedPoint(html: string): void {
  if (html.length > longestWhole) return
  const { body, html: once } = toMatrixHtml(html)
  if (once === undefined) return
  const again = toMatrixHtml(once)
  promise((again.html ?? once) === once, 'for Matrix: read again it is another')
  promise(wordsOf(again.body) === wordsOf(body), 'for Matrix: read again it says something else')
}

function checkForFediverse(html: string, body: string, measure: Measure): void {
  const hashtagUrl = (name: string): string => `${publicUrl}/tags/${encodeURIComponent(name)}`
  const given = { body, html, pills, hashtagUrl }
  // As if the last message had been another one.
  messageTree({ body: '', html: '<b>' })
  const { html: output } = measure(() => toFediverseHtml(given))
  promise(output.isWellFormed(), 'half characters')
  const dangers = dangersInNote(output)
  promise(dangers.length === 0, `for the fediverse: ${dangers.join(', ')}`)
  promise(
    output !== '' || showsNothing(body) || !/[\p{L}\p{N}]/u.test(body),
    'for the fediverse: nothing of the body is left',
  )
  if (html.length > longestWhole) return
  // Addresses become links the second time where they were none the first.
  const plain = toFediverseHtml({ body: '', html }).html
  const again = toFediverseHtml({ body: '', html: plain }).html
  const said = wordsOf(toMatrixHtml(plain).body)
  promise(
    wordsOf(toMatrixHtml(again).body) === said,
    'for the fediverse: read again it says something else',
  )
}

/** Longer HTML than that has been cut before. */
const longestContent = 200_000
/** An event has 65,536 bytes. */
const longestEvent = 60_000

type Input = { readonly html: string; readonly body: string }

export const htmlForMatrix: Target = {
  name: 'html-for-matrix',
  share: 60,
  make: (chance) => toInput(markup(chance, longestContent)),
  check(input, measure) {
    const html = fromInput(input) as string
    checkForMatrix(html, measure)
    checkSpared(html, allowedInPosts)
    checkFixedPoint(html)
  },
}

export const htmlForFediverse: Target = {
  name: 'html-for-fediverse',
  share: 40,
  make: (chance) =>
    toInput({
      html: markup(chance, longestEvent),
      body: pickFrom(chance, ['', 'x', oddText(chance)], 'x').slice(0, longestEvent),
    }),
  check(input, measure) {
    const { html, body } = fromInput(input) as Input
    checkForFediverse(html, body, measure)
    checkSpared(html, allowedInMessages)
  },
}
