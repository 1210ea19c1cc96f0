import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pngOf } from '../support/samples.ts'
import { followAll, followedByAll, type Rooms, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { listed, noteIn, received, receives } from './support/fediverse.ts'
import { download, fetchFile, type FileServer, startFileServer } from './support/files.ts'
import { describeWith } from './support/peers.ts'
import { editedTo, ghostId, idOf, relationOf, shown } from './support/scene.ts'
import type { SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const blob = pngOf(32, 32, 10)
const cat = pngOf(32, 32, 200)

type EmojiTag = {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly icon: { readonly url: string }
}

/** `Emoji` tags of a note or reaction. */
const emojisOf = (document: object): readonly EmojiTag[] =>
  listed((document as { tag?: unknown }).tag).flatMap((one) =>
    (one as EmojiTag).type === 'Emoji' ? [one as EmojiTag] : [],
  )

/** The address of each custom emoji in a message, by its name. */
function picturesOf(content: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const html = typeof content['formatted_body'] === 'string' ? content['formatted_body'] : ''
  const form = /<img data-mx-emoticon="" src="([^"]*)" alt="([^"]*)" title="\2" height="32">/g
  return Object.fromEntries([...html.matchAll(form)].map(([, src = '', name = '']) => [name, src]))
}

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'custom emoji', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let files: FileServer
  let alice: Guest
  let anna: SnacUser
  let rooms: Rooms
  let profile: string
  let aliceId: string

  beforeAll(async () => {
    files = await startFileServer()
    const company = await startCompany({ stack: { media: { emoji_reactions: 'picture' } } })
    ;({ stack, apex, fedify, alice, anna } = company)
    rooms = await followAll(company)
    ;({ profile, aliceId } = await followedByAll(company))
  })
  afterAll(async () => {
    await files.stop()
    await stack.stop()
  })

  const bytesOf = async (
    content: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const pictures = Object.entries(picturesOf(content))
    const bytes = pictures.map(async ([name, mxc]) => [name, await download(alice.client, mxc)])
    return Object.fromEntries(await Promise.all(bytes)) as Readonly<Record<string, unknown>>
  }

  describe('of the fediverse', () => {
    const emoji = (name: string, bytes: Buffer) => ({
      name,
      url: files.put(`${name}.png`, bytes, 'image/png'),
    })

    test('are pictures in a text that names them', async () => {
      const emojis = [emoji('blob', blob), emoji('cat', cat)]
      const post = { content: '<p>from fedify :blob: :cat:</p>', emojis }
      const { object } = await fedify.post('carol', post)
      const event = await shown(alice.client, rooms.carol, 'from fedify :blob: :cat:')
      expect(await bytesOf(event.content)).toEqual({ ':blob:': blob, ':cat:': cat })
      await fedify.update('carol', object, { content: '<p>only :cat: now</p>' })
      const edit = await editedTo(alice.client, idOf(event), 'only :cat: now')
      const fresh = edit.content['m.new_content'] as Record<string, unknown>
      expect(picturesOf(fresh)).toEqual({ ':cat:': picturesOf(event.content)[':cat:'] })
    })

    test('come from others too, and a missing one stays a name', async () => {
      const emojis = [emoji('cat', cat), { name: 'gone', url: `${files.url}/gone.png` }]
      await apex.post('dora', { content: '<p>from apex :cat: :gone:</p>', emojis })
      const event = await shown(alice.client, rooms.dora, 'from apex :cat: :gone:')
      expect(await bytesOf(event.content)).toEqual({ ':cat:': cat })
    })

    test('are reactions, as pictures where the administrator wants that', async () => {
      await alice.client.text(profile, 'react to this')
      const note = noteIn(await receives(fedify, 'Create', 'react to this'))
      await fedify.post('carol', { content: 'I will', inReplyTo: note.id, mentions: [aliceId] })
      await shown(alice.client, profile, 'I will')
      const sent = await fedify.react('carol', note.id, { to: aliceId, emoji: emoji('cat', cat) })
      const reaction = await alice.client.waitFor(
        ({ type, sender }) =>
          type === 'm.reaction' && sender === ghostId(fedify.account('carol').handle),
      )
      expect(await download(alice.client, relationOf(reaction)?.key)).toEqual(cat)
      expect(reaction.content['shortcode']).toBe(':cat:')
      expect(sent.activity).toMatch(/^http/)
    })
  })

  describe('of Matrix', () => {
    let picture: string
    beforeAll(async () => {
      picture = await alice.client.upload(cat, 'image/png', 'cat.png')
    })

    const html = (text: string, name: string) => ({
      msgtype: 'm.text',
      body: `${text} :${name}:`,
      format: 'org.matrix.custom.html',
      formatted_body: `${text} <img data-mx-emoticon src="${picture}" alt=":${name}:" title=":${name}:" height="32">`,
    })

    test('reach every server by name, with a picture that everybody may have', async () => {
      await alice.client.send(profile, html('look', 'my-cat'))
      const note = noteIn(await receives(fedify, 'Create', 'look :my_cat:'))
      const [tag] = emojisOf(note)
      expect(tag).toMatchObject({ name: ':my_cat:', id: tag?.icon.url })
      const { status, headers, bytes } = await fetchFile(tag?.icon.url ?? '')
      expect([status, headers.get('content-type'), bytes]).toEqual([200, 'image/png', cat])
      expect(headers.get('cache-control')).toMatch(/^public/)
      expect(emojisOf(noteIn(await receives(apex, 'Create', 'look :my_cat:')))).toHaveLength(1)
      const read = await anna.reads('look')
      expect(read.emojis).toMatchObject([{ shortcode: 'my_cat', url: tag?.icon.url }])
    })

    test('are typed by name where the room offers them', async () => {
      const images = { typed: { url: picture } }
      await alice.client.setState(profile, 'im.ponies.room_emotes', { images })
      await alice.client.text(profile, 'typed :typed: by name')
      // One name for each picture, the first that it had.
      const note = noteIn(await receives(fedify, 'Create', 'typed :my_cat: by name'))
      expect(emojisOf(note)).toMatchObject([{ name: ':my_cat:' }])
    })

    test('are reactions that others understand', async () => {
      await fedify.post('carol', { content: '<p>react, alice</p>' })
      const post = await shown(alice.client, rooms.carol, 'react, alice')
      const relation = { rel_type: 'm.annotation', event_id: idOf(post), key: picture }
      const content = { 'm.relates_to': relation, shortcode: ':my-cat:' }
      await alice.client.send(rooms.carol, content, 'm.reaction')
      const like = await waitUntil('the reaction', async () =>
        (await received(fedify, 'Like', '')).find((one) => one.actor === aliceId),
      )
      expect(like).toMatchObject({ content: ':my_cat:', _misskey_reaction: ':my_cat:' })
      expect(emojisOf(like)).toMatchObject([{ name: ':my_cat:' }])
    })

    test('serve nothing but pictures', async () => {
      const page = Buffer.from('<!doctype html><script>x()</script>')
      picture = await alice.client.upload(page, 'image/png', 'cat.png')
      await alice.client.send(profile, html('no picture', 'page'))
      const [tag] = emojisOf(noteIn(await receives(fedify, 'Create', 'no picture')))
      expect((await fetchFile(tag?.icon.url ?? '')).status).toBe(404)
    })
  })
})
