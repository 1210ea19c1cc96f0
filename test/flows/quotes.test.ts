import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { Http } from '../../src/model/http.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

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

const activityJson = 'application/activity+json'

/** A QuoteAuthorization that lies on the author's server. */
function stampFor(author: Account, { quoting, quoted }: { quoting: string; quoted: string }) {
  const id = `${author.id}/stamps/1`
  const document = {
    id,
    type: 'QuoteAuthorization',
    attributedTo: author.id,
    interactingObject: quoting,
    interactionTarget: quoted,
  }
  const bytes = Buffer.from(JSON.stringify(document))
  flow.fediverse.server(author.host).files.set(new URL(id).pathname, { bytes, type: activityJson })
  return id
}

/** What a message says now. */
function saysNow(room: RoomId, index: number): unknown {
  const messages = flow.messages(room)
  const original = messages.filter(({ content }) => content['m.new_content'] === undefined)[index]
  const edits = messages.filter(({ content }) => {
    const relation = content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined
    return relation?.rel_type === 'm.replace' && relation.event_id === original?.eventId
  })
  const newest = edits.at(-1)?.content['m.new_content'] ?? original?.content
  return (newest as { body?: unknown } | undefined)?.body
}

describe('a post that quotes another', () => {
  let portal: RoomId
  let quoted: Sent
  let address: string
  beforeEach(async () => {
    portal = await flow.follow(alice, bob)
    quoted = carol.post({ content: 'Tea is good' })
    address = (quoted.activity['object'] as { url: string }).url
  })

  const shown = () => `Indeed\n\n> 💬 @carol@other.example · ${address}\n> \n> Tea is good`
  const linked = () => `Indeed\n\n💬 ${address}`

  test('of older software is a quotation, fetched once', async () => {
    await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } }))
    await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } }))
    expect(flow.bodies(portal)).toEqual([shown(), shown()])
    const asked = flow.fediverse.requests.filter(({ url }) => url === quoted.object)
    expect(asked).toHaveLength(1)
  })

  test('that changes is fetched once for all who quote it', async () => {
    for (let n = 0; n < 5; n++)
      await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } }))
    const asked = () => flow.fediverse.requests.filter(({ url }) => url === quoted.object).length
    const before = asked()
    await flow.tell(carol.edit(quoted.object, 'Tea is better'))
    for (let n = 0; n < 5; n++) expect(saysNow(portal, n)).toContain('Tea is better')
    expect(asked() - before).toBe(1)
  })

  test('is a link until its author permits it, and again when they take that back', async () => {
    const post = bob.post({ content: 'Indeed', extra: { quote: quoted.object } })
    await flow.tell(post)
    expect(saysNow(portal, 0)).toBe(linked())
    const quoteAuthorization = stampFor(carol, { quoting: post.object, quoted: quoted.object })
    bob.notes.set(post.object, { ...bob.notes.get(post.object), quoteAuthorization })
    await flow.tell(bob.edit(post.object, 'Indeed'))
    expect(saysNow(portal, 0)).toBe(shown())
    const revoked = { id: `${carol.id}#revoke`, type: 'Delete', object: quoteAuthorization }
    flow.fediverse.server(carol.host).files.delete(new URL(quoteAuthorization).pathname)
    await flow.tell(carol.sign({ ...revoked, actor: carol.id }))
    expect(saysNow(portal, 0)).toBe(linked())
  })

  test('does not believe a permission for another post', async () => {
    const quoteAuthorization = stampFor(carol, { quoting: bob.id, quoted: quoted.object })
    const extra = { quote: quoted.object, quoteAuthorization }
    await flow.tell(bob.post({ content: 'Indeed', extra }))
    expect(flow.bodies(portal)).toEqual([linked()])
  })

  test('asks nobody but the author about a permission', async () => {
    const extra = { quote: quoted.object, quoteAuthorization: `${bob.id}/stamps/1` }
    await flow.tell(bob.post({ content: 'Indeed', extra }))
    expect(flow.bodies(portal)).toEqual([linked()])
    expect(flow.fediverse.requests.filter(({ url }) => url.includes('/stamps/'))).toEqual([])
  })

  test('says no more of what was deleted, and shows an edit', async () => {
    const post = bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } })
    await flow.tell(post)
    await flow.tell(carol.edit(quoted.object, 'Coffee is good'))
    expect(saysNow(portal, 0)).toContain('Coffee is good')
    await flow.tell(carol.delete(quoted.object))
    expect(saysNow(portal, 0)).toBe(`Indeed\n\n💬 ${quoted.object}`)
  })

  test.each([
    ['is not brought back when it goes', (post: Sent) => bob.delete(post.object), undefined],
    ['keeps its newest words', (post: Sent) => bob.edit(post.object, 'Surely'), 'Surely'],
  ])('%s while what it quotes is looked at', async (_what, changed, words) => {
    const extra = { quoteUrl: quoted.object }
    const post = bob.post({ content: 'Indeed', extra })
    await flow.tell(post)
    let isDone = false
    onTheWay = async (url) => {
      if (url !== quoted.object || isDone) return
      isDone = true
      flow.senders.send(changed(post))
      await flow.time.clock.sleep(3_000)
    }
    await flow.tell(carol.edit(quoted.object, 'Coffee is good'))
    await flow.minutes(1)
    expect(isDone).toBe(true)
    const said = words === undefined ? '' : String(saysNow(portal, 0))
    expect(said.split('\n')[0]).toBe(words ?? '')
    const left = flow.bodies(portal).filter((body) => words === undefined && body !== '')
    expect(left).toEqual([])
  })

  test('says no more of an account that is deleted', async () => {
    await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } }))
    expect(saysNow(portal, 0)).toBe(shown())
    await flow.tell(carol.deleteActor())
    expect(saysNow(portal, 0)).toBe(`Indeed\n\n💬 ${quoted.object}`)
  })

  test('is shown after a minute where the other server is away, with a link', async () => {
    flow.fediverse.server(carol.host).isAway = true
    await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } }))
    expect(flow.bodies(portal)).toEqual([])
    await flow.minutes(2)
    expect(flow.bodies(portal)).toEqual([`Indeed\n\n💬 ${quoted.object}`])
  })

  test('never shows what its author wrote to followers', async () => {
    const secret = carol.post({ content: 'Secret', visibility: 'followers' })
    await flow.tell(bob.post({ content: 'Indeed', extra: { quoteUrl: secret.object } }))
    expect(flow.bodies(portal).join()).not.toContain('Secret')
    const own = bob.post({ content: 'For you', visibility: 'followers' })
    await flow.tell(bob.post({ content: 'As I said', extra: { quoteUrl: own.object } }))
    expect(flow.bodies(portal).at(-1)).toContain('For you')
  })

  test('and is quoted by it does not go round for ever', async () => {
    const post = bob.post({ content: 'Indeed', extra: { quoteUrl: quoted.object } })
    const note = { ...carol.notes.get(quoted.object), quoteUrl: post.object }
    carol.notes.set(quoted.object, note)
    await flow.follow(alice, carol)
    await flow.tell(carol.sign({ ...quoted.activity, object: note }))
    await flow.tell(post)
    await flow.tell(bob.edit(post.object, 'Surely'))
    expect(saysNow(portal, 0)).toContain('Surely')
    expect(saysNow(flow.portalOf(carol), 0)).toContain('Surely')
  })
})
