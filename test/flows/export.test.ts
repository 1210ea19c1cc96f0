import { strFromU8, unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, publicUrl, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let bob: Account
let profile: RoomId

type Json = Readonly<Record<string, unknown>>

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  bob = flow.account('bob', 'remote.example')
  profile = await flow.publish(alice)
})
afterEach(() => flow.close())

/** Bytes that do not get fewer by packing. */
const noise = (size: number): Buffer => {
  let state = 1
  return Buffer.from(
    Array.from({ length: size }, () => (state = (state * 48271) % 2147483647) & 255),
  )
}

async function picture(name: string, bytes: Buffer): Promise<void> {
  const url = `mxc://hs.test/${name}`
  flow.homeserver.addMedia(url, bytes)
  const info = { mimetype: 'image/png', size: bytes.length }
  alice.send(profile, {
    msgtype: 'm.image',
    body: `look at ${name}`,
    filename: `${name}.png`,
    url,
    info,
  })
  await flow.quiet()
}

type Sent = {
  readonly body: string
  readonly name: string
  readonly files: Readonly<Record<string, Uint8Array>>
}

/** Zip files that the bot sent into that chat. */
async function archives(): Promise<readonly Sent[]> {
  return flow
    .messages(await flow.chat(alice))
    .filter(({ sender, content }) => sender === bot && content['msgtype'] === 'm.file')
    .map(({ content }) => {
      const { bytes } = flow.homeserver.media(String(content['url'])) ?? {}
      if (bytes === undefined) throw new Error('the file is not there')
      expect(content['info']).toEqual({ mimetype: 'application/zip', size: bytes.length })
      const [body, name] = [String(content['body']), String(content['filename'])]
      return { body, name, files: unzipSync(bytes) }
    })
}

const textIn = ({ files }: Sent, name: string): string => strFromU8(files[name] ?? new Uint8Array())
const jsonIn = (sent: Sent, name: string): Json => JSON.parse(textIn(sent, name)) as Json

describe('export', () => {
  test('has profile, lists, posts and files, as Mastodon names them', async () => {
    await flow.follow(alice, bob)
    await flow.gain(alice, flow.account('fan', 'fans.example'))
    flow.account('troll', 'troll.example')
    await flow.command(alice, 'block @troll@troll.example')
    alice.say(profile, 'hello world')
    await flow.quiet()
    await flow.command(alice, 'post --visibility followers for my own')
    await picture('cat', noise(300))
    const [answer] = await flow.command(alice, 'export')
    expect(answer).toContain('I put it together')
    await flow.minutes(1)
    const [sent, ...more] = await archives()
    if (sent === undefined) throw new Error('nothing came')
    expect(more).toEqual([])
    expect(sent.body).toBe('Your profile, your lists, 3 posts and 1 file. That is everything.')
    expect(sent.name).toBe('footbridge-alice-2026-01-05.zip')
    expect(textIn(sent, 'following_accounts.csv')).toBe(
      'Account address,Show boosts,Notify on new posts,Languages\nbob@remote.example,true,false,\n',
    )
    expect(textIn(sent, 'followers.csv')).toBe('Account address\nfan@fans.example\n')
    expect(textIn(sent, 'blocked_accounts.csv')).toBe('troll@troll.example\n')
    expect(jsonIn(sent, 'actor.json')).toMatchObject({
      id: await flow.actorOf(alice),
      preferredUsername: 'alice',
      outbox: 'outbox.json',
    })
    const outbox = jsonIn(sent, 'outbox.json')
    expect(outbox).toMatchObject({ id: 'outbox.json', type: 'OrderedCollection', totalItems: 3 })
    const items = outbox['orderedItems'] as readonly { readonly object: Json }[]
    expect(items.map(({ object }) => object['content'])).toEqual([
      '<p>hello world</p>',
      '<p>for my own</p>',
      '<p>look at cat</p>',
    ])
    const [file] = items[2]?.object['attachment'] as readonly Json[]
    const path = String(file?.['url'])
    expect(path).toMatch(/^media_attachments\/files\/[\w-]{22}\.png$/)
    expect(Buffer.from(sent.files[path] ?? [])).toEqual(noise(300))
  })

  test('shows posts as they are now, and nothing that was taken back', async () => {
    alice.say(profile, 'first words')
    alice.say(profile, 'never said')
    await flow.quiet()
    const event = flow.eventOf(profile, 'first words')
    alice.send(profile, {
      ...{ msgtype: 'm.text', body: '* better words' },
      'm.new_content': { msgtype: 'm.text', body: 'better words' },
      'm.relates_to': { rel_type: 'm.replace', event_id: event },
    })
    alice.redact(profile, flow.eventOf(profile, 'never said'))
    await flow.quiet()
    await flow.command(alice, 'export')
    await flow.minutes(1)
    const [sent] = await archives()
    const outbox = sent === undefined ? '' : textIn(sent, 'outbox.json')
    expect(outbox).toContain('better words')
    expect(outbox).not.toContain('first words')
    expect(outbox).not.toContain('never said')
  })

  test('comes in several files where one would be too large, with every file once', async () => {
    flow.homeserver.setUploadLimit(200_000)
    for (const name of ['a', 'b', 'c', 'd']) await picture(name, noise(60_000))
    await flow.command(alice, 'export')
    await flow.minutes(1)
    const sent = await archives()
    expect(sent.length).toBeGreaterThan(1)
    const names = sent
      .flatMap(({ files }) => Object.keys(files))
      .filter((name) => /^media/.test(name))
    expect(new Set(names).size).toBe(4)
    expect(names).toHaveLength(4)
    expect(sent.map(({ body }) => body.split('. ').at(-1))).toEqual([
      ...sent.slice(1).map(() => 'Another part follows.'),
      'That is everything.',
    ])
  })

  test('says how many files the homeserver has no more', async () => {
    await picture('cat', noise(300))
    flow.homeserver.purge('mxc://hs.test/cat')
    await flow.command(alice, 'export')
    await flow.minutes(1)
    const [sent] = await archives()
    expect(sent?.body).toContain('1 file could not be had.')
  })

  test('has nothing of anybody else, comes to nobody else, and not twice within an hour', async () => {
    const dora = flow.user('dora')
    await flow.publish(dora)
    alice.say(profile, 'only mine')
    await flow.quiet()
    const room = dora.createDm(alice.userId, bot)
    alice.join(room)
    await flow.quiet()
    dora.say(room, '!ap export')
    await flow.minutes(1)
    expect(flow.messages(room).map(({ content }) => content['msgtype'])).not.toContain('m.file')
    const all = flow.homeserver.uploads().map((mxc) => flow.homeserver.media(mxc)?.bytes)
    for (const bytes of all)
      expect(
        Object.values(unzipSync(bytes ?? Buffer.alloc(0)))
          .map((one) => strFromU8(one))
          .join(),
      ).not.toContain('only mine')
    expect(await flow.command(dora, 'export')).toEqual([
      expect.stringContaining('within this hour'),
    ])
  })
})

test('a published file is named in the outbox only where it is in the archive', async () => {
  await picture('cat', noise(300))
  await flow.command(alice, 'export')
  await flow.minutes(1)
  const [sent] = await archives()
  const outbox = sent === undefined ? '' : textIn(sent, 'outbox.json')
  expect(outbox).toContain('media_attachments/files/')
  expect(outbox).not.toContain(`${publicUrl}/media/`)
})
