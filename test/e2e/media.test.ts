import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mp3Of, mp4Of, oggOf, pdf, pngOf } from '../support/samples.ts'
import { followAll, followedByAll, type Rooms, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { noteIn, received, receives } from './support/fediverse.ts'
import { download, fetchFile, type FileServer, startFileServer } from './support/files.ts'
import { call } from './support/json-http.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { bodyOf, editedTo, ghostId, idOf, redacted, relationOf, shown } from './support/scene.ts'
import type { SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const cat = pngOf(48, 36, 10)
const dog = pngOf(36, 48, 200)
const film = mp4Of({ width: 64, height: 36, duration: 2_000, hasSound: false, size: 300_000 })
const song = mp3Of(2_000)
const voice = oggOf('OpusHead')

/** An attachment as our notes carry it. */
type Attached = {
  readonly type: string
  readonly url: string
  readonly mediaType: string
  readonly name?: string
  readonly summary?: string
  readonly duration?: string
}

describeWith(['synapse', 'snac', 'apex', 'fedify'], 'pictures and files', () => {
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
    const company = await startCompany()
    ;({ stack, apex, fedify, alice, anna } = company)
    rooms = await followAll(company)
    ;({ profile, aliceId } = await followedByAll(company))
  })
  afterAll(async () => {
    await files.stop()
    await stack.stop()
  })

  /** Messages of a ghost in a room, from the one with `text` on, once there are so many. */
  const messagesFrom = async (
    room: string,
    text: string,
    count: number,
  ): Promise<readonly MatrixEvent[]> => {
    const { sender } = await shown(alice.client, room, text)
    return waitUntil(`${count} messages from "${text}" on`, async () => {
      const events = (await alice.client.messages(room)).filter(
        (event) => event.type === 'm.room.message' && event.sender === sender,
      )
      const from = events.slice(events.findIndex((event) => bodyOf(event).includes(text)))
      return from.length >= count && from
    })
  }

  /** `m.image cat.png` and the bytes behind it. */
  const brief = async ({ content }: MatrixEvent) => {
    const { msgtype, filename, url } = content
    return [`${String(msgtype)} ${String(filename)}`, await download(alice.client, url)]
  }
  const briefs = (events: readonly MatrixEvent[]) => Promise.all(events.map(brief))

  describe('from the fediverse', () => {
    test('of snac are shown with what they show', async () => {
      await anna.noteWith('two animals', [
        { bytes: cat, mediaType: 'image/png', name: 'cat.png', alt: 'a dark cat' },
        { bytes: dog, mediaType: 'image/png', name: 'dog.png', alt: 'a bright dog' },
      ])
      const [first, second, ...rest] = await messagesFrom(rooms.anna, 'two animals', 2)
      expect([first, second].map((event) => event?.content['msgtype'])).toEqual([
        'm.image',
        'm.image',
      ])
      expect([first, second].map((event) => event && bodyOf(event))).toEqual([
        'two animals\n\n🖼 a dark cat',
        'a bright dog',
      ])
      const bytes = [first, second].map((event) => download(alice.client, event?.content['url']))
      expect(await Promise.all(bytes)).toEqual([cat, dog])
      expect(first?.content['info']).toMatchObject({
        mimetype: 'image/png',
        w: 48,
        h: 36,
        'xyz.amorgan.blurhash': expect.stringMatching(/^.{20,}$/),
      })
      expect(rest).toEqual([])
    })

    test('of all kinds come in order, each as what it is', async () => {
      await fedify.post('carol', {
        content: '<p>all kinds</p>',
        attachments: [
          { url: files.put('1', cat, 'image/png'), mediaType: 'image/png', name: 'a cat' },
          { url: files.put('2.mp4', film, 'video/mp4'), mediaType: 'video/mp4', name: 'a film' },
          { url: files.put('3.mp3', song, 'audio/mpeg'), mediaType: 'audio/mpeg' },
          { url: files.put('4.pdf', pdf, 'text/html'), mediaType: 'application/pdf' },
        ],
      })
      const events = await messagesFrom(rooms.carol, 'all kinds', 4)
      expect(await briefs(events)).toEqual([
        ['m.image 1.png', cat],
        ['m.video 2.mp4', film],
        ['m.audio 3.mp3', song],
        ['m.file 4.pdf', pdf],
      ])
      expect(events[1]?.content['info']).toMatchObject({ w: 64, h: 36, duration: 2_000 })
      const [root] = events
      expect(root && relationOf(root)).toBeUndefined()
    })

    test('that cannot be had are links with what they show', async () => {
      await apex.post('dora', {
        content: '<p>one is missing</p>',
        attachments: [
          { url: files.put('here.png', dog, 'image/png'), mediaType: 'image/png', name: 'my dog' },
          { url: `${files.url}/gone.png`, mediaType: 'image/png', name: 'my cat' },
        ],
      })
      const [first, second] = await messagesFrom(rooms.dora, 'one is missing', 2)
      expect(first && (await brief(first))).toEqual(['m.image here.png', dog])
      expect(second && bodyOf(second)).toBe(`📎 my cat (${files.url}/gone.png)`)
    })

    test('change with their post', async () => {
      const [one, two, three] = ['one.png', 'two.png', 'three.png'].map((name, shade) => ({
        url: files.put(name, pngOf(10, 10, shade), 'image/png'),
        mediaType: 'image/png',
        name: `picture ${name.slice(0, -4)}`,
      }))
      if (one === undefined || two === undefined || three === undefined) throw new Error('no files')
      const post = { content: '<p>changing</p>', attachments: [one, two] }
      const { object } = await fedify.post('carol', post)
      const [first, second] = await messagesFrom(rooms.carol, 'changing', 2)
      await fedify.update('carol', object, {
        content: '<p>changing, indeed</p>',
        attachments: [{ ...one, name: 'the first picture' }, three],
      })
      const edit = await editedTo(alice.client, idOf(first ?? never()), 'changing, indeed')
      const fresh = edit.content['m.new_content'] as Record<string, unknown>
      expect(fresh).toMatchObject({
        msgtype: 'm.image',
        body: 'changing, indeed\n\n🖼 the first picture',
        url: first?.content['url'],
      })
      await redacted(alice.client, idOf(second ?? never()))
      const third = await shown(alice.client, rooms.carol, 'picture three')
      expect(await brief(third)).toEqual(['m.image three.png', pngOf(10, 10, 2)])
      await fedify.remove('carol', object)
      for (const event of [first, third]) await redacted(alice.client, idOf(event ?? never()))
    })
  })

  describe('from Matrix', () => {
    const upload = (bytes: Uint8Array, mediaType: string, name = 'it') =>
      alice.client.upload(bytes, mediaType, name)

    /** What Carol's server got of the note with that text. */
    const attached = async (text: string, type = 'Create'): Promise<readonly Attached[]> =>
      (
        noteIn(await receives(fedify, type, text)) as unknown as {
          attachment: Attached | Attached[]
        }
      ).attachment as Attached[]

    const bytesOf = async (url: string | undefined) => (await fetchFile(url ?? '')).bytes

    test('a picture reaches everybody with its caption and its description', async () => {
      const url = await upload(cat, 'image/png', 'cat.png')
      await alice.client.send(profile, {
        msgtype: 'm.image',
        body: 'my **cat**',
        format: 'org.matrix.custom.html',
        formatted_body: 'my <strong>cat</strong>',
        filename: 'cat.png',
        url,
        'm.alt_text': { 'm.text': [{ body: 'a cat on a keyboard' }] },
        info: { mimetype: 'image/png', w: 48, h: 36, size: cat.length },
      })
      const note = noteIn(await receives(fedify, 'Create', 'cat on a keyboard'))
      expect(note.content).toBe('<p>my <strong>cat</strong></p>')
      const [file] = [(note as unknown as { attachment: Attached }).attachment].flat()
      expect(file).toMatchObject({
        type: 'Image',
        mediaType: 'image/png',
        name: 'a cat on a keyboard',
        width: 48,
        height: 36,
      })
      const answer = await fetchFile(file?.url ?? '')
      expect([answer.status, answer.bytes]).toEqual([200, cat])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/png',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'public, max-age=86400',
      })
      const atAnna = await anna.reads('my <')
      expect(atAnna.media_attachments).toMatchObject([
        { type: 'image', description: 'a cat on a keyboard' },
      ])
      expect(await bytesOf(atAnna.media_attachments[0]?.url)).toEqual(cat)
      const atDora = JSON.stringify(await receives(apex, 'Create', 'cat on a keyboard'))
      expect(atDora).toContain(file?.url)
    })

    test('films, sounds, voice messages, files and stickers are what they are', async () => {
      const part = async (content: Record<string, unknown>, bytes: Buffer, mimetype: string) => {
        const url = await upload(bytes, mimetype)
        const info = { mimetype, size: bytes.length, ...(content['info'] as object | undefined) }
        const { type = 'm.room.message', ...rest } = content
        await alice.client.send(profile, { ...rest, url, info }, String(type))
      }
      const captioned = (name: string) => ({ filename: name, body: `here is ${name}` })
      await part({ msgtype: 'm.video', ...captioned('film.mp4') }, film, 'video/mp4')
      await part({ msgtype: 'm.audio', ...captioned('song.mp3') }, song, 'audio/mpeg')
      const spoken = { msgtype: 'm.audio', ...captioned('voice.ogg'), info: { duration: 1_500 } }
      await part({ ...spoken, 'org.matrix.msc3245.voice': {} }, voice, 'audio/ogg')
      await part({ msgtype: 'm.file', ...captioned('paper.pdf') }, pdf, 'application/pdf')
      await part({ type: 'm.sticker', body: 'a waving dog' }, dog, 'image/png')
      const seen = []
      for (const text of ['film.mp4', 'song.mp3', 'voice.ogg', 'paper.pdf', 'a waving dog']) {
        const [file] = [await attached(text)].flat()
        const { type, mediaType, name, duration, url } = file ?? never()
        seen.push([type, mediaType, name ?? duration, await bytesOf(url)])
      }
      expect(seen).toEqual([
        ['Video', 'video/mp4', 'PT2.000S', film],
        ['Audio', 'audio/mpeg', undefined, song],
        ['Audio', 'audio/ogg', 'PT1.500S', voice],
        ['Document', 'application/pdf', 'paper.pdf', pdf],
        ['Image', 'image/png', 'a waving dog', dog],
      ])
    })

    test('a gallery is one post with all its pictures', async () => {
      const pictures = [pngOf(20, 20, 1), pngOf(20, 20, 2), pngOf(20, 20, 3)]
      const items = []
      for (const [index, bytes] of pictures.entries())
        items.push({
          itemtype: 'm.image',
          body: `picture ${index}`,
          filename: `${index}.png`,
          url: await upload(bytes, 'image/png'),
          info: { mimetype: 'image/png' },
        })
      await alice.client.send(profile, {
        msgtype: 'dm.filament.gallery',
        body: 'three pictures',
        itemtypes: items,
      })
      const received = await attached('three pictures')
      expect(received.map(({ name }) => name)).toEqual(['picture 0', 'picture 1', 'picture 2'])
      expect(await Promise.all(received.map(({ url }) => bytesOf(url)))).toEqual(pictures)
      const atAnna = await anna.reads('three pictures')
      expect(atAnna.media_attachments).toHaveLength(3)
    })

    test('an edit changes the file, and the old one is gone', async () => {
      const send = async (bytes: Buffer, words: string, more: object = {}) => {
        const url = await upload(bytes, 'image/png')
        const info = { mimetype: 'image/png' }
        const content = { msgtype: 'm.image', body: words, filename: 'it.png', url, info }
        return alice.client.send(profile, { ...content, ...more })
      }
      const event = await send(cat, 'the wrong animal')
      const [before] = [await attached('the wrong animal')].flat()
      expect(await bytesOf(before?.url)).toEqual(cat)
      const url = await upload(dog, 'image/png')
      await send(dog, '* the right animal', {
        'm.new_content': {
          ...{ msgtype: 'm.image', body: 'the right animal', filename: 'it.png', url },
          info: { mimetype: 'image/png' },
        },
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
      })
      const [after] = [await attached('the right animal', 'Update')].flat()
      expect(after?.url).not.toBe(before?.url)
      expect(await bytesOf(after?.url)).toEqual(dog)
      expect((await fetchFile(before?.url ?? '')).status).toBe(410)
    })

    test('a deleted picture is gone for everybody', async () => {
      const url = await upload(dog, 'image/png')
      const content = { msgtype: 'm.image', body: 'not for long', filename: 'dog.png', url }
      const event = await alice.client.send(profile, content)
      const [file] = [await attached('not for long')].flat()
      expect(await bytesOf(file?.url)).toEqual(dog)
      await alice.client.redact(profile, event)
      const { id } = noteIn(await receives(fedify, 'Create', 'not for long'))
      await waitUntil('the delete', async () => (await received(fedify, 'Delete', id)).length === 1)
      const answer = await fetchFile(file?.url ?? '', { range: 'bytes=0-9' })
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([410, 'no-store'])
    })

    test('a private picture is in no collection', async () => {
      const chat = await alice.client.createRoom({
        is_direct: true,
        invite: [ghostId(anna.handle)],
      })
      await waitUntil(
        'anna in the room',
        async () => (await alice.client.members(chat)).get(ghostId(anna.handle)) === 'join',
      )
      const url = await upload(cat, 'image/png')
      const content = { msgtype: 'm.image', body: 'for you alone', filename: 'cat.png', url }
      await alice.client.send(chat, content)
      const {
        media_attachments: [file],
        visibility,
      } = await anna.reads('for you alone')
      expect(visibility).not.toBe('public')
      const answer = await fetchFile(file?.url ?? '')
      expect(answer.bytes).toEqual(cat)
      expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
      const pages = ['outbox?page=1', 'outbox', 'featured', 'followers'].map((page) =>
        call({ url: `${aliceId}/${page}`, accept: 'application/activity+json' }),
      )
      const texts = (await Promise.all(pages)).map(({ text }) => text).join('\n')
      expect(texts).toContain('/media/')
      expect(texts).not.toContain(file?.url)
    })
  })
})

function never(): never {
  throw new Error('it is not there')
}
