import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account, Document } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { Files } from '../../src/model/file.ts'
import { pngOf } from '../support/samples.ts'
import { opusOf, webmOf } from '../support/recordings.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
/** Files that were looked into, by their size. */
let looked: number[]

/** As the process would find it, without the process: virtual time waits for nobody. */
const look: Files['look'] = async (file, facts) => {
  looked.push(file.size)
  return /^(?:audio|video)/.test(facts.mediaType) ? { ...facts, duration: 4_200 } : facts
}

beforeEach(async () => {
  looked = []
  flow = await createFlow({}, { look })
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const sound = opusOf(900)
const film = webmOf({ video: { width: 64, height: 36 } })
const still = pngOf(4, 3)

describe('what comes from the fediverse', () => {
  const attach = (more: Document): Document => {
    const { mediaType } = more
    const url = `https://remote.example/files/${String(mediaType)}`
    const bytes = mediaType === 'audio/ogg' ? sound : film
    const file = { bytes, type: String(mediaType) }
    flow.fediverse.server('remote.example').files.set(`/files/${String(mediaType)}`, file)
    return { type: 'Document', url, ...more }
  }
  const infoOf = async (attachment: Document): Promise<unknown> => {
    const portal = await flow.follow(alice, bob)
    await flow.tell(bob.post({ content: 'Listen', extra: { attachment: [attach(attachment)] } }))
    return flow.messages(portal).at(-1)?.content['info']
  }

  test.each(['audio/ogg', 'video/webm'])('says how long it is: %s', async (mediaType) => {
    expect(await infoOf({ mediaType, blurhash: 'LEHV6nWB2yk8' })).toMatchObject({ duration: 4_200 })
    expect(looked).toHaveLength(1)
  })

  test('is believed where its server says so', async () => {
    const stated = { mediaType: 'audio/ogg', duration: 'PT3M' }
    expect(await infoOf(stated)).toMatchObject({ duration: 180_000 })
    expect(looked).toEqual([])
  })
})

type Note = { readonly id: string; readonly attachment: readonly Document[] }
const noteIn = (activity: Document | undefined): Note => activity?.['object'] as Note

/** Who may have what stands at that address of ours. */
const accessOf = async (url: unknown): Promise<string | undefined> =>
  (await flow.store.findMedia(String(url).slice(`${publicUrl}/media/`.length)))?.access

describe('what goes to the fediverse', () => {
  let profile: RoomId
  beforeEach(async () => {
    profile = await flow.publish(alice)
    await flow.gain(alice, bob)
    flow.homeserver.addMedia('mxc://hs.test/sound', sound)
    flow.homeserver.addMedia('mxc://hs.test/film', film)
    flow.homeserver.addMedia('mxc://hs.test/still', still)
  })
  const song = { msgtype: 'm.audio', body: 'song.ogg', url: 'mxc://hs.test/sound' }
  const video = (info: Document = {}) => ({
    ...{ msgtype: 'm.video', body: 'sea.webm', url: 'mxc://hs.test/film' },
    info: { mimetype: 'video/webm', duration: 900, ...info },
  })
  const say = async (content: Document, room = profile): Promise<Note> => {
    alice.send(room, content)
    await flow.quiet()
    return noteIn(flow.received(bob, 'Create').at(-1))
  }

  test('says how long it is, though its client did not', async () => {
    const [file] = (await say(song)).attachment
    expect(file).toMatchObject({ type: 'Audio', duration: 'PT4.200S' })
    expect(looked).toEqual([sound.length])
  })

  test('is not read where its client did', async () => {
    const [file] = (await say({ ...song, info: { duration: 1_500 } })).attachment
    expect(file).toMatchObject({ duration: 'PT1.500S' })
    expect(looked).toEqual([])
  })

  test('and nothing is read of what goes nowhere', async () => {
    const elsewhere = alice.createRoom({ invite: [bot, flow.user('carol').userId] })
    await flow.quiet()
    alice.send(elsewhere, song)
    await flow.quiet()
    expect(looked).toEqual([])
  })

  test.each<[string, () => void]>([
    ['is purged', () => flow.homeserver.purge('mxc://hs.test/sound')],
    [
      'is larger than is worth it',
      () => flow.homeserver.addMedia('mxc://hs.test/sound', Buffer.alloc(53_000_000)),
    ],
    [
      'cannot be had just now',
      () =>
        flow.homeserver.injectFaults(({ url }) => (/download/.test(url) ? 'fail-500' : undefined)),
    ],
  ])('one that %s goes out without', async (_, spoil) => {
    spoil()
    const [file] = (await say(song)).attachment
    expect(file).toMatchObject({ type: 'Audio' })
    expect(file).not.toHaveProperty('duration')
  })

  test('shows the still picture of a film, for as long as the film is there', async () => {
    const thumbnail = { thumbnail_url: 'mxc://hs.test/still', thumbnail_info: { w: 4, h: 3 } }
    const note = await say(video({ ...thumbnail, w: 64, h: 36 }))
    const [file] = note.attachment
    const icon = file?.['icon'] as Document
    expect(icon).toEqual({ type: 'Image', url: expect.any(String), width: 4, height: 3 })
    expect([await accessOf(file?.['url']), await accessOf(icon['url'])]).toEqual([
      'public',
      'public',
    ])
    const event = flow.eventOf(profile, 'sea.webm')
    const content = { ...video(thumbnail), body: 'The sea', filename: 'sea.webm' }
    alice.send(profile, {
      ...content,
      'm.new_content': content,
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    })
    await flow.quiet()
    const [edited] = noteIn(flow.received(bob, 'Update').at(-1)).attachment
    expect([edited?.['url'], (edited?.['icon'] as Document)['url']]).toEqual([
      file?.['url'],
      icon['url'],
    ])
    alice.redact(profile, event)
    await flow.quiet()
    expect([await accessOf(file?.['url']), await accessOf(icon['url'])]).toEqual(['gone', 'gone'])
  })

  test('has a still picture as private as itself', async () => {
    await flow.command(alice, 'settings visibility followers')
    const [file] = (await say(video({ thumbnail_url: 'mxc://hs.test/still' }))).attachment
    expect(await accessOf((file?.['icon'] as Document)['url'])).toBe('private')
  })

  test('has none whose picture is encrypted', async () => {
    const info = {
      thumbnail_url: 'mxc://hs.test/still',
      thumbnail_file: { url: 'mxc://hs.test/x' },
    }
    const [file] = (await say(video(info))).attachment
    expect(file).not.toHaveProperty('icon')
  })
})
