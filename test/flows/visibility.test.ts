import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { Assembly } from '../../src/assembly.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, asObjectId, type RoomId } from '../../src/model/ids.ts'
import { pngOf } from '../support/samples.ts'
import { readReported, readStatuses } from './moderated.ts'
import { html, serve, type Served } from './served.ts'
import { createFlow, publicUrl, type Created, type Flow } from './setup.ts'
import { createMeasuring } from '../../src/metrics/meter.ts'
import { createRecordingTracer, textOf } from '../support/tracer.ts'

const visibilities = ['public', 'unlisted', 'followers', 'direct'] as const
type Visibility = (typeof visibilities)[number]

/** A post, and all by which it could be known: its words, its id, its activity and its file. */
type Post = { readonly name: string; readonly secrets: readonly string[] }

type Stage = {
  readonly flow: Flow
  readonly alice: FakeUser
  /** Here as well, and nothing to alice. */
  readonly dora: FakeUser
  /** Comes into each room of alice's once everything is written. */
  readonly late: FakeUser
  /** Follows alice; his posts are read by her. */
  readonly bob: Account
  /** Alice once answered her; she follows nobody. */
  readonly eve: Account
  readonly posts: readonly Post[]
  readonly ids: { readonly me: string; readonly root: string; readonly context: string }
  readonly own: Readonly<
    Record<Visibility, { readonly id: string; readonly create: string; readonly media: string }>
  >
  readonly rooms: { readonly direct: RoomId; readonly profile: RoomId }
  readonly log: readonly string[]
  readonly metrics: () => Promise<string>
  /** What was told of the ways of messages. */
  readonly traces: () => Promise<readonly ReadableSpan[]>
  /** What a stranger gets there, who signs; or with HTML, what a browser gets. */
  readonly get: (url: string, accept?: string) => Promise<string>
}

/** Of the four, those that may be seen by everybody who asks. */
const open = ['public', 'unlisted'] as const
const none: readonly string[] = []
const of = (who: string, seen: readonly Visibility[]): readonly string[] =>
  seen.map((visibility) => `${who} ${visibility}`)

type Output = {
  readonly name: string
  /** All text that comes out there. */
  readonly read: (stage: Stage) => Promise<string>
  /** Which of the posts are to be seen in it: no others, and no fewer. */
  readonly shows: readonly string[]
}

const readAll = async (texts: readonly Promise<string>[]): Promise<string> =>
  (await Promise.all(texts)).join('\n')

/** One row for each way out. Whatever shows posts in a new place adds its own. */
const outputs: readonly Output[] = [
  {
    name: 'the post, asked for by a stranger',
    read: ({ own, get }) => readAll(Object.values(own).map(({ id }) => get(id))),
    shows: of('alice', open),
  },
  {
    name: 'the activity that brought it',
    read: ({ own, get }) => readAll(Object.values(own).map(({ create }) => get(create))),
    shows: of('alice', open),
  },
  {
    name: 'the page of the post',
    read: ({ own, get }) => readAll(Object.values(own).map(({ id }) => get(id, html))),
    shows: of('alice', open),
  },
  {
    name: 'the page of the profile',
    read: ({ get }) => get(`${publicUrl}/@alice`, html),
    shows: of('alice', open),
  },
  {
    name: 'the feed of the profile',
    read: ({ get }) => get(`${publicUrl}/@alice/feed.atom`, 'application/atom+xml'),
    shows: of('alice', open),
  },
  {
    name: 'the outbox',
    read: ({ get, ids }) => get(`${ids.me}/outbox?page=1`),
    shows: of('alice', open),
  },
  {
    name: 'the replies of a public post',
    read: ({ get, ids }) => get(`${ids.root}/replies?page=1`),
    shows: [...of('alice', open), ...of('bob', open)],
  },
  {
    name: 'the conversation',
    read: ({ get, ids }) => get(`${ids.context}?page=1`),
    shows: [...of('alice', open), ...of('bob', open)],
  },
  {
    name: 'what is pinned, who follows, and the profile itself',
    read: ({ get, ids }) =>
      readAll(
        ['', '/featured', '/followers?page=1', '/following?page=1'].map((end) =>
          get(`${ids.me}${end}`),
        ),
      ),
    shows: none,
  },
  {
    name: 'NodeInfo and WebFinger',
    read: ({ get }) =>
      readAll(
        [
          '/nodeinfo/2.1',
          '/nodeinfo/2.0',
          '/.well-known/webfinger?resource=acct:alice@bridge.example',
        ].map((path) => get(`${publicUrl}${path}`)),
      ),
    shows: none,
  },
  {
    name: 'the page at the root and about',
    read: ({ get }) => readAll(['/', '/about'].map((path) => get(`${publicUrl}${path}`, html))),
    shows: none,
  },
  {
    name: 'what is delivered to a server of no follower',
    read: async ({ flow, eve }) => JSON.stringify(flow.received(eve)),
    shows: none,
  },
  {
    name: 'the link of a post, opened by somebody else here',
    read: async ({ flow, dora, own }) => {
      const answers: string[] = []
      for (const { id } of Object.values(own))
        answers.push(...(await flow.command(dora, `open ${id}`)))
      const seen = dora.rooms('join').concat(dora.rooms('invite'))
      for (const room of dora.rooms('invite')) dora.join(room)
      return seen
        .map((room) => JSON.stringify(dora.timeline(room)))
        .join()
        .replaceAll(/"body":"open [^"]*"/g, '')
    },
    shows: none,
  },
  {
    name: 'every room of somebody else here',
    read: async ({ dora }) =>
      [...dora.rooms('join')]
        .map((room) => JSON.stringify(dora.timeline(room)))
        .join()
        .replaceAll(/"body":"open [^"]*"/g, ''),
    shows: none,
  },
  {
    name: 'a private chat, for whoever would come into it later',
    read: async ({ flow, alice, late, rooms }) => {
      expect(() => alice.invite(rooms.direct, late.userId)).toThrow()
      const visibility = flow.homeserver.state(rooms.direct, 'm.room.history_visibility')
      expect(visibility).toMatchObject({ history_visibility: 'invited' })
      return JSON.stringify(late.timeline(rooms.direct))
    },
    shows: none,
  },
  {
    name: 'the room of an account, for who does not follow it',
    read: async ({ flow, dora, bob }) => {
      const portal = flow.portalOf(bob)
      expect(() => dora.join(portal)).toThrow()
      return ''
    },
    shows: none,
  },
  {
    name: 'the room of an account, for who follows it later',
    read: async ({ flow, late, bob }) =>
      JSON.stringify(late.timeline(await flow.follow(late, bob))),
    shows: of('bob', ['public', 'unlisted', 'followers']),
  },
  {
    name: 'an export of somebody else',
    read: async ({ flow, dora }) => {
      await flow.command(dora, 'register')
      await flow.command(dora, 'export')
      await flow.minutes(1)
      const file = flow
        .messages(await flow.chat(dora))
        .find(({ content }) => content['msgtype'] === 'm.file')
      const { bytes } = flow.homeserver.media(String(file?.content['url'])) ?? {}
      const files = Object.entries(unzipSync(bytes ?? Buffer.alloc(0)))
      expect(files.map(([name]) => name)).toContain('outbox.json')
      return files.map(([name, text]) => name + strFromU8(text)).join()
    },
    shows: none,
  },
  {
    name: 'the export of who wrote it',
    read: async ({ flow, alice }) => {
      await flow.command(alice, 'export')
      await flow.minutes(1)
      const file = flow
        .messages(await flow.chat(alice))
        .find(({ content }) => content['msgtype'] === 'm.file')
      const { bytes } = flow.homeserver.media(String(file?.content['url'])) ?? {}
      return Object.values(unzipSync(bytes ?? Buffer.alloc(0)))
        .map((text) => strFromU8(text))
        .join()
    },
    shows: of('alice', visibilities),
  },
  {
    name: 'the numbers for Prometheus',
    read: async ({ metrics }) => {
      const text = await metrics()
      expect(text).toMatch(/footbridge_jobs_total\{kind="event",[^}]*\} [1-9]/)
      return text
    },
    shows: none,
  },
  {
    name: 'the room where admins read reports, when each of the posts is reported',
    read: readReported,
    shows: [...of('alice', open), ...of('bob', open)],
  },
  {
    name: 'the events that say what became of each message',
    read: readStatuses,
    shows: none,
  },
  // Last: what she types stands in her chat.
  {
    name: 'what somebody else here finds',
    read: async ({ flow, dora, posts, own }) => {
      const found: string[] = []
      for (const { secrets } of posts)
        found.push(...(await flow.command(dora, `search ${secrets[0] ?? ''}`)))
      for (const { id } of Object.values(own)) await flow.command(dora, `resolve ${id}`)
      // What was asked for stands in an answer that finds nothing.
      expect(found.every((text) => text.length > 0)).toBe(true)
      return found.join('\n').replaceAll(/`[^`]*`/g, '')
    },
    shows: none,
  },
]

let stage: Stage
let served: Served

async function play(): Promise<Stage> {
  const log: string[] = []
  let assembly: Assembly | undefined
  const measuring = createMeasuring('1')
  const { tracer, traces } = createRecordingTracer(() => flow.time.now())
  const options = { appservice: { sendsStatus: true }, meter: measuring.meter, tracer }
  const trace = (line: () => string) => void log.push(line())
  const sabotage = (running: Assembly) => void (assembly = running)
  const flow = await createFlow({}, { ...options, trace, sabotage })
  const [alice, dora, late] = [flow.user('alice'), flow.user('dora'), flow.user('late')]
  const bob = flow.account('bob', 'remote.example')
  const eve = flow.account('eve', 'evil.example')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  await flow.follow(alice, bob)
  // As open as she may be.
  for (const line of ['settings web_page on', 'profile discoverable on', 'profile indexable on'])
    await flow.command(alice, line)
  const me = await flow.actorOf(alice)
  const last = (): Created => flow.received(bob, 'Create').at(-1) as unknown as Created
  alice.say(profile, `hello ${eve.handle}`)
  await flow.quiet()
  const { id: root, context } = last().object
  const rootEvent = flow.eventOf(profile, `hello ${eve.handle}`)
  await flow.command(alice, `dm ${bob.handle}`)
  const participants = [
    { kind: 'user', userId: alice.userId },
    { kind: 'actor', actorId: asActorId(bob.id) },
  ] as const
  const direct = (await flow.store.findPortal({ kind: 'direct', participants }))?.roomId
  if (direct === undefined) throw new Error('no chat')
  alice.join(direct)
  await flow.quiet()
  const own: Record<string, { id: string; create: string; media: string }> = {}
  const posts: Post[] = []
  for (const visibility of visibilities) {
    const words = `alices ${visibility} words`
    const url = `mxc://hs.test/${visibility}`
    flow.homeserver.addMedia(url, pngOf(4, 3, 10))
    const picture = {
      msgtype: 'm.image',
      body: words,
      filename: 'x.png',
      url,
      info: { mimetype: 'image/png' },
    }
    if (visibility === 'direct') {
      alice.send(direct, picture)
    } else {
      await flow.command(alice, `settings visibility ${visibility}`)
      const relation = { 'm.in_reply_to': { event_id: rootEvent } }
      alice.send(profile, { ...picture, 'm.relates_to': relation })
    }
    await flow.quiet()
    const { id: create, object } = last()
    const media = object.attachment[0]?.url ?? 'no file'
    expect(JSON.stringify(object)).toContain(words)
    expect(await flow.store.findObject(asObjectId(object.id))).toMatchObject({ visibility })
    own[visibility] = { id: object.id, create, media }
    const secrets = [words, object.id, create, media]
    if (visibility !== 'direct') {
      const alone = `only ${visibility} words`
      await flow.command(alice, `post --visibility ${visibility} ${alone}`)
      secrets.push(alone, last().object.id)
    }
    posts.push({ name: `alice ${visibility}`, secrets })
  }
  const mentions = [{ id: me, name: '@alice@bridge.example' }]
  for (const visibility of visibilities) {
    const words = `bobs ${visibility} words`
    const sent = bob.post({
      ...{ content: words, visibility, inReplyTo: root, mentions },
      extra: { context },
    })
    await flow.tell(sent)
    posts.push({ name: `bob ${visibility}`, secrets: [words, sent.object] })
  }
  if (assembly === undefined) throw new Error('nothing runs')
  served = await serve(assembly, { flow, by: eve })
  const { get } = served
  return {
    ...{ flow, alice, dora, late, bob, eve, posts, log, get, traces },
    metrics: () => measuring.read(async () => undefined),
    ids: { me, root, context },
    own: own as Stage['own'],
    rooms: { direct, profile },
  }
}

beforeAll(async () => {
  stage = await play()
})
afterAll(async () => {
  stage.flow.close()
  await served.close()
})

const seenIn = (text: string): readonly string[] =>
  stage.posts
    .filter(({ secrets }) => secrets.some((one) => text.includes(one)))
    .map(({ name }) => name)

const saidIn = (text: string): readonly string[] =>
  stage.posts.flatMap(({ secrets: [words = ''] }) => (text.includes(words) ? words : []))

describe('who may see what', () => {
  test.each(outputs)('$name', async ({ read, shows }) => {
    expect([...seenIn(await read(stage))].sort()).toEqual([...shows].sort())
  })

  test('no word of a post is in the log', () => {
    expect(stage.log.length).toBeGreaterThan(20)
    expect(saidIn(stage.log.join('\n'))).toEqual([])
  })

  test('no word of a post is in the traces', async () => {
    const traces = await stage.traces()
    expect(traces.length).toBeGreaterThan(20)
    expect(saidIn(textOf(traces))).toEqual([])
  })

  test('the file of a post can be had by its URL alone, which nobody guesses', async () => {
    for (const { media } of Object.values(stage.own)) expect(media).toMatch(/\/media\/[\w-]{22}$/)
  })
})
