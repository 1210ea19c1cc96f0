import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pngOf } from '../support/samples.ts'
import { makeCertificate } from './support/certificate.ts'
import { followAll, followedByAll, type Rooms, startCompany } from './support/company.ts'
import type { ControlledPeer } from './support/control-peer.ts'
import { findActor, received, receives } from './support/fediverse.ts'
import { type FileServer, startFileServer } from './support/files.ts'
import { endOf } from './support/jobs.ts'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import { makeMovedClock, type MovedClock } from './support/preloads.ts'
import { ask, bodiesIn, enter, ghostId, messagesIn, shown } from './support/scene.ts'
import type { SnacUser } from './support/snac.ts'
import type { Guest, Stack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

/** The domain of Fedify, which is below it; snac's is an address, and activitypub-express has its own. */
const loud = 'loud.localhost'
const [ofFedify, ofSnac, ofApex] = [`social.${loud}`, '127.0.0.1', 'dim.localhost']

const head = '#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n'

/** Whole servers that the admin keeps away, or lets in, in both directions. */
describeWith(['synapse', 'snac', 'apex', 'fedify'], 'a server', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let files: FileServer
  /** Has the list of blocks that somebody keeps. */
  let secured: FileServer
  let clock: MovedClock
  let alice: Guest
  let root: Guest
  let anna: SnacUser
  let me: string
  let profile: string
  let rooms: Rooms

  beforeAll(async () => {
    const certificate = await makeCertificate()
    clock = await makeMovedClock()
    const allow_http = ['localhost', ofFedify, ofSnac, ofApex]
    ;[files, secured] = await Promise.all([startFileServer(), startFileServer(certificate)])
    const company = await startCompany({
      stack: {
        admins: ['root'],
        // What is blocked may not be where the bridge is.
        host: 'localhost',
        env: { ...clock.env, NODE_EXTRA_CA_CERTS: certificate.certificate },
        settings: { network: { allow_http } },
      },
      apex: { accounts: ['dora'], host: ofApex },
      fedify: { accounts: ['carol', 'cleo', 'dina'], host: ofFedify },
    })
    ;({ stack, apex, fedify, alice, anna } = company)
    root = await stack.meet('root')
    rooms = await followAll(company)
    ;({ profile, aliceId: me } = await followedByAll(company))
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await Promise.all([stack.stop(), files.stop(), secured.stop()])
  })

  /** The list names these from now on; its address. */
  const named = (...domains: readonly string[]): string => {
    const lines = [head, ...domains.map((domain) => `${domain},suspend\n`)]
    return secured.put('blocks.csv', Buffer.from(lines.join('')), 'text/csv')
  }

  const everything = async ({ client }: Guest): Promise<string> =>
    JSON.stringify(await client.seen())
  /** Until a text stands in a room so many times. */
  const says = (room: string, text: string, times: number): Promise<true> =>
    waitUntil(
      `"${text}" to stand ${times} times in ${room}`,
      async () =>
        (await bodiesIn(alice.client, room)).filter((body) => body.includes(text)).length === times,
    )
  /** Until our inbox has refused something of Fedify. */
  async function refused(post: () => Promise<unknown>): Promise<void> {
    const since = (await fedify.requested()).length
    await post()
    await waitUntil('our inbox to refuse it', async () =>
      (await fedify.requested(since)).some(
        ({ method, url, status }) =>
          method === 'POST' && url.startsWith(stack.publicUrl) && status === 403,
      ),
    )
  }
  /** Its words are shown, and those of alice reach it. */
  async function passesBothWays(word: string): Promise<void> {
    await fedify.post('carol', { content: `${word} of carol` })
    await shown(alice.client, rooms.carol, `${word} of carol`)
    await alice.client.text(profile, `${word} to all`)
    await receives(fedify, 'Create', `${word} to all`)
  }
  /** Nothing of Fedify is shown, and nothing goes there, while activitypub-express hears and is heard. */
  async function passesNeitherWay(word: string): Promise<void> {
    await refused(() => fedify.post('carol', { content: `${word} of carol`, mentions: [me] }))
    await apex.post('dora', { content: `${word} of dora` })
    await shown(alice.client, rooms.dora, `${word} of dora`)
    await alice.client.text(profile, `${word} to all`)
    await receives(apex, 'Create', `${word} to all`)
    expect(await received(fedify, 'Create', `${word} to all`)).toEqual([])
    expect(await everything(alice)).not.toContain(`${word} of carol`)
    await expect(fedify.accounts.read('carol', me)).rejects.toThrow()
    await ask(alice, `follow ${fedify.account('dina').handle}`, 'nothing goes there or comes from')
  }
  /** What everybody may read there. */
  const about = async (): Promise<string> =>
    (await call({ url: `${stack.publicUrl}/about`, accept: 'text/html' })).text
  /** The list there is read anew once a minute. */
  async function aboutLater(): Promise<string> {
    await clock.later(61_000, { stack, peers: [apex, fedify] })
    return about()
  }
  const picture = (content: string) => {
    const url = files.put('cat.png', pngOf(9, 7), 'image/png')
    return { content, attachments: [{ url, mediaType: 'image/png', name: 'a cat' }] }
  }

  describe('that is silenced, without its files and reports', () => {
    const direct = (content: string) => ({ content, visibility: 'direct', mentions: [me] }) as const

    test('reaches who follows it alone, without pictures, and tells the admins nothing', async () => {
      await fedify.post('dina', { content: 'a stranger so far', mentions: [me] })
      const notifications = await enter(alice.client, 'Fediverse notifications')
      await shown(alice.client, notifications, 'a stranger so far')
      await ask(
        root,
        `block-domain ${loud} --silence --no-media --no-reports noise`,
        `${loud} is blocked: its people reach only those who follow them`,
      )
      for (const post of [direct('unheard'), { content: 'unheard', mentions: [me] }])
        expect(await endOf(stack, (await fedify.post('cleo', post)).activity)).toMatch(/^skipped/)
      const report = { objects: [me], to: me, content: 'a report of noise' }
      await endOf(stack, (await fedify.accounts.flag('cleo', report)).activity)
      await fedify.post('carol', picture('look at my cat'))
      const post = await shown(alice.client, rooms.carol, 'look at my cat')
      expect(post.content['msgtype']).toBe('m.text')
      const types = (await messagesIn(alice.client, rooms.carol)).map(
        ({ content: c }) => c['msgtype'],
      )
      expect(types).not.toContain('m.image')
      expect((await bodiesIn(alice.client, notifications)).join()).not.toContain('unheard')
      // No chat is opened, either.
      expect(await everything(alice)).not.toContain(ghostId(fedify.account('cleo').handle))
      await ask(root, 'reports', 'No report is open')
    })

    test('asks before its people follow, and hears whom they follow', async () => {
      const { handle } = fedify.account('cleo')
      await fedify.follow('cleo', me)
      await shown(alice.client, alice.management, `${handle} asks to follow you`)
      expect(await fedify.following('cleo')).toEqual([])
      await ask(alice, `approve ${handle}`, 'follows you now')
      await waitUntil('cleo follows', async () => (await fedify.following('cleo')).includes(me))
      await alice.client.text(profile, 'for the silenced, too')
      await receives(fedify, 'Create', 'for the silenced, too')
    })

    test('is heard by all once that is taken back', async () => {
      await ask(root, `unblock-domain ${loud}`, `${loud} is not blocked any more`)
      await fedify.post('dina', direct('a stranger who is heard'))
      const chat = await alice.client.waitForInvite(ghostId(fedify.account('dina').handle))
      await alice.client.join(chat)
      await shown(alice.client, chat, 'a stranger who is heard')
      await fedify.post('carol', picture('look at my cat again'))
      await alice.client.waitFor(
        ({ room_id, content }) => room_id === rooms.carol && content['msgtype'] === 'm.image',
        { what: 'the picture' },
      )
    })
  })

  describe('that is suspended', () => {
    const barred = 'The admin of this server has blocked'

    test('is cut off in both directions, with all below its domain; its rooms are told', async () => {
      const before = await fedify.post('carol', { content: 'from before' })
      await shown(alice.client, rooms.carol, 'from before')
      const how = '--obfuscate --public-comment "Sends noise." asked twice'
      await ask(root, `block-domain ${loud} ${how}`, 'Everybody reads: Sends noise.')
      await ask(
        root,
        `block-domain ${ofSnac} not for all`,
        'nothing comes from there, and nothing goes',
      )
      await says(rooms.carol, `${barred} ${loud}`, 1)
      await says(rooms.anna, `${barred} ${ofSnac}`, 1)
      await anna.note('suspended of anna')
      await apex.boost('dora', before.object, me)
      await passesNeitherWay('suspended')
      expect(await everything(alice)).not.toContain('suspended of anna')
      expect(await bodiesIn(alice.client, rooms.dora)).not.toContain('from before')
      expect(JSON.stringify(await anna.timeline())).not.toContain('suspended to all')
    })

    test('is named to everybody, in part or whole, with the words that are for them', async () => {
      const page = await about()
      expect(page).toMatch(/<td>l\*u\*\.localhost<\/td>[^]*<td>Sends noise\.<\/td>/)
      expect(page).toContain(`<td>${ofSnac}</td>`)
      for (const words of [loud, 'asked twice', 'not for all']) expect(page).not.toContain(words)
    })

    test('goes on where it was once that is taken back', async () => {
      for (const domain of [loud, ofSnac])
        await ask(root, `unblock-domain ${domain}`, `${domain} is not blocked any more`)
      await says(rooms.carol, `${loud} is not blocked any more`, 1)
      await passesBothWays('forgiven')
      await anna.reads('forgiven to all')
      await anna.note('forgiven of anna')
      await shown(alice.client, rooms.anna, 'forgiven of anna')
      const page = await aboutLater()
      for (const words of [loud, 'l*u*.localhost', ofSnac, 'Sends noise.'])
        expect(page).not.toContain(words)
    })
  })

  describe('on a list', () => {
    test('that is imported: is cut off, and named in part where the list says so', async () => {
      const text = `${head}${loud},suspend,,,spam,TRUE\n${ofSnac},silence,,,,FALSE\n`
      const url = await root.client.upload(Buffer.from(text), 'text/csv', 'blocks.csv')
      const info = { mimetype: 'text/csv', size: text.length }
      const content = { msgtype: 'm.file', url, body: 'blocks.csv', info }
      const file = await root.client.send(root.management, content)
      await root.client.reply(root.management, file, 'import-blocks --try')
      await shown(root.client, root.management, 'Nothing is changed yet')
      await passesBothWays('tried')
      await root.client.reply(root.management, file, 'import-blocks')
      await shown(root.client, root.management, 'Blocked 2 domains: 1 kept away, 1 silenced')
      await passesNeitherWay('imported')
      const page = await aboutLater()
      expect(page).toContain('l*u*.localhost')
      expect(page).toContain(ofSnac)
      expect(page).not.toContain(loud)
      const named = await ask(root, 'blocked-domains', 'Blocked domains')
      expect(named).toContain(`${loud}: nothing comes from there`)
      for (const domain of [loud, ofSnac])
        await ask(root, `unblock-domain ${domain}`, 'not blocked')
      await passesBothWays('taken back')
    })

    test('that others keep: is cut off, unless the admin lets it in, until the list is left', async () => {
      const list = named(loud)
      await ask(root, `blocklist try ${list}`, '1 domain: 1 kept away')
      await ask(root, `blocklist add ${list}`, 'Following the list')
      await passesNeitherWay('listed')
      await ask(root, `unblock-domain ${loud}`, `is blocked by the list ${list}`)
      await ask(root, `allow-domain ${ofFedify}`, `${ofFedify} is let in`)
      await passesBothWays('let in')
      await ask(root, `unblock-domain ${ofFedify}`, 'has no block of its own any more')
      await passesNeitherWay('listed again')
      await ask(root, `blocklist remove ${list}`, 'not followed any more')
      await passesBothWays('left')
    })
  })

  test('that no admin names, where only such are let in, is cut off until one does', async () => {
    await ask(root, 'register', 'you are now')
    await ask(root, `allow-domain ${ofApex}`, `${ofApex} is let in`)
    await stack.configure({ moderation: { allow_list: 'on' } })
    await passesNeitherWay('unnamed')
    await ask(root, `allow-domain ${loud}`, `${loud} is let in`)
    await passesBothWays('named')
    // What an admin is, others may know.
    const { body } = await call({ url: `${stack.publicUrl}/nodeinfo/2.1` })
    const staff = await findActor(stack.publicUrl, root.handle)
    expect(body).toMatchObject({ metadata: { staffAccounts: [staff] } })
    await stack.configure({ moderation: { allow_list: 'off' } })
    for (const domain of [loud, ofApex]) await ask(root, `unblock-domain ${domain}`, 'not blocked')
    await anna.note('everybody is let in')
    await shown(alice.client, rooms.anna, 'everybody is let in')
  })

  test('that a list names a day later is cut off then, and stays so when the list is broken', async () => {
    const aDay = 24 * 3_600_000 + 60_000
    const later = () => clock.later(aDay, { stack, peers: [apex, fedify] })
    const list = named('a.example', 'b.example')
    await ask(root, `blocklist add ${list}`, 'Following the list')
    await passesBothWays('unlisted')
    named('a.example', 'b.example', loud)
    await later()
    await shown(root.client, root.management, `names ${loud} now`)
    await passesNeitherWay('listed since')
    named('a.example')
    await later()
    await shown(root.client, root.management, 'was not taken: it names less than half')
    await passesNeitherWay('listed still')
  })
})
