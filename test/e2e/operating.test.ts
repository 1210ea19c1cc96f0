import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Collector, saidBy, startCollector, treeOf } from './support/collector.ts'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, noteIn, received, receives } from './support/fediverse.ts'
import { endOf } from './support/jobs.ts'
import { describeWith } from './support/peers.ts'
import { names } from './support/preloads.ts'
import { ask, follow, followedBy, openProfile, shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const refusal = "This server's admin has not enabled Footbridge for you."
const ofApex = 'dim.localhost'

/** What whoever runs the machine sees of the bridge and changes in it, while it goes on. */
describeWith(['synapse', 'apex', 'fedify'], 'a bridge in operation', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let collector: Collector
  let alice: Guest
  let me: string
  let profile: string
  let rooms: Readonly<Record<'carol' | 'dora', string>>

  beforeAll(async () => {
    collector = await startCollector()
    ;[stack, apex, fedify] = await Promise.all([
      startStack({
        env: names,
        settings: {
          network: { allow_http: ['127.0.0.1', ofApex] },
          permissions: { '@mallory:matrix.test': 'none' },
          tracing: { url: collector.url },
        },
      }),
      startApex({ accounts: ['dora', 'dan'], host: ofApex }),
      startFedify({ accounts: ['carol'] }),
    ])
    alice = await stack.meet('alice')
    profile = await openProfile(alice)
    me = await findActor(stack.publicUrl, alice.handle)
    const [carol, dora] = [fedify.account('carol'), apex.account('dora')]
    rooms = { carol: await follow(alice, carol), dora: await follow(alice, dora) }
    await Promise.all([fedify.follow('carol', me), apex.follow('dora', me)])
    await followedBy(alice, ['carol', 'dora'])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await stack.stop()
    await Promise.all([apex.stop(), fedify.stop(), collector.stop()])
  })

  const everything = async (): Promise<string> => JSON.stringify(await alice.client.seen())

  describe('tells OpenTelemetry', () => {
    /** The whole trace, once these are in it and nothing in it hangs in the air. */
    const traced = (key: string, expected: readonly string[]): Promise<readonly string[]> =>
      waitUntil(`the trace of ${key}`, () => {
        const tree = treeOf(collector.spans(), key)
        const isWhole = !tree.some((line) => line.startsWith('nothing'))
        return isWhole && expected.every((line) => tree.includes(line)) && tree
      })
    let note: string

    test('the way of a message from its event to the server of each follower', async () => {
      const event = await alice.client.text(profile, 'Tea is ready')
      note = noteIn(await receives(fedify, 'Create', 'Tea is ready')).id
      await receives(apex, 'Create', 'Tea is ready')
      const way = ['event', 'event > event try 1', 'event > delivery try 1']
      const tree = await traced(event, [...way, 'delivery try 1 > POST fediverse'])
      const posts = tree.filter((line) => line === 'delivery try 1 > POST fediverse')
      expect(posts).toHaveLength(2)
      const { traceId } =
        collector.spans().find((span) => saidBy(span, 'footbridge.key') === event) ?? {}
      const answers = collector
        .spans()
        .filter((span) => span.traceId === traceId && span.name === 'POST fediverse')
        .map((span) => [saidBy(span, 'server.address'), saidBy(span, 'http.response.status_code')])
      const hosts = [fedify, apex].map(({ url }) => new URL(url).host)
      expect(answers.map(([host]) => host).sort()).toEqual([...hosts].sort())
      for (const [, status] of answers) expect([200, 202]).toContain(status)
    })

    test('that of an answer from our inbox into the room', async () => {
      const reply = { content: 'with biscuits', mentions: [me], inReplyTo: note }
      const { activity } = await fedify.post('carol', reply)
      await shown(alice.client, profile, 'with biscuits')
      const way = ['activity', 'activity > activity try 1']
      await traced(activity, [...way, 'activity try 1 > PUT homeserver'])
    })

    test('whose they are, and nothing of what was said or of how we are let in', () => {
      const said = collector.text()
      expect(said).toContain('{"key":"service.name","value":{"stringValue":"footbridge"}}')
      const { asToken, hsToken } = stack.appservice
      for (const secret of ['Tea is', 'biscuits', asToken, hsToken, 'Bearer', 'keyId'])
        expect([secret, said.includes(secret)]).toEqual([secret, false])
    })
  })

  describe('that is told to read its configuration again (SIGHUP)', () => {
    const mallorysId = '@mallory:matrix.test'
    let mallory: Guest
    /** Where Mallory publishes. */
    let room: string

    /** Until our inbox has answered something that Fedify posts with that. */
    async function answers(status: number, post: () => Promise<unknown>): Promise<void> {
      const since = (await fedify.requested()).length
      await post()
      await waitUntil(`our inbox to answer ${status}`, async () =>
        (await fedify.requested(since)).some(
          (one) =>
            one.method === 'POST' && one.url.startsWith(stack.publicUrl) && one.status === status,
        ),
      )
    }
    const passesBothWays = async (word: string): Promise<void> => {
      await fedify.post('carol', { content: `${word} of carol` })
      await shown(alice.client, rooms.carol, `${word} of carol`)
      await alice.client.text(profile, `${word} to all`)
      await receives(fedify, 'Create', `${word} to all`)
    }

    test('lets in who was refused, on both networks', async () => {
      const client = await stack.homeserver.register('mallory')
      const chat = await client.createRoom({ is_direct: true, invite: [stack.botId] })
      const left = await client.waitFor(
        ({ room_id, state_key, content }) =>
          room_id === chat && state_key === stack.botId && content['membership'] === 'leave',
        { what: 'the bot leaving' },
      )
      expect(left.content['reason']).toBe(refusal)
      await stack.reload({ permissions: { [mallorysId]: 'user' } })
      mallory = await stack.welcome(client, 'mallory')
      room = await openProfile(mallory)
      const id = await findActor(stack.publicUrl, mallory.handle)
      await fedify.follow('carol', id)
      await followedBy(mallory, ['carol'])
      await client.text(room, 'let in at last')
      await receives(fedify, 'Create', 'let in at last')
    })

    test('sends nothing more of who was let in', async () => {
      await stack.reload({ permissions: { [mallorysId]: 'none' } })
      await mallory.client.text(room, 'not any more')
      await shown(mallory.client, room, "Not sent: this server's admin has not enabled")
      await ask(mallory, 'post nor so', 'has not enabled Footbridge for you')
      await passesBothWays('others go on')
      for (const text of ['not any more', 'nor so'])
        expect(await received(fedify, 'Create', text)).toEqual([])
    })

    test('makes an admin of who was none', async () => {
      await ask(alice, 'stats', 'I do not know')
      await stack.reload({ permissions: { [alice.client.userId]: 'admin' } })
      await ask(alice, 'stats', 'People here: ')
    })

    test('keeps away who is not named where only such are let in, and lets them in again', async () => {
      await ask(alice, `allow-domain ${ofApex}`, `${ofApex} is let in`)
      await stack.reload({ moderation: { allow_list: 'on' } })
      await answers(403, () => fedify.post('carol', { content: 'unnamed', mentions: [me] }))
      await apex.post('dora', { content: 'named of dora' })
      await shown(alice.client, rooms.dora, 'named of dora')
      await alice.client.text(profile, 'for who is named')
      await receives(apex, 'Create', 'for who is named')
      expect(await received(fedify, 'Create', 'for who is named')).toEqual([])
      expect(await everything()).not.toContain('unnamed')
      await stack.reload({ moderation: { allow_list: 'off' } })
      await passesBothWays('all are let in')
    })

    test('does not bring back who is on Matrix by another bridge', async () => {
      const dan = apex.account('dan')
      await stack.reload({ moderation: { matrix_bridges: [ofApex] } })
      await ask(alice, `follow ${dan.handle}`, 'is somebody on Matrix, whom another bridge shows')
      const { activity } = await apex.post('dora', { content: 'round and round' })
      expect(await endOf(stack, activity)).toMatch(/^skipped/)
      const { object } = await apex.post('dan', { content: 'and round again' })
      await ask(alice, `open ${object}`, 'leads to no post of the fediverse that I can read')
      await stack.reload({ moderation: { matrix_bridges: [] } })
      await ask(alice, `follow ${dan.handle}`, 'Requested')
      await passesBothWays('no bridge')
      for (const text of ['round and round', 'and round again'])
        expect(await everything()).not.toContain(text)
    })

    test('logs as much as it is told, and no more', async () => {
      const lines = (): number => stack.bridge.log().length
      await stack.reload({ logging: { level: 'error' } })
      const quiet = lines()
      await passesBothWays('said quietly')
      expect(lines()).toBe(quiet)
      await stack.reload({ logging: { level: 'debug' } })
      await passesBothWays('said aloud')
      await waitUntil('lines again', () => lines() > quiet + 1)
    })

    test('names what waits for the next start', async () => {
      await stack.reload({ limits: { posts_per_hour: 1 } })
      const line = stack.bridge.log().findLast(({ msg }) => String(msg).includes('read anew'))
      expect(line).toMatchObject({ waitForTheNextStart: ['limits'] })
      await passesBothWays('still as many')
    })

    test('says what is wrong with a broken one, and goes on with the one before', async () => {
      const broken = ['permissions:\n  matrix.test: [user\n', 'permissions:\n  matrix.test: king\n']
      for (const text of broken) {
        await writeFile(stack.configPath, text)
        expect(await stack.bridge.reload()).toMatchObject({
          level: 'error',
          msg: 'the configuration is wrong: the one before stays in force',
          problems: expect.arrayContaining([expect.stringMatching(/config\.yaml:\d/)]),
        })
      }
      await ask(alice, 'stats', 'People here: ')
      await ask(mallory, 'post nor now', 'has not enabled Footbridge for you')
      await passesBothWays('whatever the file says')
      await stack.reload({ permissions: { [alice.client.userId]: 'user' } })
      await ask(alice, 'stats', 'I do not know')
    })
  })
})
