import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { NewJob } from '../../src/model/job.ts'
import { acts } from '../../src/web/admin/acts.ts'
import {
  root,
  startAdminPage,
  visitorOf,
  type AdminStage,
  type Visitor,
} from '../support/admin-page.ts'

let stage: AdminStage
let visitor: Visitor

beforeEach(async () => {
  stage = await startAdminPage()
  visitor = visitorOf(stage)
  await visitor.logIn(root)
})
afterEach(() => stage.close())

const job = (name: string): NewJob => ({
  kind: 'activity',
  key: `https://social.example/${name}`,
  lane: `activity:https://social.example/users/${name}`,
  host: 'social.example',
  payload: JSON.stringify({ secret: 'words of a private message' }),
})

const evil = '<script>alert("1")</script>'
/** Whatever strangers name may stand in a page, as text. */
const shown = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'

describe('every page', () => {
  test.each(['/admin', '/admin/failed', '/admin/nothing', '/admin/failed/77'])(
    '%s is kept by nobody, runs nothing and is in no frame',
    async (path) => {
      const { headers, text } = await visitor.get(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(text).not.toMatch(/<script|\sstyle=|\son\w+=/)
      expect(text).toContain('<html lang="en">')
    },
  )

  test('says that it is not there where it is not', async () => {
    for (const path of [
      '/admin/nothing',
      '/admin/failed/77',
      '/admin/failed/x',
      '/admin/failed/-1',
    ])
      expect([path, (await visitor.get(path)).status]).toEqual([path, 404])
  })

  test('has its style below /admin, for proxies that pass on nothing else', async () => {
    const { text } = await visitor.get('/admin')
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(text) ?? []
    expect(style).toMatch(/^\/admin\/assets\/style\.[0-9a-f]{12}\.css$/)
    expect((await visitor.get(style)).headers.get('content-type')).toContain('text/css')
  })
})

describe('forms', () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['without the word of the session', {}, { 'sec-fetch-site': 'same-origin' }],
    ['with another word', { csrf: 'id00000000000000000001' }, { 'sec-fetch-site': 'same-origin' }],
    ['of another page', { csrf: 'right' }, { 'sec-fetch-site': 'cross-site' }],
    ['of another page, in an old browser', { csrf: 'right' }, { origin: 'https://x.example' }],
  ])('%s do nothing', async (_, { csrf }, headers) => {
    const id = await stage.giveUp(job('a'), 'Error: no')
    const { text } = await visitor.get('/admin/failed')
    const [, right = ''] = /name="csrf" value="([^"]+)"/.exec(text) ?? []
    const given = csrf === 'right' ? right : csrf
    for (const act of [...acts.keys()].map((name) => `/admin/do/${name}`).concat('/admin/logout')) {
      const fields = { id: String(id), ...(given === undefined ? {} : { csrf: given }) }
      expect([act, (await visitor.post(act, fields, headers)).status]).toEqual([act, 403])
    }
    expect(await stage.queue.listFailed({ limit: 5 })).toHaveLength(1)
    expect((await visitor.get('/admin')).status).toBe(200)
  })

  test('of another session do nothing', async () => {
    await stage.giveUp(job('a'), 'Error: no')
    const other = visitorOf(stage)
    await other.logIn(root)
    const { text } = await other.get('/admin/failed')
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(text) ?? []
    expect((await visitor.post('/admin/do/retry-all', { csrf })).status).toBe(403)
  })

  test('by an address do nothing: only what is sent counts', async () => {
    const id = await stage.giveUp(job('a'), 'Error: no')
    expect((await visitor.get(`/admin/do/drop?id=${id}`)).status).toBe(404)
    expect(await stage.queue.listFailed({ limit: 5 })).toHaveLength(1)
  })

  test('that are none, or too large, are refused', async () => {
    await visitor.get('/admin/failed')
    const text = 'x'.repeat(20_000)
    expect((await visitor.post('/admin/do/retry', { id: text })).status).toBe(413)
    await stage.giveUp(job('a'), 'Error: no')
    for (const id of ['', 'x', '1'.repeat(16), '1 2', '--all', '-1']) {
      await visitor.get('/admin/failed')
      expect([id, (await visitor.submit('/admin/do/retry', { id })).status]).toEqual([id, 400])
    }
    await visitor.get('/admin/failed')
    expect((await visitor.submit('/admin/do/nothing')).status).toBe(403)
  })

  test('of who is no admin any more do nothing', async () => {
    const id = await stage.giveUp(job('a'), 'Error: no')
    await visitor.get('/admin/failed')
    stage.permissions.set(root, 'user')
    expect((await visitor.submit('/admin/do/drop', { id: String(id) })).status).toBe(401)
    expect(await stage.queue.listFailed({ limit: 5 })).toHaveLength(1)
  })
})

describe('what was given up', () => {
  test('is listed with its reason, and nothing of what anybody wrote', async () => {
    await stage.giveUp(job(evil), `RejectedError: ${evil} refused\n    at stack`)
    const list = (await visitor.get('/admin/failed')).text
    expect(list).toContain(`from social.example: https://social.example/${shown}`)
    expect(list).toContain(`${shown} refused`)
    expect(list).not.toContain('private message')
    expect(list).not.toContain('<script')
    const detail = (await visitor.get('/admin/failed/1')).text
    expect(detail).toContain('at stack')
    expect(detail).not.toContain('private message')
  })

  test('is tried again, which the log knows', async () => {
    const id = await stage.giveUp(job('a'), 'Error: no')
    await visitor.get('/admin/failed')
    const { status, headers } = await visitor.submit('/admin/do/retry')
    expect([status, headers.get('location')]).toEqual([303, '/admin/failed'])
    expect(await stage.queue.listFailed({ limit: 5 })).toEqual([])
    expect((await stage.queue.claim('activity', 5)).map(({ key }) => key)).toEqual([job('a').key])
    const { text } = await visitor.get('/admin/failed')
    expect(text).toContain(`${id} is tried again.`)
    expect((await visitor.get('/admin/failed')).text).not.toContain('is tried again')
    expect(stage.lines.map(({ fields, message }) => [message, fields])).toContainEqual([
      'an admin did something',
      { by: root, act: `failed retry ${id}`, end: 'done' },
    ])
  })

  test('is forgotten', async () => {
    await stage.giveUp(job('a'), 'Error: no')
    await visitor.get('/admin/failed/1')
    expect((await visitor.submit('/admin/do/drop')).status).toBe(303)
    expect(await stage.queue.listFailed({ limit: 5 })).toEqual([])
    expect(await stage.queue.claim('activity', 5)).toEqual([])
  })

  test('comes in pages, all of which are tried again at once', async () => {
    for (let n = 0; n < 23; n++) await stage.giveUp(job(String(n)), 'Error: no')
    const first = (await visitor.get('/admin/failed')).text
    const [, older = ''] = /href="(\/admin\/failed\?before=\d+)"/.exec(first) ?? []
    const second = (await visitor.get(older)).text
    const count = (text: string): number => text.split('action="/admin/do/retry"').length - 1
    expect([count(first), count(second)]).toEqual([20, 3])
    expect(second).not.toContain('?before=')
    await visitor.get('/admin/failed')
    await visitor.submit('/admin/do/retry-all')
    expect((await visitor.get('/admin/failed')).text).toContain('Tried again: 23.')
    expect(await stage.queue.listFailed({ limit: 5 })).toEqual([])
  })

  test('by somebody else meanwhile, is said to be nothing any more', async () => {
    const id = await stage.giveUp(job('a'), 'Error: no')
    await visitor.get('/admin/failed')
    await stage.queue.dropFailed(id)
    await visitor.submit('/admin/do/retry')
    expect((await visitor.get('/admin/failed')).text).toContain('was not given up')
  })
})

describe('the overview', () => {
  test('says that all is well', async () => {
    expect((await visitor.get('/admin')).text).toContain('All is well')
  })

  test('says what waits, and what an admin has to know', async () => {
    await stage.giveUp(job('a'), 'Error: no')
    await stage.queue.add([job('b'), job('c')])
    await stage.bridge.clock.advance(300_000)
    const at = stage.bridge.clock.now()
    await stage.bridge.store.commit([
      { change: 'mark', key: 'public side', value: String(at - 3_600_000), at },
    ])
    const { text } = await visitor.get('/admin')
    expect(text).toMatch(/<a href="\/admin\/failed"\s*>1 piece of work was given up</)
    expect(text).toContain('may not have reached this one for 60 minutes')
    expect(text).toMatch(/From the fediverse<\/h3>\s*<p class="big">2<\/p>/)
    expect(text).toContain('The oldest has waited 5 minutes. 1 given up.')
  })
})
