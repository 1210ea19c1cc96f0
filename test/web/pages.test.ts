import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import http from 'node:http'
import { asActivityId, asRoomAlias, asUserId } from '../../src/model/ids.ts'
import type { Change } from '../../src/model/change.ts'
import type { DomainBlock } from '../../src/model/domain-block.ts'
import { obfuscated } from '../../src/web/pages/about-page.ts'
import { pictureAt, remoteOf, remotePost, startPages, type PagesStage } from '../support/pages.ts'

let stage: PagesStage
beforeAll(async () => {
  stage = await startPages()
  await stage.person('alice', { displayName: '<b>Alice</b> & \u202eco' })
  await stage.person('closed', { displayName: 'Nobody', avatar: pictureAt('face') }, 'off')
  await stage.person('gone', { deletedAt: 1 })
  await stage.person('garden', {
    displayName: '<i>Garden</i>',
    onMatrix: { bio: { source: 'Peas', html: '<p>Peas</p>' } },
    group: { alias: asRoomAlias('#garden:hs.test') },
  })
  await stage.person('shed', { group: {} })
  const said = { content: '<p>what she wrote</p>' }
  await stage.post('alice', 'public', said)
  await stage.post('alice', 'deleted', said)
  await stage.post('alice', 'direct', { ...said, record: { visibility: 'direct' } })
  await stage.post('alice', 'followers', { ...said, record: { visibility: 'followers' } })
  await stage.post('closed', 'shy', said)
  await stage.post('gone', 'last', said)
  await stage.post('alice', 'foreign', { ...said, record: { isLocal: false } })
  await stage.post('alice', 'secret-deleted', { ...said, record: { visibility: 'direct' } })
  for (const name of ['deleted', 'secret-deleted'])
    await stage.commit({
      ...{ change: 'delete-object', id: stage.objectId(name), at: 5 },
      author: stage.actorId('alice'),
    })
})
afterAll(() => stage.close())

/** However it is laid out. */
const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/> | </g, (edge) => edge.trim())
    .replace(/ ?\/>/g, '>')

async function get(path: string) {
  const response = await fetch(stage.publicUrl + path)
  return {
    status: response.status,
    headers: response.headers,
    html: oneLine(await response.text()),
  }
}

test('whoever opens the bare address reads what to do, on either side', async () => {
  const { status, html, headers } = await get('/')
  expect(status).toBe(200)
  expect(html).toContain('@apbot:hs.test')
  expect(html).toContain('@hs.test')
  expect(headers.get('x-robots-tag')).toContain('index, follow')
})

test.each(['/nothing', '/wp-login.php', '/actors', '/assets/style.css', '/%2e%2e/etc/passwd'])(
  '%s is a page that says that nothing is here',
  async (path) => {
    const { status, html } = await get(path)
    expect([status, html]).toEqual([404, expect.stringContaining('There is no such page')])
  },
)

test('what is posted where nothing takes it gets no page', async () => {
  const { status } = await fetch(`${stage.publicUrl}/nothing`, { method: 'POST' })
  expect(status).toBe(404)
})

describe('a browser that follows a link', () => {
  test.each<[string, string, readonly [number, string]]>([
    ['of a hashtag is sent to search', '/tags/cats', [200, 'Search for #cats']],
    ['of a hashtag in any script', '/tags/%E7%8C%AB', [200, '<h1>#猫</h1>']],
    ['of somebody who is not on pages', '/@closed', [200, 'search for @closed@hs.test']],
    ['of a post of theirs', '/objects/shy', [200, 'A post by @closed@hs.test']],
    ['of a deleted account', '/@gone', [410, 'was deleted']],
    ['of the feed of a deleted account', '/@gone/feed.atom', [410, 'was deleted']],
    ['of a post of a deleted account', '/objects/last', [410, 'was deleted']],
    ['of a deleted post', '/objects/deleted', [410, 'was deleted']],
    ['of the feed of a room', '/@garden/feed.atom', [404, 'no such page']],
    ['of the feed of somebody who is not on pages', '/@closed/feed.atom', [404, 'no such page']],
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
    expect(page.headers.get('x-robots-tag')).toBe('noindex, nofollow')
  })

  test('of an account comes to its page', async () => {
    const { status, headers } = await fetch(stage.actorId('alice'), { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([303, `${stage.publicUrl}/@alice`])
    expect(headers.get('vary')).toContain('Accept')
  })

  test('of a profile in another spelling comes to the same page', async () => {
    expect((await get('/@ALICE')).html).toContain(`href="${stage.publicUrl}/@alice"`)
  })
})

test('who is not on pages shows nothing there but a name, an address and a way to follow', async () => {
  const { html } = await get('/@closed')
  expect(html).toContain('Nobody')
  expect(html).toContain('action="/@closed/follow"')
  for (const secret of ['/actors/', 'feed.atom', 'og:', '@closed:hs.test', 'posts'])
    expect(html).not.toContain(secret)
})

describe('a page', () => {
  test.each(['/', '/about', '/@alice', '/objects/public', '/@closed', '/nothing', '/tags/x'])(
    '%s runs no program, and shows nothing of anybody else',
    async (path) => {
      const { html, headers } = await get(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; " +
          "form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(html).not.toMatch(/<script|\son\w+=|\sstyle=|<iframe|<object|<base|http-equiv/i)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toContain('Accept')
      expect(headers.get('set-cookie')).toBeNull()
      expect(html.match(/<h1/g)).toHaveLength(1)
    },
  )

  test('is in no cache but that of its reader, who asks each time', async () => {
    const { headers } = await get('/@alice')
    expect(headers.get('cache-control')).toBe('private, no-cache')
    const etag = headers.get('etag') ?? ''
    // `fetch` would ask all caches to be passed by.
    const statusOf = async (path: string) =>
      new Promise((resolve) => {
        const asked = { headers: { 'if-none-match': etag } }
        http.get(stage.publicUrl + path, asked, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
      })
    expect(await statusOf('/@alice')).toBe(304)
    await stage.post('alice', 'newer', { content: '<p>something new</p>' })
    expect(await statusOf('/@alice')).toBe(200)
  })

  test('has a style that is kept for ever, by its name', async () => {
    const [, path = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec((await get('/')).html) ?? []
    const { status, headers, html } = await get(path)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    // Nothing of anybody else, and nothing below its own name.
    expect(html).not.toMatch(/url\(|@import/)
    expect((await get(`${path}x`)).status).toBe(404)
  })
})

test('the name of an account is no markup', async () => {
  expect((await get('/@alice')).html).toContain('&lt;b&gt;Alice&lt;/b&gt; &amp; co')
  const tag = await get(`/tags/${encodeURIComponent('"><script>x</script>')}`)
  expect(tag.html).not.toContain('<script')
})

test('what is not for everybody answers exactly like what is not there', async () => {
  const [secret, absent] = [await get('/objects/direct'), await get('/objects/absent')]
  expect(secret.html).toBe(absent.html)
  const headers = ({ headers: all }: typeof secret) => [...all].filter(([name]) => name !== 'date')
  expect(headers(secret)).toEqual(headers(absent))
})

test('a path that does not decode is no trouble of ours', async () => {
  expect((await get('/tags/%ff')).status).toBe(400)
})

describe('search engines', () => {
  test.each([
    ['are kept out unless the author lets them in', undefined, 'public', 'noindex, nofollow'],
    ['are let in by the author', true, 'public', 'index, follow, noarchive'],
    ['are kept out of what is unlisted', true, 'unlisted', 'noindex, nofollow'],
  ] as const)('%s', async (...[, isIndexable, visibility, robots]) => {
    const flags = { isLocked: false, isDiscoverable: false, isBot: false }
    const profile = { ...flags, fields: [], isIndexable: isIndexable ?? false }
    await stage.person('indexed', { profile })
    await stage.post('indexed', 'found', { record: { visibility } })
    const { html, headers } = await get('/objects/found')
    expect(headers.get('x-robots-tag')).toBe(robots)
    expect(html).toContain(`<meta name="robots" content="${robots}">`)
    const expected = isIndexable === true ? 'index, follow, noarchive' : 'noindex, nofollow'
    expect((await get('/@indexed')).headers.get('x-robots-tag')).toBe(expected)
    expect((await get('/@indexed/feed.atom')).headers.get('x-robots-tag')).toBe(expected)
  })
})

describe('the page about the server', () => {
  const block = (domain: string, more: Partial<DomainBlock> = {}): DomainBlock => ({
    ...{ domain, severity: 'suspend', rejectsMedia: false, rejectsReports: false },
    ...{ by: asUserId('@admin:hs.test'), at: 0, reason: 'for admins alone', ...more },
  })
  const blocks = [
    block('spam.example'),
    block('loud.example', {
      severity: 'silence',
      rejectsMedia: true,
      publicComment: 'No <rules>.',
    }),
    block('veiled.example', { isObfuscated: true }),
    block('chatty.example', { severity: 'none', rejectsReports: true }),
  ]
  const aboutWith = async (blockedServers: 'shown' | 'obfuscated' | 'hidden') => {
    const about = { operator: 'The <Friends>', contact: 'a@b.example', rules: ['Be kind.'] }
    const other = await startPages({
      about: { ...about, blockedServers },
      blockedServers: async () => blocks,
      pruneAfter: 30 * 86_400_000,
    })
    const text = oneLine(await (await fetch(`${other.publicUrl}/about`)).text())
    await other.close()
    return text
  }

  test('names who runs it, rules, what is kept and how long, and how to opt out', async () => {
    const text = await aboutWith('shown')
    for (const words of ['The &lt;Friends&gt;', 'mailto:a@b.example', '<li>Be kind.</li>'])
      expect(text).toContain(words)
    for (const words of ['for 30 days is forgotten', 'How to opt out', 'settings web_page off'])
      expect(text).toContain(words)
    for (const words of ['<b>Reports</b>, with', '<b>Bans</b>: ', '<b>Logs</b>'])
      expect(text).toContain(words)
  })

  test('names the servers that are kept away, and nothing that is for admins alone', async () => {
    const text = await aboutWith('shown')
    expect(text).toContain(
      '<td>spam.example</td><td>Nothing comes from it, and nothing goes to it.',
    )
    expect(text).toContain(
      '<td>loud.example</td><td>Its people reach only those who follow them. No pictures and files of it are taken.</td><td>No &lt;rules&gt;.</td>',
    )
    for (const secret of ['chatty.example', 'for admins alone', '@admin:hs.test'])
      expect(text).not.toContain(secret)
  })

  test('names them so that who knows them recognises them, where the admin wants that', async () => {
    const text = await aboutWith('obfuscated')
    expect(text).toContain('<td>s*a*.example</td>')
    expect(text).not.toContain('spam.example')
    expect(obfuscated('a.very.long.domain.example')).toBe('a.v*r*.l*n*.d*m*i*.example')
  })

  test('shows in part a name that is to be shown in part, whatever it does with others', async () => {
    const text = await aboutWith('shown')
    expect(text).toContain('<td>v*i*e*.example</td>')
    expect(text).not.toContain('veiled.example')
  })

  test('has a column for why only where something is said of it', async () => {
    expect(await aboutWith('obfuscated')).toContain('<th scope="col">Why</th>')
    const other = await startPages({ blockedServers: async () => [block('spam.example')] })
    const text = await (await fetch(`${other.publicUrl}/about`)).text()
    await other.close()
    expect(text).toContain('spam.example')
    expect(text).not.toContain('Why</th>')
  })

  test('reads them once a minute, however many ask for it', async () => {
    let looks = 0
    const other = await startPages({
      blockedServers: async () => {
        looks += 1
        return blocks
      },
    })
    const ask = async () => (await fetch(`${other.publicUrl}/about`)).text()
    const [first, again] = [await ask(), await ask()]
    expect(again).toBe(first)
    expect(looks).toBe(1)
    await other.clock.advance(60_000)
    await ask()
    expect(looks).toBe(2)
    await other.close()
  })

  test('shows a long list of them by pages, however large it is', async () => {
    const many = Array.from({ length: 401 }, (_, index) => block(`n${String(index)}.example`))
    const other = await startPages({ blockedServers: async () => many })
    const ask = async (query: string) => (await fetch(`${other.publicUrl}/about${query}`)).text()
    const shown = (text: string) =>
      [...text.matchAll(/<td>(n\d+)\.example/g)].map(([, name]) => name)
    const pages = [await ask(''), await ask('?blocked=2'), await ask('?blocked=3')]
    expect(pages.flatMap(shown)).toEqual(many.map(({ domain }) => domain.replace('.example', '')))
    expect(pages.map((text) => shown(text).length)).toEqual([200, 200, 1])
    const links = pages.map((text) => [...text.matchAll(/blocked=(\d+)#/g)].map(([, to]) => to))
    expect(links).toEqual([['2'], ['1', '3'], ['2']])
    for (const query of ['?blocked=0', '?blocked=x', '?blocked=2&blocked=3'])
      expect(await ask(query)).toBe(pages[0])
    expect(await ask('?blocked=999999')).toBe(pages[2])
    await other.close()
  })

  test('does not speak of them where the admin wants that', async () => {
    const text = await aboutWith('hidden')
    expect(text).not.toMatch(/spam|loud|kept away/)
  })

  test('says so where nobody said who runs it', async () => {
    expect((await get('/about')).html).toContain('has not said who they are')
  })
})

describe('the page of a room', () => {
  const tellingOf = (id: string) => asActivityId(`${id}/told`)
  const tellsOf = (object: ReturnType<PagesStage['objectId']>): readonly Change[] => {
    const [activityId, actor] = [tellingOf(object), stage.actorId('garden')]
    const reaction = { activityId, actor, object, type: 'Announce', key: '' } as const
    return [
      { change: 'put-activity', id: activityId, actor, document: '{}', isPublic: true, at: 1 },
      { change: 'put-reaction', reaction },
    ]
  }

  test('tells what it is, how to follow it, and the way in where anybody may join', async () => {
    const { status, html, headers } = await get('/@garden')
    expect(status).toBe(200)
    expect(html).toContain('&lt;i&gt;Garden&lt;/i&gt;')
    expect(html).toContain('<p>Peas</p>')
    expect(html).toContain('https://matrix.to/#/%23garden%3Ahs.test')
    expect(html).toContain('action="/@garden/follow"')
    expect(html).toContain('0 followers')
    expect(html).not.toContain('rel="me')
    expect(headers.get('x-robots-tag')).toContain('noindex')
  })

  test('shows what it told of: words of who is on pages, links to others, nobody else', async () => {
    const eve = remoteOf('eve', 'far.example')
    const byEve = remotePost('hi', eve)
    await stage.commit(
      { change: 'put-remote-actor', actor: eve },
      { change: 'put-object', object: byEve },
      ...[stage.objectId('alice-in'), stage.objectId('shy'), byEve.id].flatMap(tellsOf),
    )
    await stage.post('alice', 'alice-in', { content: '<p>peas are up</p>' })
    const { html } = await get('/@garden')
    expect(html).toContain('<p>peas are up</p>')
    expect(html).toContain(byEve.id)
    expect(html).toContain('@eve@far.example')
    expect(html).not.toContain('@closed')
    expect(html).not.toContain('what she wrote')
    await stage.commit({ change: 'remove-reaction', activityId: tellingOf(byEve.id) })
    expect((await get('/@garden')).html).not.toContain(byEve.id)
  })

  test('says nothing of the way in where only members let people in', async () => {
    const { html } = await get('/@shed')
    expect(html).toContain('This is a room on Matrix.')
    expect(html).not.toContain('matrix.to')
  })
})
