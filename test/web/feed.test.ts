import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Parser } from 'htmlparser2'
import { emptyProfile } from '../../src/model/actor.ts'
import { pictureAt, stageStart, startPages, type PagesStage } from '../support/pages.ts'

let stage: PagesStage
let feed: Element
let text: string
beforeAll(async () => {
  stage = await startPages()
  await stage.person('alice', {
    displayName: 'Alice <& co> \u0007',
    avatar: pictureAt('face'),
    profile: { ...emptyProfile, bio: { source: '', html: '<p>Draws &amp; walks.</p>' } },
  })
  const at = (n: number) => ({ published: stageStart + n })
  await stage.post('alice', 'plain', { ...at(1), content: '<p>a <em>b</em> &amp; c</p>' })
  await stage.post('alice', 'edited', {
    ...{ ...at(2), updated: stageStart + 9_000, language: 'de' },
    content: '<script>alert(1)</script><p>Grüße ]]&gt; \ud83d\ude00\u0001</p>',
    hashtags: [{ name: '#brücke', href: 'https://x.example/' }],
    attachments: [
      { type: 'Image', url: `${stage.publicUrl}/media/1`, mediaType: 'image/png', name: '"Alt"' },
    ],
  })
  await stage.post('alice', 'warned', {
    ...{ ...at(3), summary: 'The <end>', content: '<p>He dies.</p>', sensitive: true },
    attachments: [{ type: 'Image', url: `${stage.publicUrl}/media/2` }],
  })
  await stage.post('alice', 'bare', { ...at(4), content: '' })
  await stage.post('alice', 'answer', { ...at(5), inReplyTo: stage.objectId('plain') })
  const response = await fetch(`${stage.publicUrl}/@alice/feed.atom`)
  expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
  text = await response.text()
  feed = parseXml(text)
})
afterAll(() => stage.close())

type Element = {
  readonly name: string
  readonly attribs: Readonly<Record<string, string>>
  readonly children: (Element | string)[]
}

/** The one element of a document. Throws where its elements do not lie in each other. */
function parseXml(source: string): Element {
  const root: Element = { name: '', attribs: {}, children: [] }
  const open = [root]
  const last = (): Element => open.at(-1) ?? root
  const parser = new Parser(
    {
      onopentag: (name, attribs) => void open.push({ name, attribs, children: [] }),
      ontext: (words) => void last().children.push(words),
      onclosetag(name, isImplied) {
        const element = open.pop()
        const isEmpty = element?.children.length === 0
        if (element?.name !== name || (isImplied && !isEmpty)) throw new Error(`${name} is open`)
        last().children.push(element)
      },
    },
    { xmlMode: true },
  )
  parser.end(source)
  const [only, ...more] = root.children.filter((child) => typeof child !== 'string')
  if (only === undefined || more.length > 0) throw new Error('not one element')
  return only
}

const isElement = (node: Element | string): node is Element => typeof node !== 'string'
const elements = (nodes: Element['children']): readonly Element[] => nodes.filter(isElement)
const all = (parent: Element | undefined, name: string): readonly Element[] =>
  elements(parent?.children ?? []).filter((child) => child.name === name)
const words = (element: Element | undefined): string =>
  (element?.children ?? []).filter((child) => typeof child === 'string').join('')

/** RFC 4287, 4.1.1 and 4.1.2: what must be there, once, and what may be at most once. */
const once = { feed: ['id', 'title', 'updated'], entry: ['id', 'title', 'updated'] } as const
const most = {
  feed: ['generator', 'icon', 'logo', 'rights', 'subtitle'],
  entry: ['content', 'published', 'rights', 'source', 'summary'],
} as const
/** RFC 3339, with an upper case T and Z. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

function faultsOf(element: Element): readonly string[] {
  const kind = element.name as keyof typeof once
  const faults: string[] = []
  const count = (name: string) => all(element, name).length
  for (const name of once[kind]) if (count(name) !== 1) faults.push(`${count(name)} × ${name}`)
  for (const name of most[kind]) if (count(name) > 1) faults.push(`${count(name)} × ${name}`)
  for (const name of ['updated', 'published'])
    for (const one of all(element, name))
      if (!instant.test(words(one))) faults.push(`${name} is ${words(one)}`)
  for (const id of all(element, 'id')) if (!URL.canParse(words(id))) faults.push('id is no IRI')
  // 4.2.7: href, and at most one alternate of a type and language.
  const links = all(element, 'link')
  if (links.some(({ attribs }) => !URL.canParse(attribs['href'] ?? ''))) faults.push('a link')
  const alternates = links.filter(({ attribs }) => (attribs['rel'] ?? 'alternate') === 'alternate')
  if (alternates.length !== 1) faults.push(`${alternates.length} alternates`)
  // 4.2.2: a term.
  if (all(element, 'category').some(({ attribs }) => !attribs['term'])) faults.push('a category')
  return faults
}

describe('the feed of an account', () => {
  test('is Atom as RFC 4287 wants it', () => {
    expect(text.startsWith('<?xml version="1.0" encoding="utf-8"?>\n<feed ')).toBe(true)
    expect([feed.name, feed.attribs['xmlns']]).toEqual(['feed', 'http://www.w3.org/2005/Atom'])
    expect(faultsOf(feed)).toEqual([])
    const entries = all(feed, 'entry')
    expect(entries.flatMap(faultsOf)).toEqual([])
    const ids = entries.map((entry) => words(all(entry, 'id')[0]))
    expect(ids).toEqual(['bare', 'warned', 'edited', 'plain'].map(stage.objectId))
    // 4.1.1: an author of the feed is one of each entry.
    expect(words(all(all(feed, 'author')[0], 'name')[0])).not.toBe('')
    // 4.2.7.2: where it is itself.
    const self = all(feed, 'link').find(({ attribs }) => attribs['rel'] === 'self')
    expect(self?.attribs['href']).toBe(`${stage.publicUrl}/@alice/feed.atom`)
    const known = 'id title subtitle updated author generator icon link entry'.split(' ')
    expect(elements(feed.children).filter(({ name }) => !known.includes(name))).toEqual([])
  })

  test('holds nothing that XML must not hold, and every sign of it is escaped', () => {
    // eslint-disable-next-line no-control-regex -- XML 1.0, production 2
    expect(text).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/)
    expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/)
    expect(text).not.toContain(']]>')
    expect(words(all(feed, 'title')[0])).toBe('Alice <& co> (@alice@hs.test)')
    expect(words(all(feed, 'subtitle')[0])).toBe('Draws & walks.')
  })

  test('is as new as its newest change', () => {
    expect(words(all(feed, 'updated')[0])).toBe(new Date(stageStart + 9_000).toISOString())
  })

  test('holds the posts, clean, with their files and tags', () => {
    const [, , edited, plain] = all(feed, 'entry')
    const content = (entry: Element | undefined) => all(entry, 'content')[0]
    expect(content(plain)?.attribs).toEqual({ type: 'html' })
    expect(words(content(plain))).toBe('<p>a <em>b</em> &amp; c</p>')
    expect(words(content(edited))).toBe('<p>Grüße ]]&gt; \ud83d\ude00</p>')
    expect(edited?.attribs['xml:lang']).toBe('de')
    expect(all(edited, 'category')[0]?.attribs).toEqual({ term: 'brücke' })
    const enclosure = all(edited, 'link').find(({ attribs }) => attribs['rel'] === 'enclosure')
    expect(enclosure?.attribs).toEqual({
      ...{
        rel: 'enclosure',
        href: `${stage.publicUrl}/media/1`,
        type: 'image/png',
        title: '"Alt"',
      },
    })
  })

  test('leaves behind a warning what is behind it', () => {
    const [, warned] = all(feed, 'entry')
    expect(words(all(warned, 'content')[0])).toContain('Content warning: The &lt;end&gt;')
    expect(text).not.toMatch(/He dies|media\/2/)
  })
})
