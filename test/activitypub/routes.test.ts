import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { asActorId, asMxc, asUserId } from '../../src/model/ids.ts'
import { parseActor } from '../../src/activitypub/parse.ts'
import { alice, publicUrl, startRoutes } from './routes-setup.ts'

let world: Awaited<ReturnType<typeof startRoutes>>
beforeAll(async () => {
  world = await startRoutes()
})
afterAll(() => world.close())

const json = (text: string): unknown => JSON.parse(text)

describe('WebFinger', () => {
  const ask = (resource: string) =>
    world.get(`/.well-known/webfinger?resource=${encodeURIComponent(resource)}`)

  const self = (href: string) => [
    { rel: 'self', type: 'application/activity+json', href },
    {
      rel: 'self',
      type: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
      href,
    },
  ]
  const page = `${publicUrl}/@alice`
  const ofAlice = {
    subject: 'acct:alice@here.example',
    aliases: [page, alice],
    links: [
      { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: page },
      ...self(alice),
    ],
  }
  test.each([
    'acct:alice@here.example',
    'acct:@alice@here.example',
    'alice@here.example',
    '@ALICE@Here.Example',
    'acct:alice@fedi.here.example',
    alice,
    page,
  ])('knows a local actor as %s', async (resource) => {
    const { status, type, text, response } = await ask(resource)
    expect([status, type, response.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'application/jrd+json; charset=utf-8',
      '*',
    ])
    expect(json(text)).toEqual(ofAlice)
  })

  test.each([
    'acct:fedi.here.example@fedi.here.example',
    `${publicUrl}/`,
    publicUrl,
    `${publicUrl}/actor`,
  ])('knows the server as %s', async (resource) => {
    const id = `${publicUrl}/actor`
    expect(json((await ask(resource)).text)).toEqual({
      subject: 'acct:fedi.here.example@fedi.here.example',
      aliases: [id, `${publicUrl}/`],
      links: self(id),
    })
  })

  test.each([
    ['acct:nobody@here.example', 404],
    ['acct:alice@elsewhere.example', 404],
    ['https://elsewhere.example/@alice', 404],
    [`${publicUrl}/objects/public`, 404],
    ['mailto:alice@here.example', 404],
    ['acct:gone@here.example', 410],
    [`${publicUrl}/actors/gone`, 410],
    ['alice', 400],
    ['acct:@here.example', 400],
    ['a@b@here.example', 400],
    ['', 400],
  ])('answers %p with %i', async (resource, status) => {
    expect((await ask(resource)).status).toBe(status)
  })

  test.each<['signed' | 'public', boolean]>([
    ['signed', false],
    ['public', true],
  ])('names a picture where everybody may read the actor: %s', async (fetchMode, isNamed) => {
    const avatar = asMxc('mxc://here.example/a')
    const actor = { id: asActorId(alice), userId: asUserId('@alice:here.example'), avatar }
    const own = await startRoutes({
      fetchMode,
      findLocalActor: async () => ({ ...actor, username: 'alice', createdAt: 0 }),
    })
    const { text } = await own.get(`/.well-known/webfinger?resource=${encodeURIComponent(alice)}`)
    await own.close()
    const { links } = json(text) as { links: readonly { rel: string; href: string }[] }
    const named = links.filter(({ rel }) => rel === 'http://webfinger.net/rel/avatar')
    expect(named.map(({ href }) => href.split('?')[0])).toEqual(isNamed ? [`${alice}/avatar`] : [])
  })

  test('without a resource is malformed', async () => {
    expect((await world.get('/.well-known/webfinger')).status).toBe(400)
  })
})

describe('the server', () => {
  test('tells where WebFinger is, for those who ask the old way', async () => {
    const { type, text } = await world.get('/.well-known/host-meta')
    const template = `${publicUrl}/.well-known/webfinger?resource={uri}`
    expect(type).toBe('application/xrd+xml; charset=utf-8')
    expect(text).toContain(`<Link rel="lrdd" template="${template}"/>`)
    expect(json((await world.get('/.well-known/host-meta.json')).text)).toEqual({
      links: [{ rel: 'lrdd', template }],
    })
  })

  test('tells what it is, with counted numbers only', async () => {
    const links = json((await world.get('/.well-known/nodeinfo')).text)
    const schema = 'http://nodeinfo.diaspora.software/ns/schema'
    expect(links).toEqual({
      links: ['2.1', '2.0'].map((v) => ({
        rel: `${schema}/${v}`,
        href: `${publicUrl}/nodeinfo/${v}`,
      })),
    })
    const expected = {
      version: '2.0',
      software: { name: 'footbridge', version: '1.2.3' },
      protocols: ['activitypub'],
      services: { inbound: [], outbound: [] },
      openRegistrations: false,
      usage: {
        users: { total: 3, activeMonth: 1, activeHalfyear: 2 },
        localPosts: 2,
        localComments: 5,
      },
      metadata: { nodeName: 'The bridge', nodeDescription: 'Test', bridge: { protocol: 'matrix' } },
    }
    expect(json((await world.get('/nodeinfo/2.0')).text)).toEqual(expected)
    const newer = await world.get('/nodeinfo/2.1')
    expect(newer.type).toBe(`application/json; profile="${schema}/2.1#"`)
    const software = { ...expected.software, repository: 'https://code.example/footbridge' }
    expect(json(newer.text)).toEqual({ ...expected, version: '2.1', software })
  })

  test('has an actor that everybody can read', async () => {
    const { status, text } = await world.get('/actor')
    expect(status).toBe(200)
    expect(parseActor(json(text), 0)).toMatchObject({
      id: `${publicUrl}/actor`,
      kind: 'Application',
    })
  })
})
