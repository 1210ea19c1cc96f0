import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import type { EventId, RoomId } from '../../src/model/ids.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let carol: Account
/** Keeps an answer of the fediverse waiting. */
let onTheWay: (url: string) => Promise<void> | void

beforeEach(async () => {
  onTheWay = () => undefined
  const web =
    (http: Http): Http =>
    async (request) => {
      await onTheWay(request.url)
      return http(request)
    }
  flow = await createFlow({}, { web })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  carol = flow.account('carol', 'other.example')
})
afterEach(() => flow.close())

const noteOf = (activity: Document | undefined) => (activity?.['object'] ?? {}) as Document

describe('a user who quotes', () => {
  let room: RoomId
  let portal: RoomId
  let post: { readonly object: string; readonly url: string }
  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
    room = await flow.publish(alice)
    await flow.gain(alice, carol)
    const sent = bob.post({ content: 'Tea is good' })
    await flow.tell(sent)
    post = { object: sent.object, url: (sent.activity['object'] as { url: string }).url }
  })

  const permalink = () =>
    `https://matrix.to/#/${encodeURIComponent(portal)}/${flow.eventOf(portal, 'Tea is good')}`

  const answerWith = async (type: 'Accept' | 'Reject', change: Document = {}, isBare = false) => {
    const [request] = flow.received(bob, 'QuoteRequest')
    const result = `${bob.id}/stamps/1`
    const stamp = {
      id: result,
      type: 'QuoteAuthorization',
      attributedTo: bob.id,
      interactingObject: (request?.['instrument'] as Document | undefined)?.['id'],
      interactionTarget: post.object,
      ...change,
    }
    const { files } = flow.fediverse.server(bob.host)
    const file = { bytes: Buffer.from(JSON.stringify(stamp)), type: 'application/activity+json' }
    files.set(new URL(result).pathname, file)
    const answer = { id: `${bob.id}#${type}`, type, actor: bob.id, object: request }
    const sent = { ...answer, ...(isBare ? { object: request?.['id'] } : {}) }
    await flow.tell(bob.sign(type === 'Accept' ? { ...sent, result } : sent))
  }

  test('asks the author, and tells all readers of the permission', async () => {
    alice.say(room, `Indeed\n${permalink()}`)
    await flow.quiet()
    const [created] = flow.received(carol, 'Create')
    const quoted = { quote: post.object, quoteUrl: post.object, _misskey_quote: post.object }
    expect(noteOf(created)).toMatchObject({
      ...quoted,
      content: `<p>Indeed</p><p class="quote-inline">RE: <a href="${post.url}">${post.url}</a></p>`,
    })
    expect(noteOf(created)['quoteAuthorization']).toBeUndefined()
    expect(flow.received(bob, 'QuoteRequest')).toMatchObject([
      { object: post.object, instrument: { id: noteOf(created)['id'], ...quoted } },
    ])
    await answerWith('Accept')
    for (const reader of [carol, bob]) {
      expect(flow.received(reader, 'Update').map(noteOf)).toMatchObject([
        { id: noteOf(created)['id'], ...quoted, quoteAuthorization: `${bob.id}/stamps/1` },
      ])
    }
    expect(noteOf(flow.received(carol, 'Update')[0])['updated']).toBeUndefined()
  })

  test('keeps the permission through an edit, and loses it when it is taken back', async () => {
    const event = alice.say(room, `Indeed\n${permalink()}`)
    await flow.quiet()
    await answerWith('Accept')
    alice.edit(room, event, `Surely\n${post.url}`)
    await flow.quiet()
    expect(noteOf(flow.received(carol, 'Update').at(-1))).toMatchObject({
      quoteAuthorization: `${bob.id}/stamps/1`,
    })
    const revoked = { id: `${bob.id}#revoke`, type: 'Delete', actor: bob.id }
    await flow.tell(bob.sign({ ...revoked, object: `${bob.id}/stamps/1` }))
    const last = noteOf(flow.received(carol, 'Update').at(-1))
    expect(last['quote']).toBeUndefined()
    expect(last['content']).toBe(`<p>Surely</p><p><a href="${post.url}">${post.url}</a></p>`)
    expect(flow.bodies(room).at(-1)).toContain('@bob@remote.example does not let this quote')
  })

  test.each([
    ['loses no edit', (event: EventId) => void alice.edit(room, event, `Surely\n${post.url}`)],
    ['brings nothing back', (event: EventId) => void alice.redact(room, event)],
  ])('%s while the permission is looked at', async (_what, change) => {
    const event = alice.say(room, `Indeed\n${post.url}`)
    await flow.quiet()
    let isDone = false
    onTheWay = async (url) => {
      if (url !== `${bob.id}/stamps/1` || isDone) return
      isDone = true
      change(event)
      await flow.time.clock.sleep(3_000)
    }
    await answerWith('Accept')
    await flow.minutes(5)
    const last = flow.received(carol).at(-1)
    if (last?.['type'] === 'Delete') return
    expect(noteOf(last)['content']).toContain('<p>Surely</p>')
    expect(noteOf(last)['quoteAuthorization']).toBe(`${bob.id}/stamps/1`)
  })

  test('is permitted by an answer that names the request by its id alone', async () => {
    alice.say(room, `Indeed\n${post.url}`)
    await flow.quiet()
    await answerWith('Accept', {}, true)
    const last = noteOf(flow.received(carol, 'Update').at(-1))
    expect(last['quoteAuthorization']).toBe(`${bob.id}/stamps/1`)
  })

  test.each([
    ['', false],
    [' that names the request by its id alone', true],
  ])('is told of a refusal%s, and the post has a link', async (...[, isBare]) => {
    alice.say(room, `Indeed\n${post.url}`)
    await flow.quiet()
    await answerWith('Reject', {}, isBare)
    const last = noteOf(flow.received(carol, 'Update').at(-1))
    expect(last['quote']).toBeUndefined()
    expect(last['content']).toContain(`<p><a href="${post.url}">`)
    expect(flow.bodies(room).at(-1)).toContain('@bob@remote.example does not let this quote')
  })

  test('is not helped by a permission for something else', async () => {
    alice.say(room, `Indeed\n${post.url}`)
    await flow.quiet()
    await answerWith('Accept', { interactingObject: `${bob.id}/statuses/99` })
    expect(flow.received(carol, 'Update')).toEqual([])
  })

  test('quotes nothing that they cannot see', async () => {
    const erin = flow.user('erin')
    const hers = await flow.publish(erin)
    await flow.gain(erin, carol)
    erin.say(hers, `Indeed\n${permalink()}`)
    await flow.quiet()
    expect(flow.received(bob, 'QuoteRequest')).toEqual([])
    expect(noteOf(flow.received(carol, 'Create').at(-1))['quote']).toBeUndefined()
  })

  test('does not quote by a page that another server claims', async () => {
    const mallory = flow.account('mallory', 'evil.example')
    await flow.follow(alice, mallory)
    await flow.tell(mallory.post({ content: 'Mine', extra: { url: 'https://good.example/1' } }))
    alice.say(room, 'Indeed\nhttps://good.example/1')
    await flow.quiet()
    expect(noteOf(flow.received(carol, 'Create').at(-1))['quote']).toBeUndefined()
  })
})

describe('a user who is quoted', () => {
  let room: RoomId
  let note: string
  beforeEach(async () => {
    room = await flow.publish(alice)
    await flow.gain(alice, carol)
    alice.say(room, 'Tea is good')
    await flow.quiet()
    note = String(noteOf(flow.received(carol, 'Create')[0])['id'])
  })

  const quote = (by: Account, extra: Document = {}) =>
    by.post({ content: 'Indeed', extra: { quote: note, ...extra } })

  const ask = async (by: Account, object = quote(by).object) => {
    const instrument = by.notes.get(object)
    const request = { id: `${object}/quote`, type: 'QuoteRequest', actor: by.id, object: note }
    await flow.tell(by.sign({ ...request, instrument }))
    const stamp = flow.received(by, 'Accept').find(({ object: asked }) => {
      const { id } = (asked ?? {}) as { id?: string }
      return id === request.id
    })
    return { object, stamp: stamp?.['result'] }
  }

  const statusOf = async (url: unknown): Promise<number> => {
    const stamp = await flow.store.findStamp(String(url) as never)
    if (stamp === undefined) return 404
    return stamp.revokedAt === undefined ? 200 : 410
  }

  test('says who may, and gives permission by itself', async () => {
    expect(noteOf(flow.received(carol, 'Create')[0])['interactionPolicy']).toEqual({
      canQuote: { automaticApproval: ['https://www.w3.org/ns/activitystreams#Public'] },
    })
    const { stamp, object } = await ask(bob)
    expect(stamp).toEqual(expect.stringContaining(`${publicUrl}/stamps/`))
    expect(await statusOf(stamp)).toBe(200)
    expect(await flow.command(alice, 'quotes')).toEqual([
      `Posts that quote yours (1):\n@bob@remote.example: ${object} quotes ${note}`,
    ])
    await flow.minutes(2)
    expect(flow.bodies(room).at(-1)).toBe('💬 1')
  })

  test('is asked by a bare id as well, and answers the same twice', async () => {
    const { object } = quote(bob)
    const request = { type: 'QuoteRequest', actor: bob.id, object: note, instrument: object }
    await flow.tell(bob.sign({ id: `${object}/q1`, ...request }))
    await flow.tell(bob.sign({ id: `${object}/q2`, ...request }))
    const stamps = flow.received(bob, 'Accept').map(({ result }) => result)
    expect(stamps).toHaveLength(2)
    expect(new Set(stamps).size).toBe(1)
  })

  test('reads the quote in the notifications, and takes the permission back', async () => {
    const { object, stamp } = await ask(bob)
    bob.notes.set(object, { ...bob.notes.get(object), quoteAuthorization: stamp })
    await flow.tell(bob.sign({ ...quoteActivity(object), object: bob.notes.get(object) }))
    const seed = { kind: 'notifications', userId: alice.userId } as const
    const notifications = (await flow.store.findPortal(seed))?.roomId ?? room
    expect(flow.bodies(notifications).at(-1)).toContain('> Tea is good')
    expect(await flow.command(alice, `quotes revoke ${object}`)).toEqual([
      expect.stringContaining('@bob@remote.example may not quote your post any more'),
    ])
    expect(await statusOf(stamp)).toBe(410)
    for (const reader of [bob, carol])
      expect(flow.received(reader, 'Delete')).toMatchObject([{ object: stamp }])
    const shown = flow.messages(notifications).at(-1)?.content['m.new_content'] as Document
    expect(shown['body']).not.toContain('> Tea is good')
    expect(await flow.command(alice, 'quotes')).toEqual([
      expect.stringContaining('Nobody quotes your posts.'),
    ])
    const request = { id: `${object}/again`, type: 'QuoteRequest', actor: bob.id, object: note }
    await flow.tell(bob.sign({ ...request, instrument: object }))
    expect(flow.received(bob, 'Accept').filter(({ result }) => result !== undefined)).toHaveLength(
      1,
    )
    expect(flow.received(bob, 'Reject')).toMatchObject([{ object: { id: request.id } }])
  })

  const quoteActivity = (object: string): Document => ({
    id: `${object}/activity`,
    type: 'Create',
    actor: bob.id,
    to: ['https://www.w3.org/ns/activitystreams#Public'],
  })

  test('chooses who may', async () => {
    await flow.command(alice, 'settings quotes followers')
    expect((await ask(bob)).stamp).toBeUndefined()
    expect(flow.received(bob, 'Reject')).toMatchObject([{ object: { type: 'QuoteRequest' } }])
    expect((await ask(carol)).stamp).toBeDefined()
    await flow.command(alice, 'settings quotes nobody')
    expect((await ask(carol)).stamp).toBeUndefined()
  })

  test('gives one account no more than twenty permissions for a post', async () => {
    for (let count = 1; count <= 20; count++) expect((await ask(bob)).stamp).toBeDefined()
    expect((await ask(bob)).stamp).toBeUndefined()
    expect((await ask(carol)).stamp).toBeDefined()
  })

  test('gives no permission for the post of somebody else', async () => {
    const { object } = quote(carol)
    const instrument = carol.notes.get(object)
    const request = { id: `${bob.id}/q`, type: 'QuoteRequest', actor: bob.id, object: note }
    await flow.tell(bob.sign({ ...request, instrument }))
    expect(flow.received(bob, 'Accept').filter(({ result }) => result !== undefined)).toEqual([])
    expect(flow.received(bob, 'Reject')).toHaveLength(1)
  })

  test('lets somebody of this server quote, or not', async () => {
    const dave = flow.user('dave')
    const his = await flow.publish(dave)
    await flow.gain(dave, bob)
    dave.say(his, `Look\n${note}`)
    await flow.quiet()
    const quoting = noteOf(flow.received(bob, 'Create').at(-1))
    expect(quoting).toMatchObject({ quote: note })
    expect(await statusOf(quoting['quoteAuthorization'])).toBe(200)
    expect(await flow.command(alice, `quotes revoke ${String(quoting['id'])}`)).toHaveLength(1)
    expect(noteOf(flow.received(bob, 'Update').at(-1))['quote']).toBeUndefined()
    expect(flow.bodies(his).at(-1)).toContain('@alice')
    await flow.command(alice, 'settings quotes nobody')
    dave.say(his, `Again\n${note}`)
    await flow.quiet()
    expect(noteOf(flow.received(bob, 'Create').at(-1))['quote']).toBeUndefined()
    expect(flow.bodies(his).at(-1)).toContain('does not want that')
  })
})
