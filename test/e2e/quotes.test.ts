import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type ControlledPeer,
  type ReceivedActivity,
  startApex,
  startFedify,
} from './support/control-peer.ts'
import { findActor, noteIn, received, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { ask, editedTo, follow, idOf, openProfile, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const activityJson = 'application/activity+json'

describeWith(['synapse', 'apex', 'fedify'], 'quotes and pins', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let aliceId: string
  let room: string
  let portal: string
  let old: string

  beforeAll(async () => {
    ;[stack, apex, fedify] = await Promise.all([
      startStack(),
      startApex({ accounts: ['carol'] }),
      startFedify({ accounts: ['bob'] }),
    ])
    const pinned = await fedify.post('bob', { content: '<p>Read me first</p>' })
    old = pinned.object
    await fedify.feature('bob', old, true)
    alice = await stack.meet('alice')
    portal = await follow(alice, fedify.account('bob'))
    room = await openProfile(alice)
    aliceId = await findActor(stack.publicUrl, alice.handle)
    await Promise.all([apex.follow('carol', aliceId), fedify.follow('bob', aliceId)])
    await waitUntil('both follow', async () => {
      const lists = await Promise.all([apex.following('carol'), fedify.following('bob')])
      return lists.every((list) => list.includes(aliceId))
    })
  })
  afterAll(async () => {
    await Promise.all([stack.stop(), apex.stop(), fedify.stop()])
  })

  const pinnedIn = async (roomId: string): Promise<unknown> => {
    const state = (await alice.client.state(roomId, 'm.room.pinned_events')) as
      { pinned?: unknown } | undefined
    return state?.pinned
  }
  /** The QuoteRequest for a note of ours. */
  const requestFor = (note: string): Promise<ReceivedActivity> =>
    waitUntil('a QuoteRequest', async () =>
      (await fedify.received())
        .map(({ activity }) => activity)
        .find(
          ({ type, instrument }) =>
            type === 'QuoteRequest' && (instrument as { id?: string }).id === note,
        ),
    )
  const readStamp = (url: string) => call({ url, accept: activityJson })

  describe('a link to a post on a line of its own', () => {
    let quoted: string
    let permalink: string
    beforeAll(async () => {
      quoted = (await fedify.post('bob', { content: '<p>Tea is good</p>' })).object
      const event = idOf(await shown(alice.client, portal, 'Tea is good'))
      permalink = `https://matrix.to/#/${encodeURIComponent(portal)}/${event}?via=matrix.test`
    })

    test('quotes it, and its readers hear of the permission and of its end', async () => {
      await alice.client.text(room, `Indeed it is\n${permalink}`)
      const created = await receives(apex, 'Create', 'Indeed it is')
      expect(noteIn(created)).toMatchObject({ quote: quoted, quoteUrl: quoted })
      const request = await requestFor(noteIn(created).id)
      expect(request).toMatchObject({ actor: aliceId, object: quoted })
      const { stamp } = await fedify.answerQuote('bob', request.id, true)
      const updated = await receives(apex, 'Update', String(stamp))
      expect(noteIn(updated)).toMatchObject({
        id: noteIn(created).id,
        quote: quoted,
        quoteAuthorization: stamp,
      })
      await fedify.revokeQuote('bob', String(stamp), aliceId)
      await shown(alice.client, room, 'does not let this quote')
      const updates = await waitUntil('the end of the quote', async () => {
        const all = await received(apex, 'Update', noteIn(created).id)
        return all.length > 1 ? all : undefined
      })
      expect(noteIn(updates[1] ?? created)).not.toHaveProperty('quote')
    })

    test('is a link again where its author does not want it', async () => {
      await alice.client.text(room, `Certainly\n${quoted}`)
      const created = await receives(apex, 'Create', 'Certainly')
      const request = await requestFor(noteIn(created).id)
      await fedify.answerQuote('bob', request.id, false)
      const updated = await receives(apex, 'Update', noteIn(created).id)
      expect(noteIn(updated)).not.toHaveProperty('quote')
      expect(noteIn(updated).content).toContain(`<a href="${quoted}">`)
    })
  })

  test('a post that quotes a user is a quotation until the user takes the permission back', async () => {
    await alice.client.text(room, 'Coffee is better')
    const mine = noteIn(await receives(apex, 'Create', 'Coffee is better'))
    const content = '<p>I doubt it</p>'
    const quote = await fedify.quote('bob', { content, quote: mine.id, to: aliceId })
    const event = idOf(await shown(alice.client, portal, 'I doubt it'))
    const accept = await receives(fedify, 'Accept', quote.object)
    const stamp = String(accept['result'])
    expect(await readStamp(stamp)).toMatchObject({
      status: 200,
      body: {
        type: 'QuoteAuthorization',
        attributedTo: aliceId,
        interactingObject: quote.object,
        interactionTarget: mine.id,
      },
    })
    await fedify.stampQuote('bob', quote.object, stamp)
    await editedTo(alice.client, event, '> Coffee is better')
    await ask(alice, `quotes revoke ${quote.object}`, 'may not quote your post any more')
    await receives(fedify, 'Delete', stamp)
    expect((await readStamp(stamp)).status).toBe(410)
    await waitUntil('a link alone', async () => {
      const edits = (await alice.client.seen()).filter(({ content: { ...said } }) => {
        const relation = said['m.relates_to'] as { event_id?: string } | undefined
        return relation?.event_id === event && said['m.new_content'] !== undefined
      })
      const newest = edits.at(-1)?.content['m.new_content'] as { body?: string } | undefined
      return newest?.body !== undefined && !newest.body.includes('Coffee is better')
    })
    await ask(alice, 'settings quotes nobody', 'is now')
    const again = await fedify.quote('bob', { content, quote: mine.id, to: aliceId })
    await receives(fedify, 'Reject', again.object)
  })

  test('what an account pins is pinned in its room', async () => {
    const first = idOf(await shown(alice.client, portal, 'Read me first'))
    await waitUntil('the first pin', async () => {
      const pinned = await pinnedIn(portal)
      return Array.isArray(pinned) && pinned.includes(first)
    })
    const post = await fedify.post('bob', { content: '<p>Read me too</p>' })
    const second = idOf(await shown(alice.client, portal, 'Read me too'))
    await fedify.feature('bob', post.object, true)
    await waitUntil(
      'the second pin',
      async () => JSON.stringify(await pinnedIn(portal)) === JSON.stringify([first, second]),
    )
    await fedify.feature('bob', old, false)
    await waitUntil(
      'one pin',
      async () => JSON.stringify(await pinnedIn(portal)) === JSON.stringify([second]),
    )
  })

  test('what a user pins in their own room is pinned on their profile', async () => {
    const event = await alice.client.text(room, 'About me')
    const note = noteIn(await receives(apex, 'Create', 'About me'))
    await alice.client.setState(room, 'm.room.pinned_events', { pinned: [event] })
    // activitypub-express refuses what is added to a collection of others.
    const added = await receives(fedify, 'Add', note.id)
    expect(added).toMatchObject({ object: note.id, target: `${aliceId}/featured` })
    const featured = () => call({ url: `${aliceId}/featured`, accept: activityJson })
    expect((await featured()).body).toMatchObject({ totalItems: 1, orderedItems: [note.id] })
    await alice.client.setState(room, 'm.room.pinned_events', { pinned: [] })
    await receives(fedify, 'Remove', note.id)
    expect((await featured()).body).toMatchObject({ totalItems: 0, orderedItems: [] })
  })
})
