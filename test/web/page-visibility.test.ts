import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { asActivityId, asUserId } from '../../src/model/ids.ts'
import type { Change } from '../../src/model/change.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { Wishes } from '../../src/model/wishes.ts'
import type { Visibility } from '../../src/model/audience.ts'
import { remoteOf, remotePost, startPages, type PagesStage } from '../support/pages.ts'

/** Whatever is for fewer people than all is in no page and no feed. */
const visibilities: readonly (readonly [Visibility, boolean])[] = [
  ['public', true],
  ['unlisted', true],
  ['followers', false],
  ['direct', false],
]

const blockOf = (severity: 'suspend' | 'silence'): Change => ({
  change: 'put-domain-block',
  block: {
    ...{ domain: 'other.example', severity, rejectsMedia: false, rejectsReports: false },
    ...{ by: asUserId('@admin:hs.test'), at: 0 },
  },
})

let stage: PagesStage
const loud = remoteOf('loud', 'loud.example')
const kind = remoteOf('kind', 'kind.example', { name: '<b>Kind</b>' })

beforeAll(async () => {
  stage = await startPages()
  for (const name of ['alice', 'bob', 'enemy']) await stage.person(name)
  await stage.person('closed', {}, 'off')
  await stage.post('alice', 'root', { content: '<p>the root</p>' })
  const inReplyTo = stage.objectId('root')
  const more = (name: string) => ({
    content: `<p>words of ${name}</p>`,
    attachments: [{ type: 'Image' as const, url: `${stage.publicUrl}/media/${name}`, name }],
    hashtags: [{ name: `#tag${name}`, href: 'https://x.example/' }],
  })
  for (const [visibility] of visibilities) {
    const record = { visibility }
    await stage.post('alice', visibility, { ...more(visibility), record })
    await stage.post('bob', `reply-${visibility}`, { ...more(`r${visibility}`), inReplyTo, record })
    await stage.commit({
      change: 'put-object',
      object: remotePost(`from-${visibility}`, kind, {
        ...{ inReplyTo, visibility, url: `https://kind.example/@kind/${visibility}` },
      }),
    })
    // What answers something that is not for all.
    const parent = stage.objectId(visibility)
    await stage.post('alice', `to-${visibility}`, {
      content: '<p>an answer</p>',
      inReplyTo: parent,
    })
  }
  await stage.post('closed', 'reply-closed', { ...more('closed'), inReplyTo })
  await stage.post('enemy', 'reply-enemy', { ...more('enemy'), inReplyTo })
  await stage.commit(
    { change: 'put-remote-actor', actor: kind },
    { change: 'put-remote-actor', actor: loud },
    {
      change: 'put-object',
      object: remotePost('noise', loud, { inReplyTo, url: 'https://loud.example/@loud/noise' }),
    },
    ...[stage.actorId('enemy'), loud.id].map((blocked, n) => ({
      change: 'put-block' as const,
      block: {
        ...{ blocker: stage.actorId('alice'), blocked },
        activityId: asActivityId(`${stage.publicUrl}/activities/block${n}`),
      },
    })),
    {
      change: 'put-featured',
      actor: stage.actorId('alice'),
      objects: visibilities.map(([visibility]) => stage.objectId(visibility)),
    },
  )
})
afterAll(() => stage.close())

const read = async (path: string): Promise<string> => (await fetch(stage.publicUrl + path)).text()

const outputs = ['/@alice', '/@alice?replies=1', '/@alice/feed.atom', '/objects/root'] as const

describe.each(visibilities)('what is %s', (visibility, isShown) => {
  test.each(['/@alice', '/@alice?replies=1', '/@alice/feed.atom'])('in %s', async (path) => {
    const text = await read(path)
    for (const words of [`words of ${visibility}<`, `/media/${visibility}"`])
      expect([words, text.replaceAll('&lt;', '<').includes(words)]).toEqual([words, isShown])
  })

  test('as a page of its own', async () => {
    const { status } = await fetch(stage.objectId(visibility))
    expect(status).toBe(isShown ? 200 : 404)
  })

  test('as a reply below a public post', async () => {
    const text = await read('/objects/root')
    expect(text.includes(`words of r${visibility}<`)).toBe(isShown)
    expect(text.includes(`https://kind.example/@kind/${visibility}"`)).toBe(isShown)
  })

  test('as what a public post answers', async () => {
    const text = await read(`/objects/to-${visibility}`)
    expect(text.includes(`href="${stage.objectId(visibility)}"`)).toBe(isShown)
    expect(text.includes('a post that is not shown here')).toBe(!isShown)
  })
})

describe('others', () => {
  test('who are not on pages are shown in nobody’s either', async () => {
    for (const path of outputs) expect(await read(path)).not.toMatch(/words of closed|@closed/)
  })

  test('whom the author blocks are not shown below, wherever they are', async () => {
    const text = await read('/objects/root')
    expect(text).not.toMatch(/words of enemy|@enemy|loud/)
  })

  test.each<[string, (id: RemoteActor) => Change]>([
    ['whose server is kept away', () => blockOf('suspend')],
    ['whose server is kept quiet', () => blockOf('silence')],
    [
      'who want no bridge',
      (actor) => ({
        change: 'put-remote-actor',
        actor: { ...actor, details: { fields: [], isLocked: false, wishes: { noBridge: true } } },
      }),
    ],
  ])('%s are not shown below any more', async (_, change) => {
    const other = remoteOf('other', 'other.example')
    const inReplyTo = stage.objectId('root')
    const url = 'https://other.example/@other/1'
    await stage.commit(
      { change: 'remove-domain-block', domain: 'other.example' },
      { change: 'put-remote-actor', actor: other },
      { change: 'put-object', object: remotePost('other', other, { inReplyTo, url }) },
    )
    expect(await read('/objects/root')).toContain(url)
    await stage.commit(change(other))
    expect(await read('/objects/root')).not.toMatch(/other\.example/)
  })

  const hidings: readonly (readonly [Wishes, readonly Visibility[]])[] = [
    [{}, []],
    [{ hidesPublic: true }, ['public']],
    [{ hidesUnlisted: true }, ['unlisted']],
    [{ hidesPublic: true, hidesUnlisted: true }, ['public', 'unlisted']],
  ]
  test.each(hidings)('who wish %j are on pages without %j', async (wishes, hidden) => {
    const shy = remoteOf('shy', 'shy.example', { details: { fields: [], isLocked: false, wishes } })
    await stage.commit({ change: 'put-remote-actor', actor: shy })
    for (const visibility of ['public', 'unlisted'] as const) {
      const url = `https://shy.example/@shy/${visibility}`
      const reply = remotePost(visibility, shy, {
        ...{ inReplyTo: stage.objectId('root'), visibility, url, published: Date.UTC(2001, 1, 1) },
      })
      await stage.commit({ change: 'put-object', object: reply })
      await stage.post('bob', `to-shy-${visibility}`, { inReplyTo: reply.id })
    }
    const [root, ...answers] = await Promise.all(
      ['root', 'to-shy-public', 'to-shy-unlisted'].map((name) => read(`/objects/${name}`)),
    )
    for (const [n, visibility] of (['public', 'unlisted'] as const).entries()) {
      const isHidden = hidden.includes(visibility)
      expect(root?.includes(`https://shy.example/@shy/${visibility}"`)).toBe(!isHidden)
      const answer = answers[n] ?? ''
      expect(answer.includes('a post that is not shown here')).toBe(isHidden)
      expect(/shy\.example/.test(answer)).toBe(!isHidden)
    }
    if (hidden.length === 2) expect(root).not.toMatch(/shy\.example|2001/)
    for (const path of ['/@bob?replies=1', '/@bob/feed.atom'])
      for (const visibility of hidden)
        expect(await read(path)).not.toMatch(`shy.example/@shy/${visibility}`)
  })

  test('of other servers keep their words: a link leads to them', async () => {
    const text = await read('/objects/root')
    expect(text).toContain('@kind@kind.example')
    expect(text).not.toContain('Kind</b>')
  })
})

test('what was deleted is gone at once', async () => {
  const author = stage.actorId('alice')
  await stage.post('alice', 'regret', { content: '<p>regretted words</p>' })
  expect(await read('/@alice')).toContain('regretted words')
  await stage.commit({ change: 'delete-object', id: stage.objectId('regret'), author, at: 9 })
  for (const path of outputs) expect(await read(path)).not.toContain('regretted words')
  expect((await fetch(stage.objectId('regret'))).status).toBe(410)
})

test('who no longer wishes pages has none at once', async () => {
  await stage.person('changing')
  await stage.post('changing', 'once', { content: '<p>once shown</p>' })
  expect(await read('/@changing')).toContain('once shown')
  await stage.person('changing', {}, 'off')
  for (const path of ['/@changing', '/@changing/feed.atom', '/objects/once'])
    expect(await read(path)).not.toContain('once shown')
})

test('who may not use the bridge any more has no page, and cannot take it away themselves', async () => {
  const out = asUserId('@dora:hs.test')
  const other = await startPages({ isPermitted: (userId) => userId !== out })
  await other.person('dora')
  await other.person('erin')
  await other.post('dora', 'words', { content: '<p>unkind words</p>' })
  const at = (path: string) => fetch(`${other.publicUrl}${path}`)
  for (const path of ['/@dora', '/objects/words', '/@dora/feed.atom'])
    expect(await (await at(path)).text()).not.toContain('unkind words')
  expect((await at('/@dora/feed.atom')).status).toBe(404)
  expect((await at('/@erin/feed.atom')).status).toBe(200)
  await other.close()
})

test('older posts are on further pages, each once', async () => {
  await stage.person('prolific')
  for (let n = 1; n <= 45; n++)
    await stage.post('prolific', `many${n}`, { content: `<p>number ${n}.</p>` })
  const seen: string[] = []
  let path: string | undefined = '/@prolific'
  while (path !== undefined) {
    const text = await read(path)
    seen.push(...Array.from(text.matchAll(/number (\d+)\./g), ([, n = '']) => n))
    path = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(seen).toEqual(Array.from({ length: 45 }, (_, n) => String(45 - n)))
  const odd = await read('/@prolific?before=x%27;drop')
  expect(odd).toContain('number 45.')
})
