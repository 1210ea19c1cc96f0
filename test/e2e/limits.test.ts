import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { findActor, received, receives } from './support/fediverse.ts'
import { call } from './support/json-http.ts'
import type { MatrixClient } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { makeMovedClock, type MovedClock } from './support/preloads.ts'
import {
  ask,
  bodiesIn,
  editedTo,
  follow,
  ghostId,
  idOf,
  membership,
  openProfile,
  portalAlias,
  redacted,
  shown,
  told,
} from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'

const refusal = "This server's admin has not enabled Footbridge for you."
const hour = 3_600_000
const minute = 60_000
const imported = ['ines', 'ivan', 'iris']

/** What the admin lets users do, how often, and since when they are here. */
describeWith(['synapse', 'apex', 'fedify'], 'what users may do', () => {
  let stack: Stack
  let apex: ControlledPeer
  let fedify: ControlledPeer
  let clock: MovedClock

  beforeAll(async () => {
    clock = await makeMovedClock()
    ;[stack, apex, fedify] = await Promise.all([
      startStack({
        admins: ['root'],
        env: clock.env,
        settings: { limits: { posts_per_hour: 3, follows_per_hour: 2, mentions_per_hour: 2 } },
      }),
      startApex({ accounts: ['dora'] }),
      startFedify({ accounts: ['carol', 'cleo', 'dina', ...imported] }),
    ])
  })
  afterAll(async () => {
    if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
    await stack.stop()
  })

  const later = (ms: number): Promise<void> => clock.later(ms, { stack, peers: [apex, fedify] })

  describe('by permissions', () => {
    const permit = (reader: 'follow' | 'user') =>
      stack.permit({
        'matrix.test': 'user',
        '@root:matrix.test': 'admin',
        '@mallory:matrix.test': 'none',
        '@reader:matrix.test': reader,
      })
    let mallory: MatrixClient
    let reader: Guest
    let portal: string
    let post: string

    beforeAll(async () => {
      mallory = await stack.homeserver.register('mallory')
      await permit('follow')
      reader = await stack.meet('reader')
    })

    /** Somebody is invited into a private chat, and says why they do not come. */
    async function comesNot(client: MatrixClient, who: string, why: string): Promise<void> {
      const chat = await client.createRoom({ is_direct: true, invite: [who] })
      await client.text(chat, 'from nobody')
      const { content } = await client.waitFor(
        ({ room_id, state_key, content: { membership: is } }) =>
          room_id === chat && state_key === who && is === 'leave',
        { what: `${who} leaving` },
      )
      expect(content['reason']).toBe(why)
    }

    test('follow: reads, and neither answers, reacts, writes nor publishes', async () => {
      const carol = fedify.account('carol')
      portal = await follow(reader, carol)
      const { object } = await fedify.post('carol', { content: 'for all readers' })
      post = idOf(await shown(reader.client, portal, 'for all readers'))
      await reader.client.react(portal, post, '❤️')
      await reader.client.threadReply(portal, post, 'from nobody')
      await shown(reader.client, portal, 'Not sent')
      await ask(reader, 'publish', 'I do not know')
      await ask(reader, `dm ${carol.handle}`, 'I do not know')
      const why =
        "Not sent: this server's admin lets you follow and read here, and not publish or write."
      await comesNot(reader.client, ghostId(carol.handle), why)
      expect(await received(fedify, 'Create', 'from nobody')).toEqual([])
      expect(await received(fedify, 'Like', object)).toEqual([])
    })

    test('none: nobody comes, no room lets them in, and nobody finds them', async () => {
      await comesNot(mallory, stack.botId, refusal)
      const { handle } = fedify.account('carol')
      await comesNot(mallory, ghostId(handle), refusal)
      await mallory.knock(portalAlias(handle))
      await membership(reader.client, portal, { of: mallory.userId, is: 'leave' })
      const resource = `acct:mallory@${stack.handleDomain}`
      const url = `${stack.publicUrl}/.well-known/webfinger?resource=${encodeURIComponent(resource)}`
      expect((await call({ url })).status).toBe(404)
      expect(await received(fedify, 'Create', 'from nobody')).toEqual([])
    })

    test('user and admin: who may do more does it at once, and only admins what is theirs', async () => {
      await ask(reader, 'stats', 'I do not know')
      const root = await stack.meet('root')
      await ask(root, 'stats', 'People here: ')
      await permit('user')
      await reader.client.threadReply(portal, post, 'from somebody')
      await receives(fedify, 'Create', 'from somebody')
      await ask(reader, 'stats', 'I do not know')
    })
  })

  describe('within an hour', () => {
    let alice: Guest
    let bea: Guest
    let root: Guest
    let rooms: Readonly<Record<'alice' | 'bea', string>>
    /** Who brought a list, the last account on it, and what tells how far it is. */
    let ivys: { readonly guest: Guest; readonly third: string; readonly notice: string }

    beforeAll(async () => {
      ;[alice, bea, root] = [
        await stack.meet('alice'),
        await stack.meet('bea'),
        await stack.meet('chief'),
      ]
      await stack.permit({ 'matrix.test': 'user', [root.client.userId]: 'admin' })
      rooms = { alice: await openProfile(alice), bea: await openProfile(bea) }
    })
    /** When somebody asked to follow, by the clock of the bridge. */
    function askedAt(follower: string): readonly number[] {
      const database = new Sqlite(stack.databasePath, { readonly: true })
      const sql = 'select requested_at from follow where follower = ? order by requested_at'
      const all = database.prepare(sql).pluck().all(follower).map(Number)
      database.close()
      return all
    }
    const name = (...who: readonly string[]): string =>
      who.map((one) => fedify.account(one).handle).join(' ')

    test('posts beyond the limit are not sent, and a restart forgives nothing', async () => {
      const carol = name('carol')
      for (const word of ['one', 'two', 'three'])
        await alice.client.text(rooms.alice, `alice says ${word} ${carol}`)
      await receives(fedify, 'Create', 'alice says three')
      await stack.bridge.restart()
      await alice.client.text(rooms.alice, `alice says four ${carol}`)
      await shown(alice.client, rooms.alice, 'Not sent: you have written 3 posts and messages')
      for (const word of ['one', 'two', 'three', 'four'])
        await ask(root, `post the chief says ${word} ${carol}`, 'Published')
      await receives(fedify, 'Create', 'the chief says four')
      expect(await received(fedify, 'Create', 'alice says four')).toEqual([])
    })

    test('so are follows, and mentions of more people', async () => {
      for (const who of ['carol', 'cleo']) await ask(alice, `follow ${name(who)}`, 'Requested')
      await ask(alice, `follow ${apex.account('dora').handle}`, 'Not asked: you have asked to')
      await bea.client.text(rooms.bea, `bea says hello ${name('carol', 'cleo')}`)
      await receives(fedify, 'Create', 'bea says hello')
      await bea.client.text(rooms.bea, `bea says hello too ${name('dina')}`)
      await shown(bea.client, rooms.bea, 'you would have named more than 2 people')
      await bea.client.text(rooms.bea, `bea says hello again ${name('carol')}`)
      await receives(fedify, 'Create', 'bea says hello again')
      expect(await received(fedify, 'Create', 'bea says hello too')).toEqual([])
      expect(await received(apex, 'Follow', 'dora')).toEqual([])
    })

    test('a list of follows goes on where it was, however the bridge ends, as fast as it may', async () => {
      const ivy = await stack.meet('ivy')
      const lines = imported.map((who) => `${fedify.account(who).handle.slice(1)},true,false,`)
      const list = ['Account address,Show boosts,Notify on new posts,Languages', ...lines].join(
        '\n',
      )
      const url = await ivy.client.upload(Buffer.from(list), 'text/csv', 'follows.csv')
      const info = { mimetype: 'text/csv', size: list.length }
      const file = { msgtype: 'm.file', url, filename: 'follows.csv', info }
      await ivy.client.send(ivy.management, { ...file, body: 'import follows' })
      const notice = await shown(ivy.client, ivy.management, 'Import of follows: 0 of 3')
      const [first = '', second = '', third = ''] = imported.map((who) => fedify.account(who).id)
      await receives(fedify, 'Follow', first)
      await stack.bridge.kill9()
      await stack.bridge.restart()
      await receives(fedify, 'Follow', second)
      await stack.bridge.kill9()
      await stack.bridge.restart()
      await ask(ivy, 'import', 'Import of follows: 2 of 3, about 30 minutes left')
      ivys = { guest: ivy, third, notice: idOf(notice) }
    })

    test('all of it goes on when the hour is over', async () => {
      expect(await received(fedify, 'Follow', ivys.third)).toEqual([])
      await later(hour + minute)
      await alice.client.text(rooms.alice, `alice says five ${name('carol')}`)
      await receives(fedify, 'Create', 'alice says five')
      await ask(alice, `follow ${apex.account('dora').handle}`, 'Requested')
      await receives(apex, 'Follow', 'dora')
      await bea.client.text(rooms.bea, `bea says hello at last ${name('dina')}`)
      await receives(fedify, 'Create', 'bea says hello at last')
      await receives(fedify, 'Follow', ivys.third)
      await told(ivys.guest, 'Followed 3 of 3 accounts of your list.')
      await editedTo(ivys.guest.client, ivys.notice, 'Import of follows: 3 of 3.')
      const said = await bodiesIn(ivys.guest.client, ivys.guest.management)
      for (const once of ['Import of follows: 0 of 3', 'Followed 3 of 3'])
        expect(said.filter((body) => body.startsWith(once))).toHaveLength(1)
      const her = await findActor(stack.publicUrl, ivys.guest.handle)
      const asked = (await received(fedify, 'Follow', fedify.url)).filter(
        (one) => one.actor === her,
      )
      const [one = 0, two = 0, three = 0] = askedAt(her)
      // Ten a minute, and two an hour.
      expect([two - one >= 6_000, three - one >= hour]).toEqual([true, true])
      const ids = imported.map((who) => fedify.account(who).id)
      expect([...new Set(asked.map(({ object }) => object))]).toEqual(ids)
      expect(new Set(asked.map((one) => one.id)).size).toBe(ids.length)
    })
  })

  describe('within a day', () => {
    test('who is new may do less, reads until when, and then as much as others', async () => {
      await stack.configure({
        new_accounts: { age: 24, posts_per_hour: 1, follows_per_hour: 1, mentions_per_hour: 1 },
        limits: { posts_per_hour: 300, follows_per_hour: 100, mentions_per_hour: 200 },
      })
      const noah = await stack.meet('noah')
      const [carol, cleo] = [fedify.account('carol').handle, fedify.account('cleo').handle]
      const until = 'You are new here: in 24 hours'
      await ask(noah, `follow ${carol}`, 'Requested')
      expect(await ask(noah, `follow ${cleo}`, 'Not asked')).toContain(until)
      expect(await ask(noah, `post for ${carol} and ${cleo}`, 'Not sent')).toContain(until)
      await ask(noah, `post noah says one ${carol}`, 'Published')
      expect(await ask(noah, `post noah says two ${carol}`, 'Not sent')).toContain(until)
      await later(24 * hour + minute)
      await ask(noah, `follow ${cleo}`, 'Requested')
      await ask(noah, `post noah says three ${carol} ${cleo}`, 'Published')
      await ask(noah, `post noah says four ${carol}`, 'Published')
      await receives(fedify, 'Create', 'noah says four')
      expect(await received(fedify, 'Create', 'noah says two')).toEqual([])
    })

    test('what an account says of itself without a word to us is found, and obeyed', async () => {
      const mia = await stack.meet('mia')
      const portal = await follow(mia, fedify.account('dina'))
      await fedify.post('dina', { content: 'words of dina' })
      const post = idOf(await shown(mia.client, portal, 'words of dina'))
      await fedify.accounts.describe('dina', { summary: 'no longer: #nobridge' }, false)
      await later(24 * hour + minute)
      await redacted(mia.client, post)
      const { handle, id } = fedify.account('dina')
      await membership(mia.client, portal, { of: ghostId(handle), is: 'leave' })
      await receives(fedify, 'Undo', id)
    })
  })
})
