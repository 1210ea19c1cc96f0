import { describe, expect, test } from '@jest/globals'
import { propose, survey } from '../../src/cli/handle-domain.ts'
import type { Survey } from '../../src/cli/handle-domain.ts'
import type { HttpResponse } from '../../src/model/http.ts'

const names = {
  serverName: 'example.org',
  publicUrl: 'https://fedi.example.org',
  bot: 'apbot',
}

type Answer = { readonly status: number; readonly body?: string; readonly to?: string }
type Row = {
  readonly title: string
  readonly webfinger: Answer
  readonly nodeinfo?: Answer
  readonly elsewhere?: Answer
  readonly found: Survey
}

const links = (href: string) =>
  JSON.stringify({ links: [{ rel: 'http://nodeinfo.diaspora.software/ns/schema/2.0', href }] })

const rows: readonly Row[] = [
  { title: 'a web site without either', webfinger: { status: 404 }, found: { finding: 'free' } },
  {
    title: 'a web site that answers everything with its start page',
    webfinger: { status: 200, body: '<!doctype html><title>Hello</title>' },
    nodeinfo: { status: 200, body: '<!doctype html><title>Hello</title>' },
    found: { finding: 'free' },
  },
  {
    title: 'a site that puts www in front of every path and has nothing there',
    webfinger: { status: 301, to: 'https://www.example.org/.well-known/webfinger' },
    nodeinfo: { status: 301, to: 'https://www.example.org/.well-known/nodeinfo' },
    elsewhere: { status: 404 },
    found: { finding: 'free' },
  },
  {
    title: 'a fediverse server that does not know the bot but says what it is',
    webfinger: { status: 404 },
    nodeinfo: { status: 200, body: links('https://example.org/nodeinfo/2.0') },
    found: { finding: 'taken', by: 'example.org' },
  },
  {
    title: 'a fediverse server that handles are delegated to',
    webfinger: { status: 301, to: 'https://social.example.org/.well-known/webfinger' },
    elsewhere: { status: 200, body: links('https://social.example.org/users/apbot') },
    found: { finding: 'taken', by: 'social.example.org' },
  },
  {
    title: 'a delegation to the public URL, where nothing runs yet',
    webfinger: { status: 301, to: 'https://fedi.example.org/.well-known/webfinger' },
    nodeinfo: { status: 308, to: 'https://fedi.example.org/.well-known/nodeinfo' },
    found: { finding: 'ours' },
  },
  {
    title: 'a proxy that passes on to a running Footbridge',
    webfinger: { status: 200, body: links('https://fedi.example.org/actor') },
    nodeinfo: { status: 200, body: links('https://fedi.example.org/nodeinfo/2.1') },
    found: { finding: 'ours' },
  },
  {
    title: 'redirects in a circle',
    webfinger: { status: 302, to: 'https://example.org/.well-known/nodeinfo' },
    nodeinfo: { status: 302, to: 'https://example.org/.well-known/nodeinfo' },
    found: { finding: 'free' },
  },
  {
    title: 'answers that are no documents',
    webfinger: { status: 200, body: '{"links":[null,{"href":7},{"href":"no url"}]}' },
    nodeinfo: { status: 200, body: '[]' },
    found: { finding: 'free' },
  },
]

const respond = ({ status, body = '', to }: Answer): HttpResponse => ({
  status,
  headers: to === undefined ? {} : { location: to },
  body: Buffer.from(body),
})

describe('survey of the server name', () => {
  test.each(rows)('$title', async (row) => {
    const found = await survey(async ({ url }) => {
      if (!url.startsWith('https://example.org/')) return respond(row.elsewhere ?? { status: 404 })
      return respond(url.includes('webfinger') ? row.webfinger : (row.nodeinfo ?? { status: 404 }))
    }, names)
    expect(found).toEqual(row.found)
  })

  test('a server name without a web server', async () => {
    const found = await survey(() => Promise.reject(new Error('connection refused')), names)
    expect(found).toEqual({ finding: 'silent', reason: 'connection refused' })
  })

  test.each<[Survey, string, string]>([
    [{ finding: 'free' }, 'example.org', 'example.org answers for no fediverse server yet'],
    [{ finding: 'ours' }, 'example.org', 'example.org leads to fedi.example.org already'],
    [
      { finding: 'taken', by: 'social.example.org' },
      'fedi.example.org',
      'example.org answers for social.example.org already',
    ],
    [
      { finding: 'silent', reason: 'timed out' },
      'fedi.example.org',
      'example.org does not answer over https: timed out',
    ],
  ])('%p leads to handles at %s', (found, domain, because) => {
    expect(propose(found, names)).toEqual({ domain, because })
  })
})
