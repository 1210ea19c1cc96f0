import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { strFromU8, unzipSync } from 'fflate'
import type { Account } from '../fakes/fediverse.ts'
import type { Assembly } from '../../src/assembly.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createMeasuring } from '../../src/metrics/meter.ts'
import { asEventId } from '../../src/model/ids.ts'
import { accountOn, agree, openGroup } from './group-stage.ts'
import { html, serve, type Served } from './served.ts'
import { createFlow, publicUrl, type Flow } from './setup.ts'

/** What somebody said, and all by which it could be known. */
type Post = { readonly name: string; readonly secrets: readonly string[] }

type Stage = Served & {
  readonly flow: Flow
  /** Opened the room, and agreed to appear. */
  readonly gina: FakeUser
  /** In the room, and did not agree; has an account all the same. */
  readonly hugo: FakeUser
  readonly room: RoomId
  readonly group: string
  readonly hugosId: string
  /** Follow the group, each by another kind of server. */
  readonly fred: Account
  readonly lou: Account
  readonly posts: readonly Post[]
  readonly notes: readonly string[]
  readonly log: readonly string[]
  readonly metrics: () => Promise<string>
}

const all = ['carl', 'gina'] as const

type Output = {
  readonly name: string
  readonly read: (stage: Stage) => Promise<string>
  /** Whose posts are to be seen in it: of nobody else, and of no fewer. */
  readonly shows: readonly string[]
  /** The same once the room is closed. */
  readonly later?: readonly string[]
}

const readAll = async (texts: readonly Promise<string>[]): Promise<string> =>
  (await Promise.all(texts)).join('\n')

const exportOf = async ({ flow }: Stage, user: FakeUser): Promise<string> => {
  await flow.command(user, 'export')
  await flow.minutes(1)
  const file = flow
    .messages(await flow.chat(user))
    .findLast(({ content }) => content['msgtype'] === 'm.file')
  const { bytes } = flow.homeserver.media(String(file?.content['url'])) ?? {}
  const files = Object.values(unzipSync(bytes ?? Buffer.alloc(0)))
  expect(files.length).toBeGreaterThan(0)
  return files.map((text) => strFromU8(text)).join()
}

/** One row for each way out. */
const outputs: readonly Output[] = [
  {
    name: 'the outbox of the group',
    read: ({ get, group }) => get(`${group}/outbox?page=1`),
    shows: all,
    later: [],
  },
  {
    name: 'the group, who follows it and what it has pinned',
    read: ({ get, group }) =>
      readAll(['', '/followers?page=1', '/featured'].map((end) => get(`${group}${end}`))),
    shows: [],
    later: [],
  },
  {
    name: 'the page of the group and its feed',
    read: ({ get }) =>
      readAll(['/@cats', '/@cats/feed.atom'].map((path) => get(`${publicUrl}${path}`, html))),
    // What others wrote stands on their own pages.
    shows: ['gina'],
    later: [],
  },
  {
    name: 'what comes to a server of groups',
    read: async ({ flow, lou }) => JSON.stringify(flow.received(lou)),
    shows: all,
  },
  {
    name: 'what comes to any other server',
    read: async ({ flow, fred }) => JSON.stringify(flow.received(fred)),
    shows: all,
  },
  {
    name: 'the posts, asked for by anybody',
    read: ({ get, notes }) => readAll(notes.map((id) => get(id))),
    shows: ['gina'],
    // Closing takes the room away, not what its members said.
    later: ['gina'],
  },
  {
    name: 'what answers them, and their conversations',
    read: async ({ get, notes, flow }) => {
      const contexts = await Promise.all(
        notes.map(async (id) => (await flow.store.findObject(id as never))?.context ?? id),
      )
      return readAll(
        [...notes.map((id) => `${id}/replies`), ...contexts].map((id) => get(`${id}?page=1`)),
      )
    },
    shows: ['gina'],
    later: ['gina'],
  },
  {
    name: 'the outbox and the page of who did not agree',
    read: ({ get, hugosId }) =>
      readAll([get(`${hugosId}/outbox?page=1`), get(`${publicUrl}/@hugo`, html)]),
    shows: [],
    later: [],
  },
  {
    name: 'NodeInfo, and the pages of the server',
    read: ({ get }) =>
      readAll(['/nodeinfo/2.1', '/', '/about'].map((path) => get(`${publicUrl}${path}`, html))),
    shows: [],
    later: [],
  },
  {
    name: 'the export of who agreed',
    read: (stage) => exportOf(stage, stage.gina),
    shows: ['gina'],
  },
  {
    name: 'the export of who did not',
    read: (stage) => exportOf(stage, stage.hugo),
    shows: [],
  },
  {
    name: 'what the bridge keeps',
    read: async ({ flow }) => JSON.stringify(flow.rows()),
    shows: all,
  },
  {
    name: 'the numbers for Prometheus',
    read: ({ metrics }) => metrics(),
    shows: [],
  },
]

let stage: Stage

async function play(): Promise<Stage> {
  const log: string[] = []
  let assembly: Assembly | undefined
  const measuring = createMeasuring('1')
  const trace = (line: () => string) => void log.push(line())
  const sabotage = (running: Assembly) => void (assembly = running)
  const flow = await createFlow({}, { meter: measuring.meter, trace, sabotage })
  const [gina, hugo] = [flow.user('gina'), flow.user('hugo')]
  const { roomId: room, id: group } = await openGroup(flow, gina, hugo)
  const [fred, lou] = [accountOn(flow, 'fred', 'mastodon'), accountOn(flow, 'lou', 'lemmy')]
  const carl = flow.account('carl', 'carl.example')
  await flow.tell(fred.follow(group), lou.follow(group))
  await agree(flow, room, gina)
  for (const user of [gina, hugo])
    for (const line of ['register', 'settings web_page on', 'profile discoverable on'])
      await flow.command(user, line)
  const said = async (words: string, say: () => string): Promise<string> => {
    const event = say()
    await flow.quiet()
    const mapping = await flow.store.findMappingByEvent(room, asEventId(event))
    return mapping?.remoteId ?? words
  }
  const first = await said('ginas words', () => gina.say(room, 'ginas words'))
  const silent = hugo.say(room, 'hugos words')
  await flow.quiet()
  hugo.reply(room, flow.eventOf(room, 'ginas words'), 'hugos answer')
  hugo.edit(room, silent, 'hugos edit')
  hugo.react(room, flow.eventOf(room, 'ginas words'), '🦔')
  const pill = (to: string, name: string) => `<a href="https://matrix.to/#/${to}">${name}</a>`
  const pilled = await said('ginas hello', () =>
    gina.send(room, {
      msgtype: 'm.text',
      body: `[Hugo Private](https://matrix.to/#/${hugo.userId}), ${hugo.userId}: ginas hello`,
      format: 'org.matrix.custom.html',
      formatted_body: `${pill(hugo.userId, 'Hugo Private')}, ${hugo.userId}: ginas hello`,
    }),
  )
  const second = await said('ginas answer', () => gina.reply(room, silent, 'ginas answer'))
  const extra = {
    audience: group,
    to: ['https://www.w3.org/ns/activitystreams#Public'],
    cc: [group],
  }
  const sent = carl.post({ content: 'carls words', extra })
  await flow.tell(sent)
  if (assembly === undefined) throw new Error('nothing runs')
  // Whom nobody knows would be looked up first, which takes time here.
  return {
    ...(await serve(assembly, { flow, by: carl })),
    ...{ flow, gina, hugo, room, group, fred, lou, log },
    hugosId: await flow.actorOf(hugo),
    notes: [first, pilled, second],
    posts: [
      {
        name: 'gina',
        secrets: ['ginas words', 'ginas hello', 'ginas answer', first, pilled, second],
      },
      { name: 'carl', secrets: ['carls words', sent.object] },
      { name: 'hugo', secrets: ['hugos words', 'hugos answer', 'hugos edit', '🦔'] },
    ],
    metrics: () => measuring.read(async () => undefined),
  }
}

beforeAll(async () => {
  stage = await play()
})
afterAll(async () => {
  stage.flow.close()
  await stage.close()
})

const seenIn = (text: string): readonly string[] =>
  stage.posts
    .filter(({ secrets }) => secrets.some((one) => text.includes(one)))
    .map(({ name }) => name)
    .sort()

describe('of what is said in a room that is a group', () => {
  test.each(outputs)('$name', async ({ read, shows }) => {
    expect(seenIn(await read(stage))).toEqual(shows)
  })

  test('nobody learns who else is there, not even from who has agreed', async () => {
    const { flow, fred, lou, gina, hugo, hugosId, get, notes } = stage
    const told = await readAll([
      ...notes.map((id) => get(id)),
      Promise.resolve(JSON.stringify([flow.received(fred), flow.received(lou)])),
      Promise.resolve(JSON.stringify(flow.rows()['object'])),
    ])
    expect(told).toContain('somebody, somebody: ginas hello')
    const names = ['Hugo Private', hugo.userId, encodeURIComponent(hugo.userId), hugosId, '@hugo']
    expect(names.filter((name) => told.includes(name))).toEqual([])
    expect(told).toContain(await flow.actorOf(gina))
  })

  test('no word is in the log', () => {
    const words = ['ginas words', 'ginas answer', 'carls words', 'hugos words', 'hugos answer']
    expect(stage.log.length).toBeGreaterThan(20)
    expect(words.filter((one) => stage.log.join('\n').includes(one))).toEqual([])
  })

  describe('once it is closed', () => {
    beforeAll(async () => {
      const { flow, gina, room } = stage
      gina.say(room, '!ap group close confirm')
      await flow.minutes(1)
    })

    test.each(outputs.filter(({ later }) => later !== undefined))(
      '$name',
      async ({ read, later }) => {
        expect(seenIn(await read(stage))).toEqual(later)
      },
    )

    test('nothing more leaves it', async () => {
      const { flow, gina, room, fred, lou } = stage
      const before = [fred, lou].map((one) => flow.received(one).length)
      gina.say(room, 'among us again')
      await flow.minutes(1)
      expect([fred, lou].map((one) => flow.received(one).length)).toEqual(before)
      expect(JSON.stringify(flow.rows())).not.toContain('among us again')
    })
  })
})
