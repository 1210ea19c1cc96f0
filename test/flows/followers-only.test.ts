import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account

/** A server that shows what is for followers to followers alone, as Mastodon does. */
async function begin(options: Parameters<typeof createFlow>[1] = {}): Promise<void> {
  flow = await createFlow({}, options)
  flow.fediverse.server('strict.example', { isStrict: true })
  alice = flow.user('alice')
  bob = flow.account('bob', 'strict.example')
}

const keyIdOf = (headers: Readonly<Record<string, string | undefined>>): string =>
  /keyId="([^"]+)"/i.exec(
    `${headers['signature'] ?? ''}${headers['signature-input'] ?? ''}`,
  )?.[1] ?? ''

/** Who signed the GETs of that URL, in order. */
const askersOf = (url: string): readonly string[] =>
  flow.fediverse.requests
    .filter((request) => request.method === 'GET' && request.url === url)
    .map(({ headers }) => keyIdOf(headers).replace(/#.*/, ''))

/** All whose keys signed a GET, without the bridge's own. */
const people = (): readonly { readonly host: string; readonly who: string }[] =>
  flow.fediverse.requests
    .filter(({ method }) => method === 'GET')
    .map(({ url, headers }) => ({ host: new URL(url).host, who: keyIdOf(headers) }))
    .filter(({ who }) => who !== '' && !who.startsWith(`${publicUrl}/actor#`))

const instance = `${publicUrl}/actor`

beforeEach(() => begin())
afterEach(() => flow.close())

describe('what is for followers', () => {
  test('and answered by its author is read by the key of a follower, after the own one was refused', async () => {
    const root = bob.post({ content: 'from before', visibility: 'followers' })
    const portal = await flow.follow(alice, bob)
    await flow.tell(
      bob.post({ content: 'goes on', visibility: 'followers', inReplyTo: root.object }),
    )
    expect(flow.bodies(portal).slice(-2)).toEqual([
      expect.stringContaining('from before'),
      expect.stringContaining('goes on'),
    ])
    const asked = askersOf(root.object)
    expect(asked.indexOf(instance)).toBe(0)
    expect(asked.at(-1)).toBe(await flow.actorOf(alice))
  })

  test('of somebody else on that server is shown to nobody, whatever a follower may read', async () => {
    const carl = flow.account('carl', 'strict.example')
    const secret = carl.post({ content: 'for my own', visibility: 'followers' })
    await flow.follow(alice, carl)
    const mallory = flow.user('mallory')
    const portal = await flow.follow(mallory, bob)
    await flow.tell(bob.post({ content: 'answers', inReplyTo: secret.object }))
    await flow.tell(bob.boost(secret.object))
    await flow.tell(bob.post({ content: 'look', extra: { quoteUrl: secret.object } }))
    await flow.minutes(3)
    expect(flow.bodies(portal).join()).not.toContain('for my own')
    expect(flow.bodies(portal).join()).toContain('look')
    const alicesKey = `${await flow.actorOf(alice)}#main-key`
    expect(people().filter(({ who }) => who === alicesKey)).toEqual([])
  })

  test('is quoted to its followers by its author', async () => {
    const old = bob.post({ content: 'said before', visibility: 'followers' })
    const portal = await flow.follow(alice, bob)
    await flow.tell(
      bob.post({ content: 'see', visibility: 'followers', extra: { quoteUrl: old.object } }),
    )
    expect(flow.bodies(portal).at(-1)).toContain('said before')
  })

  test('is boosted to its followers by its author, and edited there', async () => {
    const old = bob.post({ content: 'said before', visibility: 'followers' })
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.boost(old.object))
    expect(flow.bodies(portal).at(-1)).toContain('said before')
    await flow.tell(bob.edit(old.object, 'said better'))
    expect(flow.bodies(portal).join()).toContain('said better')
  })

  test('and named again by its author stays named when it is edited', async () => {
    const portal = await flow.follow(alice, bob)
    const old = bob.post({ content: 'said before', visibility: 'followers' })
    await flow.tell(old)
    await flow.tell(bob.boost(old.object))
    const lines = flow.bodies(portal).length
    await flow.tell(bob.edit(old.object, 'said better'))
    const said = flow.bodies(portal)
    expect(said.length).toBeGreaterThan(lines)
    expect(said.slice(0, lines).every((body) => body !== '')).toBe(true)
  })

  test.each(['Create', 'Update'])('and told by its id alone in %s is fetched', async (type) => {
    const portal = await flow.follow(alice, bob)
    const sent = bob.post({ content: 'first words', visibility: 'followers' })
    if (type === 'Update') await flow.tell(sent)
    const { activity } = type === 'Update' ? bob.edit(sent.object, 'new words') : sent
    await flow.tell(bob.sign({ ...activity, object: sent.object }))
    expect(flow.bodies(portal).join()).toContain(type === 'Update' ? 'new words' : 'first words')
    expect(askersOf(sent.object)).toEqual([
      ...askersOf(sent.object)
        .slice(0, -1)
        .map(() => instance),
      await flow.actorOf(alice),
    ])
  })

  test('is opened for a follower, and for nobody else', async () => {
    const { object } = bob.post({ content: 'from before', visibility: 'followers' })
    const mallory = flow.user('mallory')
    await flow.command(mallory, 'register')
    await flow.follow(mallory, flow.account('carl', 'strict.example'))
    expect((await flow.command(mallory, `open ${object}`)).join()).toContain('does not show')
    await flow.follow(alice, bob)
    expect((await flow.command(mallory, `open ${object}`)).join()).toContain('does not show')
    const known = [...alice.rooms('join'), ...alice.rooms('invite')]
    expect((await flow.command(alice, `open ${object}`)).join()).toContain(
      'into your notifications',
    )
    const room = flow.newRoom(alice, known)
    expect(flow.bodies(room)).toEqual([expect.stringContaining('from before')])
    // What it becomes later, she reads there too.
    alice.join(room)
    await flow.tell(bob.edit(object, 'from before, and better'))
    expect(flow.bodies(room).join()).toContain('and better')
  })
})

describe('the key of a person', () => {
  test('signs nothing that the bridge itself may read', async () => {
    const root = bob.post({ content: 'for all' })
    await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'more', inReplyTo: root.object }))
    await flow.tell(bob.boost(bob.post({ content: 'again' }).object))
    expect(people()).toEqual([])
  })

  test('signs nothing that is on another host than the author', async () => {
    const root = flow.account('dave', 'other.example').post({ visibility: 'followers' })
    const missing = 'https://other.example/users/nobody/statuses/1'
    await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'one', visibility: 'followers', inReplyTo: root.object }))
    await flow.tell(bob.post({ content: 'two', extra: { quoteUrl: missing } }))
    await flow.tell(bob.boost(missing))
    await flow.command(alice, `open ${missing}`)
    await flow.minutes(3)
    expect(people()).toEqual([])
  })

  test('of a follower who is not accepted yet is not used', async () => {
    flow.manners.set(bob.id, 'ignore')
    const root = bob.post({ content: 'from before', visibility: 'followers' })
    await flow.command(alice, `follow ${bob.handle}`)
    await flow.tell(
      bob.post({ content: 'goes on', visibility: 'followers', inReplyTo: root.object }),
    )
    expect(people()).toEqual([])
  })

  test('does not follow a redirect to another host', async () => {
    const file = '/users/bob/statuses/moved'
    const strict = flow.fediverse.server('strict.example')
    await flow.follow(alice, bob)
    strict.files.set(file, {
      bytes: Buffer.from(''),
      status: 302,
      location: 'https://other.example/users/dave/statuses/1',
    })
    flow.account('dave', 'other.example')
    const inReplyTo = `https://strict.example${file}`
    await flow.tell(bob.post({ content: 'goes on', visibility: 'followers', inReplyTo }))
    await flow.minutes(2)
    expect(people().filter(({ host }) => host !== 'strict.example')).toEqual([])
  })
})

test('an outbox that is for followers alone fills the room of an account', async () => {
  flow.close()
  const web =
    (http: Http): Http =>
    async (request) =>
      request.url.includes('/outbox') && keyIdOf(request.headers).startsWith(`${instance}#`)
        ? { status: 401, headers: {}, body: Buffer.from('') }
        : http(request)
  await begin({ web })
  bob.post({ content: 'old and open' })
  bob.post({ content: 'old and private', visibility: 'followers' })
  bob.post({ content: 'old and for one', visibility: 'direct', mentions: [] })
  const portal = await flow.follow(alice, bob)
  await flow.minutes(1)
  const said = flow.bodies(portal).join('\n')
  expect(said).toContain('old and open')
  expect(said).toContain('old and private')
  expect(said).not.toContain('old and for one')
})
