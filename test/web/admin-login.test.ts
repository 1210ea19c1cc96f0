import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { TransientError } from '../../src/model/errors.ts'
import {
  alice,
  root,
  startAdminPage,
  visitorOf,
  type AdminStage,
  type Visitor,
} from '../support/admin-page.ts'

let stage: AdminStage
let visitor: Visitor

const start = async (given: Parameters<typeof startAdminPage>[0] = {}): Promise<void> => {
  stage = await startAdminPage(given)
  visitor = visitorOf(stage)
}

beforeEach(() => start())
afterEach(() => stage.close())

const hour = 3_600_000
const leadsTo = ({ status, headers }: Awaited<ReturnType<Visitor['get']>>) => [
  status,
  headers.get('location'),
]

describe('who is not logged in', () => {
  test.each(['/admin', '/admin/failed', '/admin/failed/1', '/admin/nothing'])(
    'is led from %s to where one logs in',
    async (path) => {
      expect(leadsTo(await visitor.get(path))).toEqual([303, '/admin/login'])
    },
  )

  test.each(['/admin/do/retry-all', '/admin/logout', '/admin/do/nothing'])(
    'does nothing by %s',
    async (path) => {
      expect((await visitor.post(path, { csrf: '' })).status).toBe(401)
    },
  )

  test('reads how, and nothing else', async () => {
    const { status, text, headers } = await visitor.get('/admin/login')
    expect(status).toBe(200)
    expect(text).toContain('<code>login</code>')
    expect(text).not.toContain('OpenID')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
  })

  test('with a cookie that nobody gave is nobody', async () => {
    visitor.cookie = `footbridge-admin=${'a'.repeat(44)}`
    expect(leadsTo(await visitor.get('/admin'))).toEqual([303, '/admin/login'])
  })
})

describe('a link', () => {
  test('logs in once, whatever has looked at it before', async () => {
    const link = stage.linkOf(root)
    for (let n = 0; n < 3; n++) expect((await visitor.get(link)).status).toBe(200)
    expect(leadsTo(await visitor.submit('/admin/login'))).toEqual([303, '/admin'])
    expect((await visitor.get('/admin')).text).toContain(root)
    const other = visitorOf(stage)
    expect((await other.get(link)).status).toBe(410)
    const token = new URL(link, stage.url).searchParams.get('link') ?? ''
    expect((await other.post('/admin/login', { link: token })).status).toBe(410)
    expect(other.cookie).toBe('')
  })

  test('is good for ten minutes', async () => {
    const link = stage.linkOf(root)
    await visitor.get(link)
    await stage.bridge.clock.advance(600_000)
    expect((await visitor.submit('/admin/login')).status).toBe(410)
    expect((await visitor.get(link)).status).toBe(410)
  })

  test('of who is no admin any more is none', async () => {
    await visitor.get(stage.linkOf(root))
    stage.permissions.set(root, 'user')
    expect((await visitor.submit('/admin/login')).status).toBe(410)
  })

  test('sent by a page of somebody else logs nobody in', async () => {
    const token = new URL(stage.linkOf(root), stage.url).searchParams.get('link') ?? ''
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
    ])
      expect((await visitor.post('/admin/login', { link: token }, headers)).status).toBe(403)
    expect(visitor.cookie).toBe('')
  })

  test('to a session that few may guess: its cookie is for this page alone', async () => {
    const { headers } = await visitor.logIn(root)
    expect(headers.get('set-cookie')).toMatch(
      /^footbridge-admin=[\w-]{44}; Path=\/admin; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
  })

  test.each([
    { 'sec-fetch-site': 'same-origin', origin: 'https://admin.example' },
    { 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': 'https' },
  ])('behind TLS its cookie goes by TLS alone: %j', async (headers) => {
    const token = new URL(stage.linkOf(root), stage.url).searchParams.get('link') ?? ''
    const answer = await visitor.post('/admin/login', { link: token }, headers)
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  test('is not shown in the log, and who came is', async () => {
    await visitor.logIn(root)
    const lines = JSON.stringify(stage.lines)
    expect(lines).toContain(root)
    expect(lines).not.toContain(visitor.cookie.split('=')[1])
  })
})

describe('an OpenID token', () => {
  const asked: (readonly [string, string])[] = []
  beforeEach(async () => {
    asked.splice(0)
    await stage.close()
    await start({
      checkOpenId: async (token, visitor) => {
        asked.push([token, visitor])
        if (token === 'away') throw new TransientError('openid/userinfo: 502')
        if (token === 'often') return 'too-often'
        return token === 'of-root' ? root : token === 'of-alice' ? alice : 'unknown'
      },
    })
  })

  test.each(['of-root', '  of-root\n', '{"access_token":"of-root","expires_in":3600}'])(
    'of an admin logs in: %j',
    async (openid) => {
      expect((await visitor.get('/admin/login')).text).toContain('name="openid"')
      expect(leadsTo(await visitor.post('/admin/login', { openid }))).toEqual([303, '/admin'])
      expect((await visitor.get('/admin')).text).toContain(root)
      expect(asked).toEqual([['of-root', 'unknown']])
    },
  )

  test.each([
    ['of somebody who is no admin', 'of-alice', 403],
    ['made up', 'made-up', 403],
    ['empty', '', 403],
    ['that is none', '{"access_token":7}', 403],
    ['that is a list', '[]', 403],
    ['too long', 'x'.repeat(2_001), 403],
    ['while the homeserver is away', 'away', 502],
    ['after many others', 'often', 429],
  ])('%s does not', async (_, openid, status) => {
    expect((await visitor.post('/admin/login', { openid })).status).toBe(status)
    expect(visitor.cookie).toBe('')
  })

  test('is not even looked at where none shall log in', async () => {
    await stage.close()
    await start()
    expect((await visitor.post('/admin/login', { openid: 'of-root' })).status).toBe(403)
    expect(asked).toEqual([])
  })
})

test('tries are bounded, for links and tokens alike', async () => {
  await stage.close()
  await start({ takeTry: () => 30_000 })
  const answer = await visitor.logIn(root)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30'])
})

describe('a session', () => {
  beforeEach(() => visitor.logIn(root))

  const isIn = async (): Promise<boolean> => (await visitor.get('/admin')).status === 200

  test('ends when it was not used for two hours', async () => {
    await stage.bridge.clock.advance(2 * hour - 1)
    expect(await isIn()).toBe(true)
    await stage.bridge.clock.advance(2 * hour)
    expect(await isIn()).toBe(false)
  })

  test('ends after twelve hours, however busy', async () => {
    for (let n = 0; n < 11; n++) {
      await stage.bridge.clock.advance(hour)
      expect(await isIn()).toBe(true)
    }
    await stage.bridge.clock.advance(hour)
    expect(await isIn()).toBe(false)
  })

  test('ends with the permission, and does not come back with it', async () => {
    stage.permissions.set(root, 'user')
    expect(await isIn()).toBe(false)
    stage.permissions.set(root, 'admin')
    expect(await isIn()).toBe(false)
  })

  test('ends by logging out', async () => {
    const { cookie } = visitor
    await visitor.get('/admin')
    const answer = await visitor.submit('/admin/logout')
    expect(leadsTo(answer)).toEqual([303, '/admin/login'])
    expect(answer.headers.get('set-cookie')).toMatch(/^footbridge-admin=; .*Max-Age=0/)
    visitor.cookie = cookie
    expect(await isIn()).toBe(false)
  })

  test('is one of fifty: the oldest goes', async () => {
    for (let n = 0; n < 49; n++) await visitorOf(stage).logIn(root)
    expect(await isIn()).toBe(true)
    await visitorOf(stage).logIn(root)
    expect(await isIn()).toBe(false)
  })

  test('of the machine itself needs no permission', async () => {
    await visitor.logIn(stage.bridge.deps.identity.bot)
    expect((await visitor.get('/admin')).text).toContain('from the machine itself')
  })
})
