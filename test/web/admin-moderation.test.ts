import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import { asActivityId, asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import { remoteOf, remotePost } from '../support/pages.ts'
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
const commit = (...changes: readonly Change[]) => stage.bridge.store.commit(changes)

beforeEach(async () => {
  stage = await startAdminPage()
  visitor = visitorOf(stage)
  await visitor.logIn(root)
})
afterEach(() => stage.close())

const evil = '<img src=x onerror=alert(1)>'
const shownEvil = '&lt;img src=x onerror=alert(1)&gt;'
const bob = remoteOf('bob', 'social.example', { name: evil })
const local = (name: string) => asActorId(`https://fedi.hs.test/actors/${name}`)

const person = (name: string): Change => ({
  change: 'put-local-actor',
  actor: {
    ...{ id: local(name), userId: asUserId(`@${name}:hs.test`), username: name },
    createdAt: stage.bridge.clock.now(),
  },
})

/** What the visitor reads after a form, where it led. */
async function done(answer: ReturnType<Visitor['submit']>): Promise<string> {
  const { status, headers } = await answer
  expect(status).toBe(303)
  return (await visitor.get(headers.get('location') ?? '')).text
}

describe('reports', () => {
  beforeEach(async () => {
    const report = { host: 'social.example', actor: asActorId('https://social.example/actor') }
    await commit(
      person('alice'),
      { change: 'put-remote-actor', actor: bob },
      { change: 'put-object', object: remotePost('secret', bob, { visibility: 'direct' }) },
      {
        change: 'put-report',
        report: {
          ...report,
          activityId: asActivityId('https://social.example/flags/1'),
          accounts: [local('alice'), bob.id],
          posts: [asObjectId('https://social.example/notes/secret')],
          text: `Look:\n${evil}`,
          at: stage.bridge.clock.now(),
        },
      },
    )
  })

  test('are listed, and shown with what may be seen of them', async () => {
    expect((await visitor.get('/admin/reports')).text).toContain(
      'social.example reports @alice@hs.test, @bob@social.example, for a post',
    )
    const { text } = await visitor.get('/admin/reports/1')
    expect(text).toContain(shownEvil)
    expect(text).not.toContain(evil)
    expect(text).toContain('https://social.example/notes/secret (a private message)')
    expect(text).toContain('@alice:hs.test, of this server')
    expect((await visitor.get('/admin/reports/2')).status).toBe(404)
  })

  test('are closed, by whom is known', async () => {
    await visitor.get('/admin/reports')
    const text = await done(visitor.submit('/admin/do/resolve'))
    expect(text).toContain('Report 1 is closed.')
    expect(text).toContain(`Closed by ${root}`)
    expect((await stage.bridge.store.findReport(1))?.resolved?.by).toBe(root)
    expect((await visitor.get('/admin/reports')).text).toContain('No report is open.')
  })

  test('lead to a suspension, and back from it', async () => {
    await visitor.get('/admin/reports/1')
    expect(await done(visitor.submit('/admin/do/suspend'))).toContain('is suspended')
    expect(await stage.bridge.store.findMark(`barred ${bob.id}`)).toBe(root)
    // What is here of it goes by a job, as after the command.
    const jobs = await stage.queue.waitingAfter('upkeep', 0, 10)
    expect(jobs.map(({ payload }) => payload)).toEqual([
      JSON.stringify({ type: 'leave-alone', actorId: bob.id }),
    ])
    await visitor.get('/admin/reports/1')
    expect(await done(visitor.submit('/admin/do/unsuspend'))).toContain('may come again')
    expect(await stage.bridge.store.findMark(`barred ${bob.id}`)).toBeUndefined()
  })
})

describe('blocks', () => {
  const block = async (fields: Readonly<Record<string, string>>) => {
    await visitor.get('/admin/blocks')
    return visitor.submit('/admin/do/block', fields)
  }

  test.each([
    [{ severity: 'suspend' }, { severity: 'suspend', rejectsMedia: false, rejectsReports: false }],
    [{ severity: 'silence' }, { severity: 'silence', rejectsMedia: false, rejectsReports: false }],
    [
      { severity: 'silence', media: 'on' },
      { severity: 'silence', rejectsMedia: true, rejectsReports: false },
    ],
    [
      { severity: 'part', media: 'on', reports: 'on' },
      { severity: 'none', rejectsMedia: true, rejectsReports: true },
    ],
    [{ severity: 'allow' }, { severity: 'none', rejectsMedia: false, rejectsReports: false }],
  ])('%j', async (fields, expected) => {
    const text = await done(block({ domain: 'Spam.Example', reason: '', ...fields }))
    expect(text).toContain('spam.example')
    expect(await stage.bridge.store.findDomainBlock('spam.example')).toMatchObject({
      ...expected,
      by: root,
    })
  })

  test('have a reason, which stays in the list and out of the log', async () => {
    const text = await done(
      block({ domain: 'spam.example', severity: 'suspend', reason: `--silence ${evil}` }),
    )
    expect(text).toContain(shownEvil)
    expect(text).not.toContain(evil)
    expect((await stage.bridge.store.findDomainBlock('spam.example'))?.severity).toBe('suspend')
    const told = JSON.stringify(stage.lines)
    expect(told).toContain('block-domain spam.example')
    expect(told).not.toContain('onerror')
  })

  test('are shown in part with a comment for everybody, and keep what a new form does not name', async () => {
    const domain = 'spam.example'
    const find = () => stage.bridge.store.findDomainBlock(domain)
    const fields = { comment: `--no-media ${evil}`, reason: 'asked twice', shown: 'in-part' }
    const text = await done(block({ domain, severity: 'silence', media: 'on', ...fields }))
    expect(text).toContain('Its name is shown in part.')
    expect(text).toContain(shownEvil)
    expect(text).not.toContain(evil)
    const words = { publicComment: fields.comment, reason: 'asked twice' }
    await done(block({ domain, severity: 'suspend', shown: 'as-before', comment: '', reason: '' }))
    expect(await find()).toMatchObject({ severity: 'suspend', isObfuscated: true, ...words })
    await done(block({ domain, severity: 'part', reports: 'on', shown: 'whole' }))
    expect(await find()).toMatchObject({ severity: 'none', rejectsReports: true, ...words })
    expect(await find()).not.toHaveProperty('isObfuscated')
  })

  test.each<Record<string, string>>([
    { severity: 'suspend' },
    { domain: '', severity: 'suspend' },
    { domain: '--silence', severity: 'suspend' },
    { domain: 'a b', severity: 'suspend' },
    { domain: 'spam.example', severity: 'part' },
    { domain: 'spam.example', severity: 'all' },
    { domain: 'spam.example' },
    { domain: 'x'.repeat(3_000), severity: 'suspend' },
  ])('%j changes nothing', async (fields) => {
    expect((await block(fields)).status).toBe(400)
    expect(await stage.bridge.store.domainBlocks()).toEqual([])
  })

  test('of what is no domain, and of ourselves, say so', async () => {
    expect(await done(block({ domain: 'nothing', severity: 'suspend' }))).toContain(
      'It is written like this',
    )
    expect(await done(block({ domain: 'fedi.hs.test', severity: 'suspend' }))).toContain(
      'is where this bridge is itself',
    )
    expect(await stage.bridge.store.domainBlocks()).toEqual([])
  })

  test('are taken back', async () => {
    await block({ domain: 'spam.example', severity: 'suspend' })
    await visitor.get('/admin/blocks')
    expect(await done(visitor.submit('/admin/do/unblock'))).toContain('is not blocked any more')
    expect(await stage.bridge.store.domainBlocks()).toEqual([])
  })

  test('lose what everybody reads of them, and stay', async () => {
    const find = async () => (await stage.bridge.store.domainBlocks())[0]
    await block({ domain: 'spam.example', severity: 'silence', comment: 'Says too much.' })
    expect(await find()).toMatchObject({ publicComment: 'Says too much.' })
    await visitor.get('/admin/blocks')
    const text = await done(visitor.submit('/admin/do/without-comment'))
    expect(text).not.toContain('Everybody reads')
    expect(text).not.toContain('Remove what everybody reads')
    expect(await find()).toMatchObject({ domain: 'spam.example', severity: 'silence' })
    expect(await find()).not.toHaveProperty('publicComment')
  })

  test('that are gone are not made again by a page that still shows them', async () => {
    await block({ domain: 'spam.example', severity: 'silence', comment: 'Says too much.' })
    await visitor.get('/admin/blocks')
    await stage.bridge.store.commit([{ change: 'remove-domain-block', domain: 'spam.example' }])
    const text = await done(visitor.submit('/admin/do/without-comment'))
    expect(text).toContain('spam.example has no block of its own to take that back from.')
    expect(await stage.bridge.store.domainBlocks()).toEqual([])
  })

  test('of accounts are listed with those who made them, and go', async () => {
    await commit({ change: 'put-remote-actor', actor: bob })
    await visitor.get('/admin/blocks')
    const text = await done(visitor.submit('/admin/do/suspend', { account: '@bob@social.example' }))
    expect(text).toContain('<p class="what">@bob@social.example</p>')
    expect(text).toContain(`by ${root}`)
    expect(await done(visitor.submit('/admin/do/unsuspend'))).toContain('No account is suspended.')
  })

  test('come in pages', async () => {
    for (let n = 0; n < 52; n++)
      await commit({
        change: 'put-domain-block',
        block: {
          ...{ domain: `s${String(n).padStart(2, '0')}.example`, severity: 'suspend' },
          ...{ rejectsMedia: false, rejectsReports: false, by: root, at: 0 },
        },
      })
    const first = (await visitor.get('/admin/blocks')).text
    expect(first).toContain('s49.example')
    expect(first).not.toContain('s50.example')
    const [, more = ''] = /href="(\/admin\/blocks\?domain=[^"]+)"/.exec(first) ?? []
    expect((await visitor.get(more)).text).toContain('s51.example')
  })
})

describe('people', () => {
  test('are listed by name with what they may do, in pages', async () => {
    for (let n = 0; n < 51; n++) await commit(person(`u${String(n).padStart(2, '0')}`))
    await commit(person('alice'))
    stage.permissions.set(alice, 'none')
    const first = (await visitor.get('/admin/people')).text
    expect(first).toContain('@alice:hs.test')
    expect(first).toContain('>none</span>')
    expect(first).not.toContain('@u50:hs.test')
    const [, more = ''] = /href="(\/admin\/people\?after=[^"]+)"/.exec(first) ?? []
    const second = (await visitor.get(more)).text
    expect(second).toContain('@u50:hs.test')
    expect(second).not.toContain('@u48:hs.test')
  })
})

describe('servers', () => {
  test('that fail are named first, and what waits for them', async () => {
    const { queue, bridge } = stage
    const delivery = (host: string, n: number) => ({
      ...{ kind: 'delivery' as const, key: `${host} ${n}`, lane: `delivery:${host} ${n}` },
      ...{ host, payload: '{}' },
    })
    await queue.add([delivery('away.example', 1)])
    const [job] = await queue.claim('delivery', 1)
    if (job === undefined) throw new Error('nothing to claim')
    const runAt = bridge.clock.now() + 3 * 3_600_000
    await queue.retry(job, { runAt, error: 'no answer', counts: true, hostFailed: runAt })
    await bridge.clock.advance(5_400_000)
    await queue.add([delivery('social.example', 2), delivery('away.example', 3)])
    const { text } = await visitor.get('/admin/servers')
    expect(text.indexOf('away.example')).toBeLessThan(text.indexOf('social.example'))
    expect(text).toContain('Failing for 90 minutes')
    expect(text).toMatch(/2 pieces to send there, the oldest for 90 minutes/)
    expect(text).toContain('Next try: ')
    expect((await visitor.get('/admin')).text).toContain('1 server does not answer')
  })

  test('are none where nothing waits', async () => {
    expect((await visitor.get('/admin/servers')).text).toContain('Every server answers')
  })
})
