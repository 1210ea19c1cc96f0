import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, listed, noteIn, received, receives } from './support/fediverse.ts'
import { demand } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  editedTo,
  follow,
  ghostId,
  idOf,
  messagesIn,
  openProfile,
  redacted,
  shown,
} from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'

describeWith(['synapse', 'apex', 'fedify'], 'texts', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let alice: Guest
  let carols: string
  let profile: string
  let aliceId: string

  beforeAll(async () => {
    ;[stack, apex, fedify] = await Promise.all([
      startStack(),
      startApex({ accounts: ['dora'] }),
      startFedify({ accounts: ['carol'] }),
    ])
    alice = await stack.meet('alice')
    carols = await follow(alice, fedify.account('carol'))
    profile = await openProfile(alice)
    aliceId = await findActor(stack.publicUrl, alice.handle)
    await fedify.follow('carol', aliceId)
    await waitUntil('carol follows', async () =>
      (await ask(alice, 'followers', 'followers')).includes('@carol@'),
    )
  })
  afterAll(() => stack.stop())

  const htmlOf = (content: Readonly<Record<string, unknown>>): string =>
    [content['formatted_body'], content['body']].find((one) => typeof one === 'string') ?? ''
  const words = (html: string): string => html.replaceAll(/<[^>]*>|\s/g, '')

  describe('of the fediverse', () => {
    test('are whole at fifty thousand characters of any script', async () => {
      const content = Array.from(
        { length: 1_200 },
        (_, at) => `<p><strong>${at}</strong> очень длинное предложение о погоде</p>`,
      ).join('')
      const { object } = await fedify.post('carol', { content })
      await shown(alice.client, carols, '1199')
      const ghost = ghostId(fedify.account('carol').handle)
      const parts = async () => {
        const events = await messagesIn(alice.client, carols)
        return events.filter(
          ({ sender, content: { body } }) => sender === ghost && body !== undefined,
        )
      }
      const texts = (await parts()).map((event) => htmlOf(event.content))
      expect(texts.length).toBeGreaterThan(1)
      expect(texts.map(words).join('') === words(content)).toBe(true)
      await fedify.remove('carol', object)
      await waitUntil('all of it gone', async () => (await parts()).length === 0)
    })

    test('behind a warning are hidden, and no notification shows them', async () => {
      await fedify.post('carol', { content: '<p>Roast potatoes</p>', summary: 'food' })
      const event = await shown(alice.client, carols, 'CW: food')
      expect(bodyOf(event)).not.toContain('potatoes')
      expect(htmlOf(event.content)).toBe(
        '<p>CW: food</p><span data-mx-spoiler="">Roast potatoes</span>',
      )
    })

    test('say whom they are for, unless that is everybody', async () => {
      await fedify.post('carol', { content: '<p>for all</p>' })
      expect(bodyOf(await shown(alice.client, carols, 'for all'))).toBe('for all')
      await fedify.post('carol', { content: '<p>for a few</p>', visibility: 'followers' })
      expect(bodyOf(await shown(alice.client, carols, 'for a few'))).toMatch(/^🔒 followers\n/)
    })
  })

  describe('of Matrix', () => {
    test('carry their warning, and an edit may take it away', async () => {
      const event = await alice.client.text(profile, 'cw: food\nRoast #Potatoes')
      const create = await receives(fedify, 'Create', 'Roast')
      expect(create.object).toMatchObject({ summary: 'food', sensitive: true })
      const [tag] = listed(noteIn(create).tag) as { href: string; name: string }[]
      expect(tag).toMatchObject({ name: '#Potatoes', href: `${stack.publicUrl}/tags/potatoes` })
      await alice.client.edit(profile, event, 'Only words')
      const update = await receives(fedify, 'Update', 'Only words')
      expect(update.object).toMatchObject({ sensitive: false })
      expect(update.object).not.toHaveProperty('summary')
    })

    test('have the language and the audience that their author names', async () => {
      const followers = `${aliceId}/followers`
      const audiences = [
        ['public', { to: [publicCollection], cc: [followers] }],
        ['unlisted', { to: [followers], cc: [publicCollection] }],
        ['followers', { to: [followers], cc: [] }],
      ] as const
      for (const [visibility, audience] of audiences) {
        await ask(
          alice,
          `post --visibility ${visibility} --lang de Guten ${visibility}`,
          'Published',
        )
        const { to, cc, object } = await receives(fedify, 'Create', `Guten ${visibility}`)
        expect({ to: listed(to), cc: listed(cc) }).toEqual(audience)
        expect(object).toMatchObject({ contentMap: { de: `<p>Guten ${visibility}</p>` } })
      }
    })

    test('have links that lead somewhere for browsers', async () => {
      await alice.client.text(profile, 'a link of ours')
      const { id } = noteIn(await receives(fedify, 'Create', 'a link of ours'))
      const headers = { accept: 'text/html' }
      const page = await fetch(id, { headers })
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(alice.handle)])
      const document = await demand<{ content: string }>({
        url: id,
        accept: 'application/activity+json',
      })
      expect(document.content).toBe('<p>a link of ours</p>')
    })
  })

  describe('that are boosted', () => {
    test('are a card with their link; an answer goes to their author; undone it is gone', async () => {
      const dora = apex.account('dora')
      const { object } = await apex.post('dora', { content: '<p>worth a boost</p>' })
      const boost = await fedify.boost('carol', object, dora.id)
      const card = await shown(alice.client, carols, 'worth a boost')
      expect(bodyOf(card)).toContain(`🔁 boosted ${dora.handle}\n\nworth a boost\n\nhttp`)
      await alice.client.reply(carols, idOf(card), 'I agree')
      const answer = noteIn(await receives(apex, 'Create', 'I agree'))
      expect(answer.inReplyTo).toBe(object)
      // The peer tells whom it is told to: a server would tell its followers.
      await fedify.undo('carol', aliceId, boost)
      await redacted(alice.client, idOf(card))
      expect(await bodiesIn(alice.client, carols)).not.toContain(bodyOf(card))
    })

    test('from Matrix reach the followers, until the reaction is taken back', async () => {
      const { object } = await fedify.post('carol', { content: '<p>pass this on</p>' })
      const event = await shown(alice.client, carols, 'pass this on')
      const reaction = await alice.client.react(carols, idOf(event), '🔁')
      const announce = await receives(fedify, 'Announce', object)
      await alice.client.redact(carols, reaction)
      expect(await receives(fedify, 'Undo', announce.id)).toBeDefined()
    })

    test('that are for followers are refused with the reason', async () => {
      const { object } = await fedify.post('carol', {
        content: '<p>between us</p>',
        visibility: 'followers',
      })
      const event = await shown(alice.client, carols, 'between us')
      await alice.client.react(carols, idOf(event), '🔁')
      await shown(alice.client, carols, 'Not boosted: this is not public.')
      expect(await received(fedify, 'Announce', object)).toEqual([])
    })
  })

  test('an edit of a text is one here', async () => {
    const { object } = await fedify.post('carol', { content: '<p>first words</p>' })
    const event = await shown(alice.client, carols, 'first words')
    await fedify.update('carol', object, '<p>second <b>words</b></p>')
    const edit = await editedTo(alice.client, idOf(event), 'second words')
    const fresh = edit.content['m.new_content'] as Record<string, unknown>
    expect(htmlOf(fresh)).toBe('<p>second <b>words</b></p>')
  })
})
