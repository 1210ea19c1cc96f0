import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pngOf } from '../support/samples.ts'
import { makeCertificate } from './support/certificate.ts'
import { followAll, followedByAll, type Rooms, startCompany } from './support/company.ts'
import type { ControlledPeer, PostedFile } from './support/control-peer.ts'
import { listed, noteIn, type ReceivedNote, receives } from './support/fediverse.ts'
import { download, fetchFile, type FileServer, startFileServer } from './support/files.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodyOf, editedTo, idOf, redacted, shown } from './support/scene.ts'
import type { Snac, SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'

const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'
const [cat, dog, owl] = [pngOf(48, 36, 10), pngOf(36, 48, 200), pngOf(24, 24, 90)]

type Content = Readonly<Record<string, unknown>>

const htmlOf = (content: Content): string => String(content['formatted_body'] ?? content['body'])
const changed = ({ content }: MatrixEvent): Content => content['m.new_content'] as Content

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'contents', () => {
  let stack: Stack
  let snac: Snac
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let files: FileServer
  let secured: FileServer
  let alice: Guest
  let anna: SnacUser
  let rooms: Rooms
  let profile: string
  let aliceId: string

  beforeAll(async () => {
    const certificate = await makeCertificate()
    ;[files, secured] = await Promise.all([startFileServer(), startFileServer(certificate)])
    const emojis = { ':cat:': secured.put('cat.png', cat, 'image/png') }
    const company = await startCompany({
      stack: { env: { NODE_EXTRA_CA_CERTS: certificate.certificate } },
      snac: { users: ['anna'], emojis },
    })
    ;({ stack, snac, apex, fedify, alice, anna } = company)
    rooms = await followAll(company)
    ;({ profile, aliceId } = await followedByAll(company))
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${stack.bridge.output()}\n${snac.output()}\n${apex.output()}`)
    await Promise.all([files.stop(), secured.stop(), stack.stop()])
  })

  describe('of the fediverse', () => {
    const hidden = (warning: string, text: string): string =>
      `<p>CW: ${warning}</p><span data-mx-spoiler="">${text}</span>`

    test('of snac stand behind their warning until an edit takes it away', async () => {
      const note = await anna.warn('food', 'Roast chestnuts')
      const event = await shown(alice.client, rooms.anna, 'CW: food')
      expect(bodyOf(event)).not.toContain('chestnuts')
      expect(htmlOf(event.content)).toBe(hidden('food', 'Roast chestnuts<br>'))
      await anna.rewrite(note, 'No chestnuts any more', [])
      const edit = await editedTo(alice.client, idOf(event), 'No chestnuts any more')
      expect(htmlOf(changed(edit))).not.toMatch(/CW:|spoiler/)
    })

    test('of activitypub-express stand behind their warning', async () => {
      await apex.post('dora', { content: '<p>Boiled potatoes</p>', summary: 'more food' })
      const event = await shown(alice.client, rooms.dora, 'CW: more food')
      expect(bodyOf(event)).not.toContain('potatoes')
      expect(htmlOf(event.content)).toBe(hidden('more food', 'Boiled potatoes'))
    })

    test('that are unlisted or for followers say so, whoever they are from', async () => {
      await anna.note('unlisted by anna', 'unlisted')
      for (const visibility of ['unlisted', 'followers'] as const) {
        await apex.post('dora', { content: `<p>${visibility} by dora</p>`, visibility })
        await fedify.post('carol', { content: `<p>${visibility} by carol</p>`, visibility })
      }
      const bodies = []
      for (const [room, text] of [
        [rooms.anna, 'unlisted by anna'],
        [rooms.dora, 'unlisted by dora'],
        [rooms.carol, 'unlisted by carol'],
        [rooms.dora, 'followers by dora'],
        [rooms.carol, 'followers by carol'],
      ] as const)
        bodies.push(bodyOf(await shown(alice.client, room, text)).split(/\n+/))
      expect(bodies).toEqual([
        ['🔓 unlisted', 'unlisted by anna'],
        ['🔓 unlisted', 'unlisted by dora'],
        ['🔓 unlisted', 'unlisted by carol'],
        ['🔒 followers', 'followers by dora'],
        ['🔒 followers', 'followers by carol'],
      ])
    })

    test('of snac have its custom emoji as pictures', async () => {
      await anna.note('an emoji of snac :cat:')
      const { content } = await shown(alice.client, rooms.anna, 'an emoji of snac :cat:')
      const [, picture] =
        /<img data-mx-emoticon="" src="([^"]*)" alt=":cat:"/.exec(htmlOf(content)) ?? []
      expect(await download(alice.client, picture)).toEqual(cat)
    })

    describe('that are edited', () => {
      /** What is on Matrix of a post with a cat and a dog, once the dog is an owl and the cat has other words. */
      const becomes = async (room: string, text: string, change: () => Promise<unknown>) => {
        const first = await shown(alice.client, room, text)
        const second = await shown(alice.client, room, `the dog of ${text}`)
        await change()
        const edit = changed(await editedTo(alice.client, idOf(first), `${text}, changed`))
        expect(edit).toMatchObject({
          msgtype: 'm.image',
          body: `${text}, changed\n\n🖼 the calm cat`,
          url: first.content['url'],
        })
        expect(await download(alice.client, edit['url'])).toEqual(cat)
        await redacted(alice.client, idOf(second))
        const third = await shown(alice.client, room, `the owl of ${text}`)
        expect(await download(alice.client, third.content['url'])).toEqual(owl)
      }
      const fileAt = (name: string, bytes: Uint8Array, alt: string): PostedFile => ({
        url: files.put(name, bytes, 'image/png'),
        mediaType: 'image/png',
        name: alt,
      })

      test('have other pictures then: of snac', async () => {
        const picture = (bytes: Uint8Array, alt: string) =>
          ({ bytes, mediaType: 'image/png', name: `${alt.length}.png`, alt }) as const
        const pictures = [picture(cat, 'a cat'), picture(dog, 'the dog of animals of anna')]
        const note = await anna.noteWith('animals of anna', pictures)
        const [kept] = note.media_attachments
        await becomes(rooms.anna, 'animals of anna', () =>
          anna.rewrite(note, 'animals of anna, changed', [
            { url: kept?.url ?? '', alt: 'the calm cat' },
            { url: fileAt('owl-of-anna.png', owl, '').url, alt: 'the owl of animals of anna' },
          ]),
        )
      })

      test('have other pictures then: of activitypub-express', async () => {
        const kept = fileAt('cat-of-dora.png', cat, 'a cat')
        const { object } = await apex.post('dora', {
          content: '<p>animals of dora</p>',
          attachments: [kept, fileAt('dog-of-dora.png', dog, 'the dog of animals of dora')],
        })
        await becomes(rooms.dora, 'animals of dora', () =>
          apex.update('dora', object, {
            content: '<p>animals of dora, changed</p>',
            attachments: [
              { ...kept, name: 'the calm cat' },
              fileAt('owl-of-dora.png', owl, 'the owl of animals of dora'),
            ],
          }),
        )
      })
    })
  })

  describe('of Matrix', () => {
    test('reach snac and activitypub-express behind their warning, until an edit takes it away', async () => {
      const event = await alice.client.text(profile, 'cw: food\nRoast beets')
      expect(await anna.reads('Roast beets')).toMatchObject({ spoiler_text: 'food' })
      const create = await receives(apex, 'Create', 'Roast beets')
      expect(create.object).toMatchObject({ summary: 'food', sensitive: true })
      await alice.client.edit(profile, event, 'Only beets')
      expect(await anna.reads('Only beets')).toMatchObject({ spoiler_text: '' })
      const update = await receives(apex, 'Update', 'Only beets')
      expect(update.object).toMatchObject({ sensitive: false })
      expect(update.object).not.toHaveProperty('summary')
    })

    test('are for whom their author says, on snac and activitypub-express', async () => {
      const followers = `${aliceId}/followers`
      const audiences = [
        ['public', { to: [publicCollection], cc: [followers] }, 'public'],
        // To snac, what anybody may read is public.
        ['unlisted', { to: [followers], cc: [publicCollection] }, 'public'],
        ['followers', { to: [followers], cc: [] }, 'private'],
      ] as const
      for (const [visibility, audience, atSnac] of audiences) {
        await ask(alice, `post --visibility ${visibility} meant ${visibility}`, 'Published')
        const { to, cc } = await receives(apex, 'Create', `meant ${visibility}`)
        expect({ to: listed(to), cc: listed(cc) }).toEqual(audience)
        expect((await anna.reads(`meant ${visibility}`)).visibility).toBe(atSnac)
      }
    })

    test('that are edited have another picture then, on snac and activitypub-express', async () => {
      const picture = async (bytes: Buffer, body: string) => ({
        ...{ msgtype: 'm.image', body, filename: 'it.png', info: { mimetype: 'image/png' } },
        url: await alice.client.upload(bytes, 'image/png', 'it.png'),
      })
      const atAnna = async (text: string) => {
        const { media_attachments: found } = await anna.reads(text)
        return Promise.all(found.map(async ({ url }) => (await fetchFile(url)).bytes))
      }
      const atDora = async (type: string, text: string) => {
        const note = noteIn(await receives(apex, type, text)) as ReceivedNote & Content
        const found = listed(note['attachment']) as { readonly url: string }[]
        return Promise.all(found.map(async ({ url }) => (await fetchFile(url)).bytes))
      }
      const before = await picture(dog, 'the wrong bird')
      const event = await alice.client.send(profile, before)
      expect([await atAnna('the wrong bird'), await atDora('Create', 'the wrong bird')]).toEqual([
        [dog],
        [dog],
      ])
      await alice.client.send(profile, {
        ...(await picture(owl, '* the right bird')),
        'm.new_content': await picture(owl, 'the right bird'),
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
      })
      expect([await atAnna('the right bird'), await atDora('Update', 'the right bird')]).toEqual([
        [owl],
        [owl],
      ])
    })
  })
})
