import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import express from 'express'
import { asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import type { LocalActor } from '../../src/model/actor.ts'
import type { ObjectRecord } from '../../src/model/note.ts'
import { pageRoutes } from '../../src/web/pages.ts'

const publicUrl = 'https://fedi.hs.test'
const actorOf = (username: string, more: Partial<LocalActor> = {}): LocalActor => ({
  ...{ id: asActorId(`${publicUrl}/actors/${username}`), userId: asUserId(`@${username}:hs.test`) },
  ...{ username, createdAt: 0, ...more },
})
const actors = [
  actorOf('alice', { displayName: '<b>Alice</b> & \u202eco' }),
  actorOf('gone', { deletedAt: 1 }),
]
const objectOf = (name: string, more: Partial<ObjectRecord> = {}): ObjectRecord => ({
  ...{
    id: asObjectId(`${publicUrl}/objects/${name}`),
    author: asActorId(`${publicUrl}/actors/alice`),
  },
  ...{ isLocal: true, visibility: 'public', to: [], cc: [], published: 0, mentions: [] },
  document: '{"content":"what she wrote"}',
  ...more,
})
const objects = [
  objectOf('public'),
  objectOf('unlisted', { visibility: 'unlisted' }),
  objectOf('followers', { visibility: 'followers' }),
  objectOf('direct', { visibility: 'direct' }),
  objectOf('deleted', { deletedAt: 5 }),
  objectOf('secret-deleted', { visibility: 'direct', deletedAt: 5 }),
  objectOf('foreign', { isLocal: false }),
]

let server: Server
let origin = ''
beforeAll(async () => {
  const routes = pageRoutes({
    ...{ publicUrl, handleDomain: 'hs.test', bot: asUserId('@apbot:hs.test') },
    findObject: async (id) => objects.find((object) => object.id === id),
    findLocalActor: async (id) => actors.find((actor) => actor.id === id),
    findLocalActorByUsername: async (username) => actors.find((one) => one.username === username),
  })
  server = express().use(routes).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
})

async function get(path: string) {
  const response = await fetch(origin + path)
  return { status: response.status, headers: response.headers, html: await response.text() }
}

test('whoever opens the bare address reads what to do, on either side', async () => {
  const { status, html, headers } = await get('/')
  expect(status).toBe(200)
  expect(html).toContain('@apbot:hs.test')
  expect(html).toContain('@hs.test')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
})

test.each(['/nothing', '/wp-login.php', '/actors', '/%2e%2e/etc/passwd'])(
  '%s is a page that says that nothing is here',
  async (path) => {
    const { status, html } = await get(path)
    expect([status, html]).toEqual([404, expect.stringContaining('There is no such page')])
  },
)

test('what is posted where nothing takes it gets no page', async () => {
  const { status } = await fetch(`${origin}/nothing`, { method: 'POST' })
  expect(status).toBe(404)
})

describe('a browser that follows a link', () => {
  test.each<[string, string, readonly [number, string]]>([
    ['of a hashtag is sent to search', '/tags/cats', [200, 'Search for #cats']],
    ['of a hashtag in any script', '/tags/%E7%8C%AB', [200, '<h1>#猫</h1>']],
    ['of a profile is told its address', '/@alice', [200, 'search for @alice@hs.test']],
    ['of an account is told the same', '/actors/alice', [200, 'search for @alice@hs.test']],
    [
      'of a post is told whose and how',
      '/objects/public',
      [200, `search for ${publicUrl}/objects/`],
    ],
    ['of an unlisted post too', '/objects/unlisted', [200, 'A post by @alice@hs.test']],
    ['of a deleted account', '/@gone', [410, 'was deleted']],
    ['of a deleted post', '/objects/deleted', [410, 'was deleted']],
    ['of a post for followers learns nothing', '/objects/followers', [404, 'no such page']],
    ['of a private post learns nothing', '/objects/direct', [404, 'no such page']],
    ['of a private post that was', '/objects/secret-deleted', [404, 'no such page']],
    ["of somebody else's post", '/objects/foreign', [404, 'no such page']],
    ['of nobody', '/@nobody', [404, 'no such page']],
    ['of nothing', '/objects/x', [404, 'no such page']],
  ])('%s', async (_, path, [status, words]) => {
    const page = await get(path)
    expect(page.status).toBe(status)
    expect(page.html).toContain(words)
    expect(page.html).not.toContain('what she wrote')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('x-robots-tag')).toBe('noindex')
  })
})

test('nothing that somebody named is markup', async () => {
  expect((await get('/@alice')).html).toContain('<h1>&lt;b&gt;Alice&lt;/b&gt; &amp; co</h1>')
  const tag = await get(`/tags/${encodeURIComponent('"><script>x</script>')}`)
  expect(tag.html).not.toContain('<script')
})

test('what is not for everybody answers exactly like what is not there', async () => {
  const [secret, absent] = [await get('/objects/direct'), await get('/objects/absent')]
  expect(secret.html).toBe(absent.html)
  const names = ['date', 'etag']
  const headers = ({ headers: all }: typeof secret) =>
    [...all].filter(([name]) => !names.includes(name))
  expect(headers(secret)).toEqual(headers(absent))
})

test('a path that does not decode is no trouble of ours', async () => {
  expect((await get('/tags/%ff')).status).toBe(400)
})
